"""The nightly work on the embedded time series: sorts what has ended, renews its roll-ups, forgets what is too old."""
# ruff: noqa: S608  # only constants of ours stand in these texts; what comes from outside is a parameter

import duckdb
import msgspec

from store.duckdb_tables import BEATS_FROM, DAY_ORIGIN, FIGURES, FIVE_MS, JOINED, ONCE, TRACKS_OF_HOME

WEEK_DAYS = 7
"""A track needs some two thousand readings in a row to pack well; a week of a sensor has them."""

_LEAN = "n, low, nullif(high, low), nullif(total, n * low), nullif(last, low)"
_MEASURED = f"track % {TRACKS_OF_HOME} < {BEATS_FROM} AND value IS NOT NULL"


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """How long things stay (spec/policy B4): single readings with their 5-minute figures, and daily figures."""

    raw_days: int = 90
    daily_days: int = 730


class Upkeep(msgspec.Struct, frozen=True):
    """What was done, in rows."""

    moved: int = 0
    slots: int = 0
    forgotten: int = 0


def keep_up(
    connection: duckdb.DuckDBPyConnection,
    *,
    today: int,
    today_ms: int,
    cutoff_ms: int,
    oldest_day: int,
    zone_name: str,
) -> Upkeep:
    """Do it in one transaction, then write the file in order; days are local ones since 1970."""
    connection.execute("BEGIN")
    try:
        moved = _count(connection, f"SELECT count(*) FROM fresh WHERE at_ms < {today_ms}")
        slots = _settle(connection, today_ms, zone_name) if moved else 0
        if _is_week_over(connection, today):
            _move(connection, "recent", "settled", "true")
        forgotten = _forget(connection, cutoff_ms, oldest_day)
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
    if moved or forgotten:
        connection.execute("CHECKPOINT")
    return Upkeep(moved, slots, forgotten)


def _settle(connection: duckdb.DuckDBPyConnection, today_ms: int, zone_name: str) -> int:
    """Move the readings of days that have ended, and count every stretch anew that one of them belongs to."""
    ended = f"at_ms < {today_ms}"
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE touched AS SELECT DISTINCT track, (at_ms // {FIVE_MS})::INTEGER AS slot"
        f" FROM fresh WHERE {ended} AND {_MEASURED}"
    )
    _move(connection, "fresh", "recent", ended)
    slots, first, last = connection.execute("SELECT count(*), min(slot), max(slot) FROM touched").fetchone() or (
        0,
        0,
        0,
    )
    if slots:
        connection.execute("DELETE FROM five WHERE (track, slot) IN (SELECT (track, slot) FROM touched)")
        connection.execute(
            f"INSERT INTO five SELECT track, slot, {_LEAN} FROM (SELECT track, (at_ms // {FIVE_MS})::INTEGER AS slot,"
            f" {FIGURES} FROM ({ONCE} WHERE at_ms >= {first * FIVE_MS} AND at_ms < {(last + 1) * FIVE_MS}"
            f" AND {_MEASURED}) WHERE (track, at_ms // {FIVE_MS}) IN (SELECT (track, slot) FROM touched)"
            " GROUP BY track, slot) ORDER BY track, slot"
        )
        _renew_days(connection, zone_name)
    connection.execute("DROP TABLE touched")
    return int(slots)


def _renew_days(connection: duckdb.DuckDBPyConnection, zone_name: str) -> None:
    day = f"((to_timestamp(slot * 300) AT TIME ZONE '{zone_name}')::DATE - {DAY_ORIGIN})::INTEGER"
    connection.execute(f"CREATE OR REPLACE TEMP TABLE touched_days AS SELECT DISTINCT track, {day} AS day FROM touched")
    # two days of slack: a local day begins within a day of the UTC one
    first, last = connection.execute("SELECT min(day) - 2, max(day) + 2 FROM touched_days").fetchone() or (0, 0)
    connection.execute("DELETE FROM days WHERE (track, day) IN (SELECT (track, day) FROM touched_days)")
    connection.execute(
        f"INSERT INTO days SELECT track, day, {_LEAN} FROM (SELECT track, {day} AS day, {JOINED} FROM rolled"
        f" WHERE slot >= {first * 288} AND slot < {last * 288}"
        f" AND (track, {day}) IN (SELECT (track, day) FROM touched_days) GROUP BY track, day) ORDER BY track, day"
    )
    connection.execute("DROP TABLE touched_days")


def _move(connection: duckdb.DuckDBPyConnection, source: str, target: str, which: str) -> None:
    connection.execute(
        f"INSERT INTO {target} SELECT DISTINCT ON (track, at_ms, seq) * FROM {source} WHERE {which}"
        " ORDER BY track, at_ms, seq, delay_ms"
    )
    connection.execute(f"DELETE FROM {source} WHERE {which}")


def _is_week_over(connection: duckdb.DuckDBPyConnection, today: int) -> bool:
    row = connection.execute("SELECT value FROM upkeep WHERE name = 'week'").fetchone()
    if row is not None and today // WEEK_DAYS <= row[0]:
        return False
    connection.execute("INSERT OR REPLACE INTO upkeep VALUES ('week', ?)", [today // WEEK_DAYS])
    return True


def _forget(connection: duckdb.DuckDBPyConnection, cutoff_ms: int, oldest_day: int) -> int:
    gone = 0
    for table in ("fresh", "recent", "settled"):
        gone += _count(connection, f"DELETE FROM {table} WHERE at_ms < {cutoff_ms}")
    gone += _count(connection, f"DELETE FROM five WHERE slot < {cutoff_ms // FIVE_MS}")
    return gone + _count(connection, f"DELETE FROM days WHERE day < {oldest_day}")


def _count(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    row = connection.execute(sql).fetchone()
    return int(row[0]) if row else 0
