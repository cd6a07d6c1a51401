"""The truth database: one SQLite file, one writer at a time, migrated at start; refuses a key that is not its own."""

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

from pysqlite3 import dbapi2 as sqlite
from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as NoConnectionError

from core.errors import BusyError, ConflictError, DurabilityError
from store.cipher import FieldCipher
from store.truth.accounts import AccountRows
from store.truth.alerts import AlertRows
from store.truth.audit import AuditRows
from store.truth.credentials import CredentialRows
from store.truth.cursors import CursorRows
from store.truth.devices import DeviceRows
from store.truth.due import DueRows
from store.truth.entries import EntryRows
from store.truth.follow_ups import EligibilityRows, FollowUpRows
from store.truth.gathering import GatheringRows
from store.truth.incidents import IncidentRows
from store.truth.key_ring import check_in_force, opened_cipher, turn
from store.truth.numbers import NumberRows
from store.truth.outbox import OutboxRows
from store.truth.people import PeopleRows
from store.truth.privacy import PrivacyRows
from store.truth.returns import EvaluationRows, ReturnRows
from store.truth.rota import RotaRows
from store.truth.seals import Seals
from store.truth.silences import SilenceRows
from store.truth.standing import SpecialRows, StandingRows
from store.truth.version import HEAD, version_of
from store.truth.visits import VisitRows

BUSY_TIMEOUT_S = 10
"""The command line writes to the same file; its transactions last milliseconds, so ten seconds mean that it hangs."""

READERS = 44
"""Connections for views, made when needed: twice the threads that may ask, as app/threads.py makes them (console 8,
callbacks 4, looks 3, printing 2, desk, outbox), with ingest, the parked messages and the loop itself.

A page that reads for seconds may not keep ingest or the desk waiting; whoever waits longer than 30 s is told BusyError.
"""


class Unit:
    """The repositories of one transaction; not to be used after it."""

    def __init__(self, connection: Connection, cipher: FieldCipher) -> None:
        self.seals = Seals(connection, cipher)
        self.people = PeopleRows(connection, cipher, self.seals)
        self.entries = EntryRows(connection, cipher, self.seals)
        self.audit = AuditRows(connection, cipher)
        self.gathering = GatheringRows(connection, cipher)
        self.numbers = NumberRows(connection, cipher)
        self.rota = RotaRows(connection, cipher)
        self.alerts = AlertRows(connection, cipher)
        self.outbox = OutboxRows(connection, cipher)
        self.due = DueRows(connection)
        self.silences = SilenceRows(connection, cipher)
        self.incidents = IncidentRows(connection)
        self.visits = VisitRows(connection, cipher, self.seals)
        self.standing = StandingRows(connection, cipher, self.seals)
        self.specials = SpecialRows(connection, self.seals)
        self.follow_ups = FollowUpRows(connection, cipher, self.seals)
        self.eligibility = EligibilityRows(connection, cipher, self.seals)
        self.returns = ReturnRows(connection, cipher, self.seals)
        self.evaluations = EvaluationRows(connection, cipher, self.seals)
        self.privacy = PrivacyRows(connection, cipher, self.seals)
        self.accounts = AccountRows(connection)
        self.cursors = CursorRows(connection)
        self.devices = DeviceRows(connection)
        self.credentials = CredentialRows(connection, cipher)


class Truth:
    """Transactions and views on the truth database; any thread may ask for one."""

    def __init__(self, path: Path, cipher: FieldCipher, *, busy_timeout_s: float = BUSY_TIMEOUT_S) -> None:
        """Whoever writes waits for another process as long as that."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._cipher = cipher
        self._path = path
        self._write_lock = threading.Lock()
        self._writing_thread: int | None = None
        self._writer = _engine(path, busy_timeout_s, begin="BEGIN IMMEDIATE", pool_size=1)
        self._readers = _engine(path, busy_timeout_s, begin="BEGIN", pool_size=READERS, query_only=True)
        self._prepare()

    @contextmanager
    def transaction(self) -> Generator[Unit]:
        """Give a unit whose writes are committed and fsynced when the block ends, or undone when it raises.

        Raises ConflictError (a constraint), BusyError (another process holds the file for 10 s), StaleKeyError (the
        keys were changed since the database was opened) and DurabilityError.
        """
        if self._writing_thread == threading.get_ident():
            raise RuntimeError("this thread is already in a transaction; hand its unit on")
        with self._write_lock:
            self._writing_thread = threading.get_ident()
            try:
                with _translated(self._path), self._writer.begin() as connection:
                    check_in_force(connection, self._cipher)
                    unit = Unit(connection, self._cipher)
                    yield unit
                    unit.seals.write()
            finally:
                self._writing_thread = None

    @contextmanager
    def view(self) -> Generator[Unit]:
        """Give a unit that sees one moment of the database and cannot write; never waits for a writer."""
        with _translated(self._path), self._readers.begin() as connection:
            yield Unit(connection, self._cipher)

    def turn_keys(self, master: FieldCipher, tell: Callable[[Unit], None]) -> None:
        """Let another key file's key open the database from now on, in one transaction; `tell` is its last word.

        The caller holds the directory. A program that is in the database already writes nothing more: StaleKeyError.
        """
        with self._write_lock, _translated(self._path), self._writer.begin() as connection:
            check_in_force(connection, self._cipher)
            turned = turn(connection, self._cipher, master)
            unit = Unit(connection, turned)
            tell(unit)
            unit.seals.write()
        self._cipher = turned

    def close(self) -> None:
        """Wait for the transaction under way, then close all connections."""
        with self._write_lock:
            self._writer.dispose()
            self._readers.dispose()

    def _prepare(self) -> None:
        try:
            with self._write_lock, _translated(self._path), self._writer.begin() as connection:
                if version_of(connection) != HEAD:
                    from store.truth.migrating import migrate  # noqa: PLC0415  # a third of a command's start, seldom needed

                    migrate(connection)
                self._cipher = opened_cipher(connection, self._cipher)
                Seals(connection, self._cipher).adopt()
        except BaseException:
            self.close()
            raise


def _engine(path: Path, busy_timeout_s: float, *, begin: str, pool_size: int, query_only: bool = False) -> Engine:
    engine = create_engine(
        URL.create("sqlite+pysqlite", database=str(path)),
        module=sqlite,
        connect_args={"timeout": busy_timeout_s, "isolation_level": None, "check_same_thread": False},
        pool_size=pool_size,
        max_overflow=0,
        hide_parameters=True,  # an error's text must not carry a row's values into a log
    )

    def connected(connection: sqlite.Connection, _record: object) -> None:
        # what is deleted or written over is gone from the file, not only from the tables
        wiped = "secure_delete=ON"
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            wiped,
            f"query_only={int(query_only)}",
        ):
            connection.execute(f"PRAGMA {pragma}")

    def begun(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    event.listen(engine, "connect", connected)
    event.listen(engine, "begin", begun)
    return engine


@contextmanager
def _translated(path: Path) -> Generator[None]:
    try:
        yield
    except IntegrityError as error:
        raise ConflictError(f"the database refused a row: {error.orig}") from error
    except NoConnectionError as error:
        raise BusyError("所有数据库连接都在使用 / every connection to the database is in use") from error
    except DBAPIError as error:
        if "locked" in str(error.orig):
            raise BusyError("另一程序占用数据库 / another program holds the database") from error
        raise DurabilityError(f"{path}: the truth database failed: {error.orig}. Remedy: {_remedy(error)}") from error


def _remedy(error: DBAPIError) -> str:
    if "full" in str(error.orig):
        return "腾出磁盘空间后再执行 / free room on that disk, and do it again"
    return "检查该磁盘与文件 / look after that disk and file: shouwang doctor"
