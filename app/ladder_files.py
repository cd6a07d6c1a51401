"""The town's ladders on the disk; a broken file never stops an alert."""

from pathlib import Path

from alerts.ladder_book import LadderBook
from alerts.ladder_file import built_in_ladders, parse_ladders
from app.kept_file import KeptFile, read_text


def read_ladders(path: Path) -> LadderBook:
    """Return the ladders of a file; raises ConfigurationError naming file, line and remedy."""
    return parse_ladders(read_text(path), where=str(path))


def ladders_file(path: Path | None, last_good: Path) -> KeptFile[LadderBook]:
    """Return the town's ladders as they are kept in force; None: those that ship."""
    return KeptFile(
        path,
        last_good,
        what="ladders",
        parse=lambda text, where: parse_ladders(text, where=where),
        shipped=built_in_ladders(),
    )
