"""The time series looked after: nightly upkeep of the embedded one, and how far each store has come."""

import logging
from collections.abc import Sequence

from app.projection import Projection
from core.localtime import MINUTE_MS
from core.text import Bilingual
from store.duckdb_series import DuckDbSeries
from store.influx_series import InfluxSeries
from store.journal import Journal

LOOK_EVERY_MS = 10 * MINUTE_MS
"""The work itself comes once a day, when a day has ended; looking costs a count."""

_log = logging.getLogger(__name__)


class SeriesWatch:
    """Looks in rounds, used by one thread at a time."""

    def __init__(self, journal: Journal, series: DuckDbSeries, projections: Sequence[Projection]) -> None:
        self._journal = journal
        self._series = series
        self._projections = projections

    def look(self, now_ms: int) -> None:
        """Sort, roll up and forget what is due; blocking, seconds once a day."""
        done = self._series.keep_up(now_ms)
        if done.moved or done.forgotten:
            _log.info("time series: %d sorted, %d slots, %d forgotten", done.moved, done.slots, done.forgotten)

    def notices(self) -> list[str]:
        """Return that somebody should look at lines that were refused."""
        kept, _ = self.parked()
        if not kept:
            return []
        told = Bilingual(f"InfluxDB拒收了{kept}行，已另存", f"InfluxDB refused {kept} lines, which are kept")
        return [f"{told} (shouwang series parked)"]

    @property
    def lag(self) -> int:
        """Return how many journal entries the slowest store has not taken."""
        last_seq = self._journal.last()[0]
        return max(0, *(last_seq - one.cursor for one in self._projections))

    @property
    def too_late(self) -> int:
        """Return how many readings came after the single readings of their day had gone."""
        return self._series.too_late

    def parked(self) -> tuple[int, int]:
        """Return refused lines that are kept, and all that ever were."""
        for projection in self._projections:
            if isinstance(projection.sink, InfluxSeries):
                return projection.sink.ledger.parked_count()
        return 0, 0


def gauges_of(watch: SeriesWatch | None) -> dict[str, float]:
    """Return the present as metrics."""
    return {
        "shouwang_series_lag_entries": 0 if watch is None else watch.lag,
        "shouwang_series_lines_parked": 0 if watch is None else watch.parked()[0],
    }


def counters_of(watch: SeriesWatch | None) -> dict[str, float]:
    """Return what has been counted, as metrics."""
    return {
        "shouwang_series_lines_refused_total": 0 if watch is None else watch.parked()[1],
        "shouwang_series_too_late_total": 0 if watch is None else watch.too_late,
    }
