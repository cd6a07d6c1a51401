"""A versioned file of the town, in force as it is or as it was when it was last right; a broken one stops nothing."""

import contextlib
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from app.private_file import write_private
from core.errors import ConfigurationError
from core.text import Bilingual
from rules.rulebook import Stamp

MAX_BYTES = 4_000_000
"""A line for each home of a large county; whatever is longer is another file."""

_WHAT_ZH = {"rules": "规则", "ladders": "呼叫次序"}
_log = logging.getLogger(__name__)


class NoFileError(ConfigurationError):
    """There is no file of that name."""


class Stamped(Protocol):
    """What a file says, with who changed it and when."""

    @property
    def stamp(self) -> Stamp:
        """Return its version and why it was made."""
        ...


T = TypeVar("T", bound=Stamped)
Parse = Callable[[str, str], T]
"""Makes what a text says; takes the text and where it stands, raises ConfigurationError."""


def read_text(path: Path) -> str:
    """Return a TOML file's text, without the mark some editors put before it; raises ConfigurationError."""
    where = str(path)
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ConfigurationError(f"longer than {MAX_BYTES} bytes", where=where, remedy="name the right file")
        return path.read_text("utf-8-sig")
    except FileNotFoundError:
        raise NoFileError(
            "没有这个文件 / there is no such file", where=where, remedy="写对文件名 / name another"
        ) from None
    except IsADirectoryError:
        raise ConfigurationError("is a folder", where=where, remedy="name a file in it") from None
    except UnicodeDecodeError as error:
        what = f"is not in UTF-8 (byte {error.start + 1})"
        line = error.object.count(b"\n", 0, error.start) + 1
        raise ConfigurationError(what, where=f"{where}, line {line}", remedy="save it as UTF-8") from error
    except OSError as error:
        what = f"cannot be read: {error.strerror}"
        raise ConfigurationError(what, where=where, remedy="let it be read, or name another") from error


class KeptFile(Generic[T]):
    """What is in force: of the file as it is now, or as it was when it was last right."""

    def __init__(self, path: Path | None, last_good: Path, *, what: str, parse: Parse[T], shipped: T) -> None:
        """`last_good` keeps what was taken up, so that a restart on a broken file still has what the town wrote."""
        self._path = path
        self._last_good = last_good
        self._what = what  # "rules", "ladders"
        self._parse = parse
        self._seen: tuple[int, ...] | None = ()
        self._text = ""
        self.value = shipped
        self.problem = ""
        self._is_gone = False
        self.refusals = 0
        if path is not None:
            with contextlib.suppress(ConfigurationError):  # none was ever right: what ships
                self._take_up(read_text(last_good))
            self.refresh()

    def refresh(self) -> bool:
        """Read the file when it has changed; return whether something else is in force now."""
        if self._path is None or (seen := _mark(self._path)) == self._seen:
            return False
        self._seen = seen
        try:
            text = read_text(self._path)
            changed = text != self._text and self._take_up(text)
        except ConfigurationError as error:
            self.refusals += 1
            self.problem, self._is_gone = str(error), isinstance(error, NoFileError)
            _log.warning("the %s file was refused, the %s of before stay: %s", self._what, self._what, error)
            return False
        self.problem = ""
        if changed:
            self._keep(text)
        return changed

    def notices(self) -> list[str]:
        """Return what somebody must mend; the work goes on meanwhile."""
        if not self.problem:
            return []
        version, what_zh = self.value.stamp.version, _WHAT_ZH.get(self._what, self._what)
        if self._is_gone:
            return [str(self._gone(version, what_zh))]
        zh = f"{what_zh}文件有误，未被采用，仍用第{version}版：{self.problem}"
        return [str(Bilingual(zh, f"the {self._what} file is refused, {self._what} v{version} stay: {self.problem}"))]

    def _gone(self, version: int, what_zh: str) -> Bilingual:
        """Return what is in force without the file, and what to do: nobody has to look for what it said."""
        has_copy = bool(self._text) and self._is_copied()
        copy = Bilingual(
            f"（第{version}版的副本：{self._last_good}）" if has_copy else "",
            f" (a copy of v{version} is {self._last_good})" if has_copy else "",
        )
        stay = Bilingual(
            f"仍用第{version}版" if self._text else "仍用出厂的",
            f"{self._what} v{version} stay" if self._text else "those that ship stay",
        )
        return Bilingual(
            f"{what_zh}文件不见了：{self._path}，{stay.zh}。请放回该文件{copy.zh}，或在设置中改写路径后重启",
            f"the {self._what} file is gone: {self._path}, {stay.en}: put it back{copy.en}, or name another in the "
            "settings and start again",
        )

    def _is_copied(self) -> bool:
        """Return whether what is in force stands in the copy: the disk may not have taken the latest."""
        try:
            return read_text(self._last_good) == self._text
        except ConfigurationError:
            return False

    def _take_up(self, text: str) -> bool:
        value = self._parse(text, str(self._path))
        version = value.stamp.version
        if self._text and version == self.value.stamp.version:
            raise ConfigurationError(
                f"other {self._what} under the same version {version}",
                where=str(self._path),
                remedy=f"write version = {version + 1}: what is decided names the version it was decided by",
            )
        self.value, self._text = value, text
        _log.info("%s v%d are in force: %s", self._what, version, value.stamp.why)
        return True

    def _keep(self, text: str) -> None:
        try:
            write_private(self._last_good, text.encode())
        except OSError as error:  # it holds without the copy; only a restart on a broken file would miss it
            _log.warning("the %s in force could not be copied: %s", self._what, error)


def _mark(path: Path) -> tuple[int, ...] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
