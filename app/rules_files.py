"""The rulebook on the disk and the homes that take it up; a broken file or one bad limit never stops the watch."""

import contextlib
import logging
from collections.abc import Sequence
from pathlib import Path

import msgspec

from app.kept_file import KeptFile, read_text
from core.errors import ConfigurationError, NotFoundError
from core.ids import HomeId
from core.text import Bilingual
from registry.homes import Home
from rules.engine import Engine
from rules.limit_bounds import Loosened
from rules.parameters import RuleParameters
from rules.rulebook import Rulebook, warnings_of
from rules.rulebook_file import parse_rulebook

_log = logging.getLogger(__name__)

TABLES_NAMED = 5
"""Of those that take one guard away: enough to find the line."""


def read_rulebook(path: Path) -> Rulebook:
    """Return the rulebook of a file; raises ConfigurationError naming file, line and remedy."""
    return parse_rulebook(read_text(path), where=str(path))


def loosened_words(rulebook: Rulebook, homes: Sequence[Home] = ()) -> list[tuple[Bilingual, Bilingual]]:
    """Return (what is taken away by which tables, what to do) for each guard that allowed limits switch off."""
    tables: dict[Loosened, list[str]] = {}
    for table, one in warnings_of(rulebook, homes):
        tables.setdefault(one, []).append(table)
    remedy = Bilingual("若非本意，请改回默认值", "take it back to its default unless it is meant")
    return [(_taken_away(one, names), remedy) for one, names in tables.items()]


def _taken_away(one: Loosened, tables: Sequence[str]) -> Bilingual:
    """Return which guard is gone and where that stands; a county may have chosen it for every home."""
    named, more = ", ".join(tables[:TABLES_NAMED]), len(tables) - TABLES_NAMED
    rest = Bilingual(f"等{len(tables)}处", f" and {more} more") if more > 0 else Bilingual("", "")
    return Bilingual(
        f"守护已放宽：{one.name}（{named}{rest.zh}）：{one.said.zh}",
        f"a guard is taken away: {one.name} ({named}{rest.en}): {one.said.en}",
    )


def rules_file(path: Path | None, last_good: Path) -> KeptFile[Rulebook]:
    """Return the town's rules as they are kept in force; None: those that ship."""
    return KeptFile(
        path, last_good, what="rules", parse=lambda text, where: parse_rulebook(text, where=where), shipped=Rulebook()
    )


class RuleKeeper:
    """Gives each home its limits; one whose own cannot be used keeps those it had."""

    def __init__(self, engine: Engine, file: KeptFile[Rulebook]) -> None:
        self._engine = engine
        self.file = file
        self.refused: dict[HomeId, str] = {}
        engine.rulebook = file.value

    def refresh(self) -> bool:
        """Return whether other rules are in force since the last time: then every home must be set again."""
        if not self.file.refresh():
            return False
        self._engine.rulebook = self.file.value
        return True

    def set_homes(self, homes: Sequence[Home]) -> None:
        """Give these homes, which are all there are, to the engine."""
        before, self.refused = self.refused, {}
        for home_id in self._engine.home_ids() - {home.id for home in homes}:
            self._engine.remove_home(home_id)  # its open alerts are a human's to close
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
        return [*self.file.notices(), *self.refused.values()]
