"""Checks the audit chain of a database file that nobody has to be running or to hold the key of; writes nothing."""

from collections import Counter
from pathlib import Path

from pysqlite3 import dbapi2 as sqlite

from core.errors import ConfigurationError, DurabilityError
from core.hash_chain import Verdict, verified
from store.cipher import FieldCipher, Ring
from store.truth.audit import links_of
from store.truth.key_ring import FIELD
from store.truth.seal_check import verified_rows
from store.truth.signing import SIGNED, digest_in, unsigned
from store.truth.tombstones import ERASED, Tombstones, sha256_of, tombstones_of

_VOUCHED = (("entry_version", "person_id", "entry.%", ":"), ("visit_version", "visit_id", "visit.%", "/"))
"""Tables whose every row is named by a row of the chain: the column of the subject, the actions, what parts the key."""

_TOLD = "SELECT number, digest FROM audit WHERE action = ?"

SIGNS_SINCE = "0018"
"""The migration of the first release that signs."""


def verify_file(path: Path, *, head: str = "", rows: int | None = None, key: FieldCipher | None = None) -> Verdict:
    """Return how far the chain of a database file holds, and whether the records that it vouches for are there.

    `head` and `rows` are what was written down of the chain earlier; `key` is the key file's, with which the rows that
    vouch for others are held to have been written by the service. Without either a chain that somebody rewrote from
    some row to its end cannot be told from a true one. Raises ConfigurationError for a file without a chain.
    """
    connection = _opened(path)
    try:
        connection.row_factory = sqlite.Row
        try:
            tombstones, wrong = _tombstones(connection)
            cursor = connection.execute("SELECT * FROM audit ORDER BY number")
        except sqlite.DatabaseError as error:
            what = f"no audit chain can be read there ({error})"
            raise ConfigurationError(what, where=str(path), remedy="name truth.sqlite of a data directory") from error
        verdict = verified(links_of(iter(cursor), tombstones), head=head, rows=rows)
        if wrong and verdict.broken_at is None:
            return _broken(verdict, 1, wrong)
        if verdict.broken_at is None and key is not None:
            verdict = _authors(connection, verdict, key)
        verdict = verdict if verdict.broken_at is not None else _records(connection, verdict, tombstones)
        return verdict if verdict.broken_at is not None else verified_rows(connection, verdict)
    finally:
        connection.close()


def _opened(path: Path) -> sqlite.Connection:
    if not path.is_file():
        raise ConfigurationError("there is no such file", where=str(path), remedy="name truth.sqlite or a copy of it")
    return sqlite.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)


def _tombstones(connection: sqlite.Connection) -> tuple[Tombstones, str]:
    """Return what was erased, and what is wrong with the list of it; an older copy has none."""
    told = {row["number"]: digest_in(row["digest"]) for row in connection.execute(_TOLD, (ERASED,))}
    query = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'erased_row'"
    if connection.execute(query).fetchone() is None:
        return {}, "the table erased_row is gone" if told else ""
    return tombstones_of(connection.execute("SELECT * FROM erased_row ORDER BY number"), told)


def _authors(connection: sqlite.Connection, verdict: Verdict, key: FieldCipher) -> Verdict:
    """Hold the rows that vouch for others against the keys of the database, which the key file's key opens."""
    try:
        found = connection.execute("SELECT * FROM key_ring WHERE use = ? ORDER BY place", (FIELD,)).fetchall()
        fields = tuple(key.unwrap(row["wrapped"], row["id"], FIELD) for row in found)
    except (sqlite.DatabaseError, DurabilityError, ValueError) as error:
        return _broken(verdict, 1, f"its keys do not open with the key file ({error}), who wrote it cannot be told")
    if not fields:
        return _broken(verdict, 1, "its keys are gone, who wrote it cannot be told")
    marks = ", ".join("?" * len(SIGNED))
    query = f"SELECT * FROM audit WHERE action IN ({marks}) ORDER BY number"  # noqa: S608 - our own marks
    ring = Ring(fields, key.own_ring.index)
    wrong = unsigned(connection.execute(query, SIGNED), key.with_ring(ring), is_demanded=_signs(connection))
    return verdict if wrong is None else _broken(verdict, *wrong)


def _signs(connection: sqlite.Connection) -> bool:
    """Return whether a release that signs has opened the file: it adopts at once what it finds."""
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return row is not None and str(row["version_num"]) >= SIGNS_SINCE


def _records(connection: sqlite.Connection, verdict: Verdict, tombstones: Tombstones) -> Verdict:
    """Hold each version of an entry and of a visit against the row that vouches for it, and look for others."""
    for table, column, actions, joint in _VOUCHED:
        kept: dict[str, Counter[str]] = {}
        for row in connection.execute(f"SELECT {column} AS subject, version, data FROM {table}"):  # noqa: S608 - our own names
            row_id = f"{row['subject']}{joint}{row['version']}"
            kept.setdefault(row["subject"], Counter())[sha256_of(row["data"], table, row_id, tombstones)] += 1
        query = "SELECT number, subject, digest FROM audit WHERE action LIKE ? AND digest != '' ORDER BY number"
        for row in connection.execute(query, (actions,)):
            digests = kept.get(row["subject"], Counter[str]())
            if not digests[row["digest"]]:
                return _broken(verdict, row["number"], f"the row of {table} it vouches for was changed or removed")
            digests[row["digest"]] -= 1
        stray = sum(digests.total() for digests in kept.values())
        if stray:
            return _broken(verdict, verdict.rows + 1, f"{stray} rows of {table} are vouched for by none of the chain")
    return verdict


def _broken(verdict: Verdict, number: int, why: str) -> Verdict:
    return Verdict(verdict.rows, verdict.head, number, why)
