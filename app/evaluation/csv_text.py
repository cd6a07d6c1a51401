"""The text of a CSV as it comes: packed or not, in the encodings and with the separators that are about."""

import codecs
import csv
import gzip
import io
import zlib
from pathlib import Path

from core.errors import ConfigurationError

GZIP_MAGIC = b"\x1f\x8b"
SEPARATORS = (",", ";", "\t", "|")
ENCODINGS = ("utf-8-sig", "gb18030")
"""GB18030 holds every Chinese file of a Windows machine; it is tried when the bytes are no UTF-8."""

MOST_BYTES = 2 * 1024**3
"""Unpacked: a year of a home is under 0.1 GB; more is no recording of homes, or an archive meant to burst."""

Row = tuple[int, list[str]]
"""(number of the line, its cells)."""


class Table:
    """A header and the rows below it; `told` says in words how the bytes were read."""

    def __init__(self, header: list[str], rows: list[Row], told: str) -> None:
        self.header = header
        self.rows = rows
        self.told = told


def read_table(path: Path) -> Table:
    """Return the table of a .csv or .csv.gz; raises ConfigurationError with file, line and remedy."""
    text, encoding = _decoded(path, _bytes_of(path))
    separator = _separator(text.lstrip().partition("\n")[0])
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        rows = [(reader.line_num, [cell.strip() for cell in row]) for row in reader]
    except csv.Error as error:
        raise unreadable(path, reader.line_num + 1, str(error)) from error
    rows = [(number, row) for number, row in rows if any(row)]
    if not rows:
        raise unreadable(path, 1, "nothing in it")
    told = f"{encoding}, separated by {separator!r}"
    return Table(rows[0][1], rows[1:], told)


def unreadable(path: Path, line: int, what: str) -> ConfigurationError:
    """Return the error of a file that is no table at all."""
    return ConfigurationError(
        f"not readable ({what:.120})", where=f"{path}, line {line}", remedy="export it again as CSV in UTF-8"
    )


def _bytes_of(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            is_packed = file.read(len(GZIP_MAGIC)) == GZIP_MAGIC
        with gzip.open(path, "rb") if is_packed else path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except FileNotFoundError as error:
        remedy = "name a .csv or .csv.gz that is there; a name without a folder is looked for where you are"
        raise ConfigurationError("there is no such file", where=str(path), remedy=remedy) from error
    except (OSError, EOFError, zlib.error) as error:
        raise unreadable(path, 1, str(error)) from error
    if len(data) > MOST_BYTES:
        raise unreadable(path, 1, f"more than {MOST_BYTES} bytes")
    return data


def _decoded(path: Path, data: bytes) -> tuple[str, str]:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = ENCODINGS
    place = 0
    for encoding in encodings:
        try:
            return data.decode(encoding), encoding.removesuffix("-sig")
        except UnicodeDecodeError as error:
            place = max(place, error.start)
    line = data[:place].count(b"\n") + 1
    raise unreadable(path, line, f"neither {' nor '.join(encodings)}")


def _separator(header: str) -> str:
    return max(SEPARATORS, key=header.count)
