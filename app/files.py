"""The data directory: what stands where, held by one service at a time; the key file is made at the first start."""

import fcntl
import secrets
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from app.file_lock import FileLock, is_held
from app.key_change import settle
from app.private_file import write_private
from core.errors import ConfigurationError, ConflictError
from registry.homes import Home
from store.cipher import FieldCipher
from store.truth.database import Truth

ANOTHER_DIRECTORY = (
    "另用一个目录 use another --data-dir: 虚构的人不与真实的人混在一起 made-up people never mix with real ones"
)


class DataFiles:
    """Paths below one data directory."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.journal = data_dir / "journal.sqlite"
        self.truth = data_dir / "truth.sqlite"
        self.series = data_dir / "series.duckdb"
        self.influx = data_dir / "influx.sqlite"
        self.definitions = data_dir / "definitions.sqlite"
        self.key = data_dir / "shouwang.key"
        self.sheets = data_dir / "sheets"
        self.last_good_rules = data_dir / "rules-in-force.toml"
        self.last_good_ladders = data_dir / "ladders-in-force.toml"
        self._lock = FileLock(data_dir / "service.lock")

    def lock(self) -> None:
        """Hold the directory for this process; raises ConfigurationError when another service has it."""
        try:
            self.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
            is_ours = self._lock.take()
        except OSError as error:
            raise ConfigurationError(
                f"cannot write there: {error.strerror}", where=f"data_dir {self.data_dir}", remedy="choose another"
            ) from error
        if not is_ours:
            raise ConfigurationError(
                "another service runs on this data",
                where=f"data_dir {self.data_dir}",
                remedy="stop it, or choose another data_dir",
            )

    def unlock(self) -> None:
        """Let another process have the directory."""
        self._lock.release()

    def is_locked(self) -> bool:
        """Return whether a service runs on the directory now."""
        return is_held(self.data_dir / "service.lock")

    @contextmanager
    def deciding_erasure(self) -> Generator[None]:
        """Let nobody else carry out an erasure, or forbid one, meanwhile; raises ConflictError when somebody does.

        A service may run: it does neither.
        """
        with (self.data_dir / "erasure.lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                zh, en = "正在执行删除，请稍后再试", "an erasure is being carried out: try again when it has ended"
                raise ConflictError(f"{zh} / {en}") from error
            yield

    def cipher(self) -> FieldCipher:
        """Return the cipher of the key file; made only together with a new database."""
        settle(self.key, self.truth)
        return FieldCipher.load(self.key, database=self.truth)

    def open_truth(self) -> Truth:
        """Open the truth database, migrated to this release."""
        self.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        return Truth(self.truth, self.cipher())

    def homes(self) -> list[Home]:
        """Return the registered homes; none before the first start."""
        if not self.truth.exists():
            return []
        truth = self.open_truth()
        try:
            with truth.view() as unit:
                return unit.people.homes()
        finally:
            truth.close()

    def is_driven(self) -> bool:
        """Return whether the last service on this data followed a replay's clock."""
        told = self.data_dir / "service.json"
        return told.exists() and msgspec.json.decode(told.read_bytes()).get("clock") == "driven"

    def has_followed_real_time(self) -> bool:
        """Return whether a service of real homes has ever run on this data."""
        return (self.data_dir / "mqtt-client").exists() or (
            (self.data_dir / "service.json").exists() and not self.is_driven()
        )

    def refuse_driven_clock(self) -> None:
        """Raise ConfigurationError where a driven clock, and the people of a story, would come among real ones."""
        if self.has_followed_real_time():
            raise ConfigurationError(
                "这些数据由真实时间的服务写成 a service that follows the real time has written this data",
                where=f"data_dir {self.data_dir}",
                remedy=ANOTHER_DIRECTORY,
            )

    def client_id(self, *, is_driven: bool) -> str:
        """Return the ingest session's secret name, made once: whoever knows it can take the session over."""
        path = self.data_dir / ("mqtt-client-driven" if is_driven else "mqtt-client")
        if not path.exists():
            write_private(path, f"shouwang-ingest-{secrets.token_hex(12)}".encode())
        return path.read_text("utf-8").strip()
