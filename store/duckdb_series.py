"""The embedded time-series store: a DuckDB file that follows the journal; a reading delivered twice reads as one."""

import threading
from collections.abc import Sequence
from datetime import date, datetime, time
from operator import itemgetter
from pathlib import Path
from typing import Any

import duckdb
import msgspec

from core.errors import ConfigurationError, DurabilityError
from core.events import Flag, Metric, Reading
from core.ids import DeviceId, HomeId
from core.localtime import DAY_MS, DEFAULT_ZONE_NAME, instant_of, local_date, zone
from core.log import LogEntry
from store import duckdb_tables as tables
from store.duckdb_rows import Columns, buckets_of, numpy_of, readings_of
from store.duckdb_tracks import Row, Tracks
from store.duckdb_upkeep import Kept, Upkeep, keep_up
from store.series_port import Bucket
from store.series_ties import Ties

CHECKPOINT_WAL = "64MB"
"""A day of a thousand homes; a checkpoint rewrites blocks, so it is not worth one a minute."""

MEMORY = "512MB"
"""For sorting a week; DuckDB would take four fifths of the machine, and spills to the disk beyond this."""

BEFORE_MS = DAY_MS
"""How far back a value is looked for that the first one of a stretch is compared with; a battery report is daily."""

_EPOCH = date(1970, 1, 1).toordinal()


class Change(msgspec.Struct, frozen=True):
    """What one metric of one device changed to in one bin of time, and from what; None: never told before."""

    device_id: DeviceId
    metric: Metric
    from_ms: int  # the bin begins
    value: bool | float
    before: bool | float | None


class DuckDbSeries:
    """One DuckDB file, opened by one process; any thread may call it, each call on a connection of its own."""

    def __init__(self, path: Path, *, zone_name: str = DEFAULT_ZONE_NAME, kept: Kept | None = None) -> None:
        """Open or begin a file; `kept` is how long things stay, days are those of the zone."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._write_lock = threading.Lock()
        self._zone_name = zone_name
        self._kept = kept or Kept()
        self.too_late = 0
        self._ties = Ties()
        try:
            self._database = duckdb.connect(str(path))
            self._database.execute(f"SET checkpoint_threshold = '{CHECKPOINT_WAL}'")
            self._database.execute(f"SET memory_limit = '{MEMORY}'")
            self._database.execute("SET TimeZone = 'UTC'")
            for table in tables.OLD_TABLES:
                self._begin_anew_where(table)
            self._database.execute(tables.SCHEMA)
            self._tracks = Tracks(self._database.execute("SELECT * FROM track").fetchall())
        except duckdb.Error as error:
            raise ConfigurationError(
                f"the time-series file cannot be opened: {error}",
                where=str(path),
                remedy="stop the other process that has it open, or move the file away: it is rebuilt from the journal",
            ) from error

    def write(self, entries: Sequence[LogEntry]) -> None:
        """Append the readings of entries beyond the cursor and move it, in one transaction.

        Readings of days whose single readings are gone already are counted in `too_late` and left out: they would
        make a day anew out of themselves. Raises DurabilityError when the disk did not keep them; the cursor then
        stands where it was.
        """
        with self._write_lock, self._database.cursor() as connection:
            known = _cursor(connection)
            fresh = [entry for entry in entries if entry.seq > known]
            if not fresh:
                return
            oldest_ms = self._cutoff_ms(fresh[-1].log_time_ms)
            rows = [one for entry in fresh for one in entry.readings if one.observed_at_ms >= oldest_ms]
            try:
                connection.execute("BEGIN")
                places, placed = self._ties.placed(rows)
                with self._tracks.numbering() as numbering:
                    _append(connection, list(map(numbering.row, rows, places)))
                    if numbering.new:
                        connection.execute(
                            tables.APPEND_TRACKS, [list(one) for one in zip(*numbering.new, strict=True)]
                        )
                    connection.execute("DELETE FROM cursor")
                    connection.execute("INSERT INTO cursor VALUES (?)", [fresh[-1].seq])
                    connection.execute("COMMIT")
            except duckdb.Error as error:
                raise DurabilityError(f"the time-series store did not keep a batch: {error}") from error
            self._ties.keep(placed)
            self.too_late += sum(len(entry.readings) for entry in fresh) - len(rows)

    def remember(self, entries: Sequence[LogEntry]) -> None:
        """Know what was taken shortly before, as the port says."""
        with self._write_lock:
            self._ties.keep(self._ties.placed(one for entry in entries for one in entry.readings)[1])

    def cursor(self) -> int:
        """Return the seq of the last entry that was taken; 0 before the first."""
        with self._database.cursor() as connection:
            return _cursor(connection)

    def readings(self, home_id: HomeId, from_ms: int, until_ms: int, limit: int) -> list[Reading]:
        """Return measurements observed in [from_ms, until_ms), oldest first, each once; heartbeats stay out."""
        return readings_of(self.columns(home_id, from_ms, until_ms), home_id, self._tracks, limit)

    def columns(self, home_id: HomeId, from_ms: int, until_ms: int) -> Columns:
        """Return the same as numpy columns, in no order, and perhaps some of them twice."""
        first, last = self._tracks.span(home_id)
        with self._database.cursor() as connection:
            asked = [first, last, from_ms, until_ms]
            has_texts = self._tracks.has_texts(home_id)
            return numpy_of(connection.execute(tables.READ_WITH_TEXTS if has_texts else tables.READ, asked))

    def changes(self, home_id: HomeId, from_ms: int, until_ms: int, bin_ms: int) -> list[Change]:
        """Return the strongest change of each device and metric in each bin of [from_ms, until_ms), in order.

        Of a switch it is the one to true where there is one, of a number the greatest rise; what is sent again, falls
        or stays is none. At most one row a bin, device and metric, however much was sent.
        """
        asked = [*self._tracks.span(home_id), from_ms, until_ms, bin_ms, BEFORE_MS, int(Flag.REPLAY), Metric.SOS.value]
        with self._database.cursor() as connection:
            rows = connection.execute(tables.CHANGES, asked).fetchall()
        found = [self._change(row, from_ms, bin_ms) for row in rows]
        return sorted(found, key=lambda one: (one.from_ms, one.device_id, one.metric))

    def buckets(self, home_id: HomeId, from_ms: int, until_ms: int, width_ms: int) -> list[Bucket]:
        """Return figures by stretches, as the port says; from the 5-minute roll-up where that has them."""
        if width_ms == tables.FIVE_MS and not from_ms % width_ms and not until_ms % width_ms:
            return buckets_of(self.slots(home_id, from_ms, until_ms), self._tracks, width_ms)
        asked = [*self._tracks.span(home_id), from_ms, until_ms, width_ms]
        with self._database.cursor() as connection:
            columns = numpy_of(connection.execute(tables.BUCKETS, asked))
        return buckets_of(columns, self._tracks, width_ms)

    def slots(self, home_id: HomeId, from_ms: int, until_ms: int) -> Columns:
        """Return the 5-minute figures of [from_ms, until_ms), whole slots, as numpy columns in no order."""
        asked = [*self._tracks.span(home_id), from_ms, until_ms]
        with self._database.cursor() as connection:
            connection.execute("BEGIN")
            reach = connection.execute(tables.REACH, asked).fetchone() or (None, None)
            sql, asked = (tables.ROLLED, asked) if reach[0] is None else (tables.SLOTS, [*asked, *reach])
            columns = numpy_of(connection.execute(sql, asked))
            connection.execute("COMMIT")
        return columns

    def daily(self, home_id: HomeId, from_day: date, until_day: date) -> list[Bucket]:
        """Return figures by local days, as the port says: kept ones, but for days that something new belongs to."""
        first, until = from_day.toordinal() - _EPOCH, until_day.toordinal() - _EPOCH
        span = self._tracks.span(home_id)
        with self._database.cursor() as connection:
            connection.execute("BEGIN")
            touched = set(connection.execute(tables.DAYS_TOUCHED, [*span, self._zone_name]).fetchall())
            rows = connection.execute(tables.DAYS, [*span, first, until]).fetchall()
            rows = [row for row in rows if (row[0], row[1]) not in touched]
            inside = [day for _, day in touched if first <= day < until]
            if inside:
                stretch = [self._midnight_ms(min(inside)), self._midnight_ms(max(inside) + 1)]
                reach = connection.execute(tables.REACH, [*span, *stretch]).fetchone() or (0, 0)
                asked = [*span, *stretch, *reach, self._zone_name]
                anew = connection.execute(tables.DAYS_OF_SLOTS, asked).fetchall()
                rows += [row for row in anew if (row[0], row[1]) in touched]
            connection.execute("COMMIT")
        found = [Bucket(*self._tracks.named(row[0]), self._midnight_ms(row[1]), int(row[2]), *row[3:]) for row in rows]
        return sorted(found, key=lambda one: (one.from_ms, one.device_id, one.metric))

    def keep_up(self, now_ms: int) -> Upkeep:
        """Sort what days have ended, renew the roll-ups that it touches, forget what is too old; takes seconds."""
        today = local_date(now_ms, zone(self._zone_name)).toordinal() - _EPOCH
        with self._write_lock, self._database.cursor() as connection:
            return keep_up(
                connection,
                today=today,
                today_ms=self._midnight_ms(today),
                cutoff_ms=self._cutoff_ms(now_ms),
                oldest_day=today - self._kept.daily_days,
                zone_name=self._zone_name,
            )

    def count_distinct(self) -> int:
        """Return how many different readings there are, heartbeats included; reads the whole file."""
        with self._database.cursor() as connection:
            row = connection.execute(tables.COUNT).fetchone()
        return int(row[0]) if row else 0

    def close(self) -> None:
        """Wait for the write under way, then close the file."""
        with self._write_lock:
            self._database.close()

    def _begin_anew_where(self, table: str) -> None:
        found = self._database.execute("SELECT 1 FROM duckdb_tables() WHERE table_name = ?", [table]).fetchone()
        if found:
            self._database.execute(f"DROP TABLE {table}")
            self._database.execute("DELETE FROM cursor")

    def _cutoff_ms(self, now_ms: int) -> int:
        """Return the local midnight before which no single reading stays: a day is there whole, or not at all."""
        today = local_date(now_ms, zone(self._zone_name)).toordinal() - _EPOCH
        return self._midnight_ms(max(0, today - self._kept.raw_days))

    def _midnight_ms(self, day: int) -> int:
        return instant_of(datetime.combine(date.fromordinal(day + _EPOCH), time()), zone(self._zone_name))

    def _change(self, row: tuple[Any, ...], from_ms: int, bin_ms: int) -> Change:
        track, number, value, before = row
        device_id, metric = self._tracks.named(track)
        if self._tracks.is_bool(track):
            value, before = bool(value), None if before is None else bool(before)
        return Change(device_id, metric, from_ms + number * bin_ms, value, before)


def _cursor(connection: duckdb.DuckDBPyConnection) -> int:
    row = connection.execute("SELECT max(seq) FROM cursor").fetchone()
    return int(row[0] or 0) if row else 0


def _append(connection: duckdb.DuckDBPyConnection, rows: list[Row]) -> None:
    if rows:
        rows.sort(key=itemgetter(0))  # of one home together: packs better, and is found faster
        connection.execute(tables.APPEND, [list(column) for column in zip(*rows, strict=True)])
