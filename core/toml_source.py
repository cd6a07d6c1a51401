"""A TOML text that knows its lines, so that an error can name the one to mend; reads no file, judges no value."""

import re
import tomllib
from typing import Any, NoReturn

from core.errors import ConfigurationError, together

Path = tuple[str | int, ...]
"""Where a value stands: names of tables and keys, and a number for each entry of a list."""

_AT_LINE = re.compile(r"\(at line (\d+),")
_HEADER = re.compile(r"\s*(\[\[?)([^\]]+)\]")
_KEY = re.compile(r"""\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")


_DATE = re.compile(r"""=\s*(\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4})\s*(?:[#,}\]].*)?$""")

A_DATE = "write a day that the calendar has as 1940-05-06, without quotation marks"


def no_toml(error: tomllib.TOMLDecodeError, text: str, remedy: str) -> tuple[str, int | None, str]:
    """Return what is wrong with a text that is no TOML, its line where one is told, and the remedy.

    Of a day that no calendar has the parser says only that it expected the line's end.
    """
    lines, found = text.splitlines(), _AT_LINE.search(str(error))
    line = int(found[1]) if found else None
    day = _DATE.search(lines[line - 1]) if line is not None and line <= len(lines) else None
    if day is not None:
        return f"not TOML: {day[1]} 不是日期 / is no date ({error})", line, A_DATE
    return f"not TOML: {error}", line, A_DATE if "date" in str(error) else remedy


class TomlSource:
    """One TOML text, parsed, and the line each of its values stands on."""

    def __init__(self, text: str, where: str) -> None:
        """Raise ConfigurationError naming file and line when the text is not TOML."""
        self.where = where
        self._lines = text.splitlines()
        try:
            self.tables: dict[str, Any] = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            remedy = "mend that line; a name in Chinese, or with a space or a dot in it, stands in quotes"
            what, line, remedy = no_toml(error, text, remedy)
            at = max(1, len(self._lines)) if line is None else line
            raise ConfigurationError(what, where=f"{where}, line {at}", remedy=remedy) from error
        self._places = _places(self._lines)
        self._mistakes: dict[str, tuple[int, ConfigurationError]] = {}  # by its text: none is told twice

    def line_of(self, path: Path) -> int:
        """Return the line of a value; of the nearest thing around it when it has no line of its own."""
        shared, line, is_around = 0, 1, False
        for place, number in self._places:
            common = _common(place, path)
            if common > shared:
                shared, line, is_around = common, number, common == len(place)
        return self._line_within(line, path[shared:]) if is_around and shared < len(path) else line

    def refuse(self, what: str, path: Path, remedy: str) -> NoReturn:
        """Raise the error that names the line of a value, with all that were noted before."""
        self.note(what, path, remedy)
        self.check()
        raise AssertionError("a mistake was noted")

    def note(self, what: str, path: Path, remedy: str) -> None:
        """Keep the error that names the line of a value, to be told with all others."""
        line = self.line_of(path)
        error = ConfigurationError(what, where=f"{self.where}, line {line}", remedy=remedy)
        self._mistakes.setdefault(str(error), (line, error))

    def check(self) -> None:
        """Raise what was noted, in the order of the lines; nothing when there was nothing."""
        if self._mistakes:
            raise together([error for _, error in sorted(self._mistakes.values(), key=_line)])

    def _line_within(self, line: int, rest: Path) -> int:
        """Return the line of an entry of a list or an inline table that begins on a line."""
        last = min((number for _, number in self._places if number > line), default=len(self._lines) + 1)
        step = rest[0]
        if isinstance(step, str):
            own = re.compile(rf"""(?<![\w-])["']?{re.escape(step)}["']?\s*=""")
            return next((number for number in range(line, last) if own.search(self._lines[number - 1])), line)
        texts = [_without_comment(self._lines[number - 1]) for number in range(line, last)]
        entry = _TABLE if any(_TABLE.search(text) for text in texts) else _ENTRY
        seen = -1
        for number, text in enumerate(texts, start=line):
            seen += len(entry.findall(text))
            if seen >= step:
                return number
        return line


def _line(mistake: tuple[int, ConfigurationError]) -> int:
    return mistake[0]


_ENTRY = re.compile(r"""(?:^|(?<=[\[,\s]))(?:"(?:[^"\\]|\\.)*"|'[^']*'|[-+\d][^\s,\]]*)(?=\s*(?:[,\]]|$))""")


_TABLE = re.compile(r"(?:^|(?<=[\[,\s]))\{")  # an entry that is an inline table


def _without_comment(line: str) -> str:
    """Return a line of a list without what stands after its last `#` outside of quotes."""
    return re.sub(r"""^((?:[^"'#]|"(?:[^"\\]|\\.)*"|'[^']*')*)#.*$""", r"\1", line)


def _places(lines: list[str]) -> list[tuple[Path, int]]:
    """Return the path of every header and key, in order, with its line."""
    found: list[tuple[Path, int]] = []
    table: Path = ()
    counts: dict[Path, int] = {}
    for number, line in enumerate(lines, start=1):
        if header := _HEADER.match(line):
            names = _names(header[2])
            table = _resolved(names[:-1], counts) + names[-1:]
            if header[1] == "[[":
                counts[table] = counts.get(table, -1) + 1
                table = (*table, counts[table])
            found.append((table, number))
        elif key := _KEY.match(line):
            found.append((table + _names(key[1]), number))
    return found


def _common(place: Path, path: Path) -> int:
    """Return how many steps two paths share from their beginning."""
    return next(
        (n for n, (one, other) in enumerate(zip(place, path, strict=False)) if one != other), min(len(place), len(path))
    )


def _resolved(names: Path, counts: dict[Path, int]) -> Path:
    """Return the path of a table with the number of the newest entry of each list of tables on the way."""
    path: Path = ()
    for name in names:
        path = (*path, name)
        if path in counts:
            path = (*path, counts[path])
    return path


def _names(dotted: str) -> Path:
    """Return the names of a dotted key, quotes taken off."""
    try:
        table: Any = tomllib.loads(f"{dotted} = 0")
    except tomllib.TOMLDecodeError:
        return (dotted.strip(),)
    names: list[str | int] = []
    while isinstance(table, dict):
        name, table = next(iter(table.items()))  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]  # TOML keys are text
        names.append(str(name))  # pyright: ignore[reportUnknownArgumentType]
    return tuple(names)
