"""Takes a person out of the files beside the truth database, and what was deleted out of all files; needs them alone.

The service is stopped meanwhile: its broker keeps what sensors say, and it reads that when it is back.
"""

from collections import Counter
from pathlib import Path

import duckdb
from pysqlite3 import dbapi2 as sqlite

from app.files import DataFiles
from app.privacy.traces import Traces
from app.sheet_names import sheet_name
from store.duckdb_tables import TRACKS_OF_HOME

_RAW_TABLES = ("fresh", "recent", "settled", "five", "days")


def wipe_beside(files: DataFiles, traces: Traces, home_id: str, addresses: list[str], village: str) -> Counter[str]:
    """Return what was removed: messages and definitions that name the person, a home's readings, a village's sheets.

    `home_id` "": somebody else lives there, and its readings are theirs too.
    """
    gone: Counter[str] = Counter()
    if files.journal.exists():
        gone["parked messages"] = _parked(files.journal, traces, addresses)
    if files.definitions.exists():
        gone["definitions"] = _definitions(files.definitions, traces)
    if home_id and files.series.exists():
        gone["readings"] = _series(files.series, home_id)
    gone["village sheets"] = _sheets(files.sheets, village)
    return +gone


def rewrite(files: DataFiles) -> None:
    """Write the SQLite files anew, so that nothing deleted rests in a free page or in a write-ahead log."""
    for path in (files.truth, files.journal, files.definitions):
        if path.exists():
            connection = sqlite.connect(path, isolation_level=None)
            try:
                if path != files.journal or connection.execute("PRAGMA freelist_count").fetchone()[0]:
                    connection.execute("VACUUM")
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            finally:
                connection.close()


def forget_log(path: Path) -> None:
    """Empty a file's write-ahead log, in which rest the pages of before."""
    connection = sqlite.connect(path, isolation_level=None)
    try:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        connection.close()


def _parked(path: Path, traces: Traces, addresses: list[str]) -> int:
    connection = sqlite.connect(path, isolation_level=None)
    try:
        connection.execute("PRAGMA secure_delete=ON")
        connection.execute("BEGIN IMMEDIATE")
        rows = connection.execute("SELECT id, topic, payload, detail FROM parked").fetchall()
        ids = [row[0] for row in rows if _names(traces, row[1], row[2], row[3])]
        for address in addresses:
            found = connection.execute("SELECT parked_id FROM parked_part WHERE address = ?", (address,))
            ids += [row[0] for row in found]
        for parked_id in set(ids):
            for table, column in (("parked_part", "parked_id"), ("parked_end", "parked_id"), ("parked", "id")):
                connection.execute(f"DELETE FROM {table} WHERE {column} = ?", (parked_id,))  # noqa: S608 - our own
        connection.execute("COMMIT")
        return len(set(ids))
    finally:
        connection.close()


def _definitions(path: Path, traces: Traces) -> int:
    connection = sqlite.connect(path, isolation_level=None)
    try:
        connection.execute("PRAGMA secure_delete=ON")
        rows = connection.execute("SELECT number, topic, payload FROM definition").fetchall()
        ids = [row[0] for row in rows if _names(traces, row[1], row[2], "")]
        for number in ids:
            connection.execute("DELETE FROM definition WHERE number = ?", (number,))
        return len(ids)
    finally:
        connection.close()


def _series(path: Path, home_id: str) -> int:
    connection = duckdb.connect(str(path))
    try:
        row = connection.execute("SELECT min(id) FROM track WHERE home_id = ?", [home_id]).fetchone()
        if row is None or row[0] is None:
            return 0
        first = int(row[0]) // TRACKS_OF_HOME * TRACKS_OF_HOME
        of_home = [first, first + TRACKS_OF_HOME - 1]
        gone = 0
        for table in _RAW_TABLES:
            done = connection.execute(f"DELETE FROM {table} WHERE track BETWEEN ? AND ?", of_home).fetchone()  # noqa: S608 - ours
            gone += int(done[0]) if done else 0
        connection.execute("DELETE FROM track WHERE home_id = ?", [home_id])
        connection.execute("CHECKPOINT")
        return gone
    finally:
        connection.close()


def _sheets(folder: Path, village: str) -> int:
    """Remove a village's printed sheets: they name everybody who lives there, and tonight's is made anew."""
    found = list(folder.glob(f"*/{sheet_name(village)}")) if folder.exists() else []
    for path in found:
        path.unlink()
    return len(found)


def _names(traces: Traces, topic: str, payload: bytes, detail: str) -> bool:
    text = f"{topic}\n{payload.decode(errors='replace')}\n{detail}"
    told = text + text.encode().decode("unicode_escape", errors="replace") if "\\u" in text else text
    return any(one in told for one in traces.everything)
