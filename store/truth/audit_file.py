"""Checks the audit chain of a database file that nobody has to be running or to hold the key of; writes nothing."""

import hashlib
from pathlib import Path

from pysqlite3 import dbapi2 as sqlite

from core.errors import ConfigurationError
from core.hash_chain import Verdict, verified
from store.truth.audit import links_of

_ENTRY_ACTIONS = "entry.%"


def verify_file(path: Path, *, head: str = "", rows: int | None = None) -> Verdict:
    """Return how far the chain of a database file holds, and whether the records that it vouches for are there.

    `head` and `rows` are what was written down of the chain earlier: without them a chain that somebody rewrote from
    some row to its end cannot be told from a true one. Raises ConfigurationError for a file without a chain.
    """
    connection = _opened(path)
    try:
        connection.row_factory = sqlite.Row
        try:
            cursor = connection.execute("SELECT * FROM audit ORDER BY number")
        except sqlite.DatabaseError as error:
            what = f"no audit chain can be read there ({error})"
            raise ConfigurationError(what, where=str(path), remedy="name truth.sqlite of a data directory") from error
        verdict = verified(links_of(iter(cursor)), head=head, rows=rows)
        return verdict if verdict.broken_at is not None else _records(connection, verdict)
    finally:
        connection.close()


def _opened(path: Path) -> sqlite.Connection:
    if not path.is_file():
        raise ConfigurationError("there is no such file", where=str(path), remedy="name truth.sqlite or a copy of it")
    return sqlite.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)


def _records(connection: sqlite.Connection, verdict: Verdict) -> Verdict:
    """Hold each version of an entry against the row that vouches for it, and look for versions nobody vouches for."""
    query = (
        "SELECT a.number, a.digest, v.data FROM audit a LEFT JOIN entry_version v "
        "ON v.person_id = a.subject AND v.sha256 = a.digest WHERE a.action LIKE ? AND a.digest != '' ORDER BY a.number"
    )
    for row in connection.execute(query, (_ENTRY_ACTIONS,)):
        if row["data"] is None or hashlib.sha256(row["data"]).hexdigest() != row["digest"]:
            return Verdict(
                verdict.rows, verdict.head, row["number"], "the version it vouches for was changed or removed"
            )
    stray = connection.execute(
        "SELECT COUNT(*) FROM entry_version v WHERE NOT EXISTS "
        "(SELECT 1 FROM audit a WHERE a.subject = v.person_id AND a.digest = v.sha256)"
    ).fetchone()[0]
    if stray:
        return Verdict(verdict.rows, verdict.head, verdict.rows + 1, f"{stray} versions of entries stand in no row")
    return verdict
