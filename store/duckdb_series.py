"""The embedded time-series store: a DuckDB file that follows the journal; a reading delivered twice reads as one."""

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import msgspec

from core.errors import ConfigurationError, DurabilityError
from core.events import LIVENESS_METRICS, Flag, Metric, Reading, Value
from core.ids import DeviceId, HomeId
from core.localtime import DAY_MS
from core.log import LogEntry

CHECKPOINT_WAL = "64MB"
"""A day of a thousand homes; a checkpoint rewrites blocks, so it is not worth one a minute."""

_COLUMNS = """home_id VARCHAR NOT NULL, device_id VARCHAR NOT NULL, metric VARCHAR NOT NULL, value_num DOUBLE,
  value_bool BOOLEAN, value_text VARCHAR, observed_at_ms BIGINT NOT NULL, received_at_ms BIGINT NOT NULL,
  seq BIGINT, flags INTEGER NOT NULL"""
_SCHEMA = f"""
CREATE TABLE IF NOT EXISTS readings ({_COLUMNS});
CREATE TABLE IF NOT EXISTS liveness ({_COLUMNS});
CREATE TABLE IF NOT EXISTS cursor (seq BIGINT NOT NULL);
"""
# one list for each column: executemany is ninety times slower (measured: some 130 000 readings/s against 1 500)
_APPEND = """INSERT INTO {table} SELECT unnest(?::VARCHAR[]), unnest(?::VARCHAR[]), unnest(?::VARCHAR[]),
  unnest(?::DOUBLE[]), unnest(?::BOOLEAN[]), unnest(?::VARCHAR[]), unnest(?::BIGINT[]), unnest(?::BIGINT[]),
  unnest(?::BIGINT[]), unnest(?::INTEGER[])"""
_READ = """SELECT DISTINCT ON (observed_at_ms, device_id, metric, seq) * FROM readings
  WHERE home_id = ? AND observed_at_ms >= ? AND observed_at_ms < ?
  ORDER BY observed_at_ms, device_id, metric, seq NULLS FIRST, received_at_ms LIMIT ?"""
_CHANGES = """SELECT device_id, metric, (observed_at_ms - $2) // $4 AS bin, bool_or(value_bool),
  arg_max_null(before_bool, value_bool), arg_max(value_num, value_num - before_num),
  arg_max(before_num, value_num - before_num)
  FROM (SELECT device_id, metric, observed_at_ms, value_num, value_bool, flags, lag(value_num) OVER same AS before_num,
    lag(value_bool) OVER same AS before_bool FROM readings
    WHERE home_id = $1 AND observed_at_ms >= $2 - $5 AND observed_at_ms < $3
    WINDOW same AS (PARTITION BY device_id, metric ORDER BY observed_at_ms, seq NULLS FIRST, received_at_ms))
  WHERE observed_at_ms >= $2 AND flags & $6 = 0
    AND (value_bool IS DISTINCT FROM before_bool OR value_num > before_num OR (value_bool AND metric = $7))
  GROUP BY ALL ORDER BY bin, device_id, metric"""
_COUNT = """SELECT count(*) FROM (SELECT DISTINCT device_id, metric, observed_at_ms, seq FROM
  (SELECT * FROM readings UNION ALL SELECT * FROM liveness))"""

BEFORE_MS = DAY_MS
"""How far back a value is looked for that the first one of a stretch is compared with; a battery report is daily."""

_Row = tuple[str, str, str, float | None, bool | None, str | None, int, int, int | None, int]


class Change(msgspec.Struct, frozen=True):
    """What one metric of one device changed to in one bin of time, and from what; None: never told before."""

    device_id: DeviceId
    metric: Metric
    from_ms: int  # the bin begins
    value: bool | float
    before: bool | float | None


class DuckDbSeries:
    """One DuckDB file, opened by one process; any thread may call it, each call on a connection of its own."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._write_lock = threading.Lock()
        try:
            self._database = duckdb.connect(str(path))
            self._database.execute(f"SET checkpoint_threshold = '{CHECKPOINT_WAL}'")
            self._database.execute(_SCHEMA)
        except duckdb.Error as error:
            raise ConfigurationError(
                f"the time-series file cannot be opened: {error}",
                where=str(path),
                remedy="stop the other process that has it open, or move the file away: it is rebuilt from the journal",
            ) from error

    def write(self, entries: Sequence[LogEntry]) -> None:
        """Append the readings of entries beyond the cursor and move it, in one transaction.

        Raises DurabilityError when the disk did not keep them; the cursor then stands where it was.
        """
        with self._write_lock, self._database.cursor() as connection:
            known = _cursor(connection)
            fresh = [entry for entry in entries if entry.seq > known]
            if not fresh:
                return
            rows = [reading for entry in fresh for reading in entry.readings]
            try:
                connection.execute("BEGIN")
                _append(connection, "liveness", [r for r in rows if r.metric in LIVENESS_METRICS])
                _append(connection, "readings", [r for r in rows if r.metric not in LIVENESS_METRICS])
                connection.execute("DELETE FROM cursor")
                connection.execute("INSERT INTO cursor VALUES (?)", [fresh[-1].seq])
                connection.execute("COMMIT")
            except duckdb.Error as error:
                raise DurabilityError(f"the time-series store did not keep a batch: {error}") from error

    def cursor(self) -> int:
        """Return the seq of the last entry that was taken; 0 before the first."""
        with self._database.cursor() as connection:
            return _cursor(connection)

    def readings(self, home_id: HomeId, from_ms: int, until_ms: int, limit: int) -> list[Reading]:
        """Return measurements observed in [from_ms, until_ms), oldest first, each once; heartbeats stay out."""
        with self._database.cursor() as connection:
            return [_reading(row) for row in connection.execute(_READ, [home_id, from_ms, until_ms, limit]).fetchall()]

    def changes(self, home_id: HomeId, from_ms: int, until_ms: int, bin_ms: int) -> list[Change]:
        """Return the strongest change of each device and metric in each bin of [from_ms, until_ms), in order.

        Of a switch it is the one to true where there is one, of a number the greatest rise; what is sent again, falls
        or stays is none. At most one row a bin, device and metric, however much was sent.
        """
        parameters = [home_id, from_ms, until_ms, bin_ms, BEFORE_MS, int(Flag.REPLAY), Metric.SOS.value]
        with self._database.cursor() as connection:
            rows = connection.execute(_CHANGES, parameters).fetchall()
        return [_change(row, from_ms, bin_ms) for row in rows]

    def count_distinct(self) -> int:
        """Return how many different readings there are, heartbeats included; reads the whole file."""
        with self._database.cursor() as connection:
            row = connection.execute(_COUNT).fetchone()
        return int(row[0]) if row else 0

    def close(self) -> None:
        """Wait for the write under way, then close the file."""
        with self._write_lock:
            self._database.close()


def _cursor(connection: duckdb.DuckDBPyConnection) -> int:
    row = connection.execute("SELECT max(seq) FROM cursor").fetchone()
    return int(row[0] or 0) if row else 0


def _append(connection: duckdb.DuckDBPyConnection, table: str, readings: Sequence[Reading]) -> None:
    if readings:
        columns: list[list[Any]] = [list(column) for column in zip(*map(_row, readings), strict=True)]
        connection.execute(_APPEND.format(table=table), columns)


def _row(reading: Reading) -> _Row:
    value = reading.value
    is_bool = isinstance(value, bool)
    return (
        reading.home_id,
        reading.device_id,
        reading.metric.value,
        None if is_bool or isinstance(value, str) else float(value),
        value if is_bool else None,
        value if isinstance(value, str) else None,
        reading.observed_at_ms,
        reading.received_at_ms,
        reading.seq,
        reading.flags,
    )


def _change(row: tuple[Any, ...], from_ms: int, bin_ms: int) -> Change:
    device_id, metric, number, is_true, was_true, value, before = row
    if is_true is not None:
        value, before = is_true, was_true
    return Change(DeviceId(device_id), Metric(metric), from_ms + number * bin_ms, value, before)


def _reading(row: _Row) -> Reading:
    home_id, device_id, metric, number, truth, text, observed_at_ms, received_at_ms, seq, flags = row
    value: Value = truth if truth is not None else number if number is not None else text or ""
    return Reading(
        HomeId(home_id), DeviceId(device_id), Metric(metric), value, observed_at_ms, received_at_ms, seq, flags
    )
