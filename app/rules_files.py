"""The rulebook on the disk and the homes that take it up; a broken file or one bad limit never stops the watch."""

import contextlib
import logging
from collections.abc import Sequence
from pathlib import Path

import msgspec

from core.errors import ConfigurationError, NotFoundError
from core.ids import HomeId
from registry.homes import Home
from rules.engine import Engine
from rules.parameters import RuleParameters
from rules.rulebook import Rulebook
from rules.rulebook_file import parse_rulebook

MAX_BYTES = 4_000_000
"""A line for each home of a large county; whatever is longer is another file."""

_log = logging.getLogger(__name__)


def read_rulebook(path: Path) -> Rulebook:
    """Return the rulebook of a file; raises ConfigurationError naming file, line and remedy."""
    return parse_rulebook(read_text(path), where=str(path))


def read_text(path: Path) -> str:
    """Return a TOML file's text; raises ConfigurationError when there is none."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ConfigurationError(f"longer than {MAX_BYTES} bytes", where=str(path), remedy="name the right file")
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        remedy = "name a readable file in UTF-8"
        raise ConfigurationError(f"cannot be read ({error})", where=str(path), remedy=remedy) from error


class RulesFile:
    """The rulebook in force: of the file as it is now, or as it was when it was last right."""

    def __init__(self, path: Path | None, last_good: Path) -> None:
        """`last_good` keeps what was taken up, so that a restart on a broken file still has the town's rules."""
        self._path = path
        self._last_good = last_good
        self._seen: tuple[int, ...] | None = ()
        self._text = ""
        self.rulebook = Rulebook()
        self.problem = ""
        self.refusals = 0
        if path is not None:
            with contextlib.suppress(ConfigurationError):  # none was ever right: the rules that ship
                self._take_up(read_text(last_good))
            self.refresh()

    def refresh(self) -> bool:
        """Read the file when it has changed; return whether other rules are in force now."""
        if self._path is None or (seen := _mark(self._path)) == self._seen:
            return False
        self._seen = seen
        try:
            text = read_text(self._path)
            changed = text != self._text and self._take_up(text)
        except ConfigurationError as error:
            self.refusals += 1
            self.problem = str(error)
            _log.warning("the rules file was refused, the rules of before stay: %s", error)
            return False
        self.problem = ""
        if changed:
            self._keep(text)
        return changed

    def _take_up(self, text: str) -> bool:
        rulebook = parse_rulebook(text, where=str(self._path))
        if self._text and rulebook.stamp.version == self.rulebook.stamp.version:
            raise ConfigurationError(
                f"other rules under the same version {rulebook.stamp.version}",
                where=str(self._path),
                remedy=f"write version = {rulebook.stamp.version + 1}: a finding names the version it was judged by",
            )
        self.rulebook, self._text = rulebook, text
        _log.info("rules v%d are in force: %s", rulebook.stamp.version, rulebook.stamp.why)
        return True

    def _keep(self, text: str) -> None:
        fresh = self._last_good.with_suffix(".new")
        try:
            fresh.write_text(text, "utf-8")
            fresh.replace(self._last_good)
        except OSError as error:  # the rules hold without it; only a restart on a broken file would miss it
            _log.warning("the rules in force could not be copied: %s", error)


class RuleKeeper:
    """Gives each home its limits; one whose own cannot be used keeps those it had."""

    def __init__(self, engine: Engine, file: RulesFile) -> None:
        self._engine = engine
        self.file = file
        self.refused: dict[HomeId, str] = {}
        engine.rulebook = file.rulebook

    def refresh(self) -> bool:
        """Return whether other rules are in force since the last time: then every home must be set again."""
        if not self.file.refresh():
            return False
        self._engine.rulebook = self.file.rulebook
        return True

    def set_homes(self, homes: Sequence[Home]) -> None:
        """Give these homes, which are all there are, to the engine."""
        before, self.refused = self.refused, {}
        for home in homes:
            try:
                self._engine.set_home(home)
            except ConfigurationError as error:
                self.refused[home.id] = str(error)
                if before.get(home.id) != str(error):
                    _log.warning("a home keeps the limits it had: %s", error)
                self._engine.set_home(home, self._kept(home))

    def _kept(self, home: Home) -> RuleParameters:
        """Return what the home had, else what the rulebook says without its own limits, else the defaults."""
        with contextlib.suppress(NotFoundError):
            return self._engine.rules_of(home.id).parameters
        with contextlib.suppress(ConfigurationError):
            return self._engine.rulebook.parameters_of(msgspec.structs.replace(home, limits={}))
        return self._engine.rulebook.defaults

    def notices(self) -> list[str]:
        """Return what somebody must mend; the watch goes on meanwhile."""
        found = [f"the rules file is refused, rules v{self.file.rulebook.stamp.version} stay: {self.file.problem}"]
        return [*(found if self.file.problem else ()), *self.refused.values()]


def _mark(path: Path) -> tuple[int, ...] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
