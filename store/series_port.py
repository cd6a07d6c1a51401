"""What is asked of a time-series store: a projection of the journal with its own cursor, and curves out of it."""

from collections.abc import Sequence
from datetime import date
from typing import Protocol

import msgspec

from core.errors import ShouwangError
from core.events import Metric, Reading
from core.ids import DeviceId, HomeId
from core.log import LogEntry


class RetryLaterError(ShouwangError):
    """The store cannot take it now; nothing is lost, the cursor stands. Try again after `retry_after_ms`."""

    def __init__(self, what: str, *, retry_after_ms: int) -> None:
        super().__init__(f"{what}; trying again in {retry_after_ms} ms")
        self.retry_after_ms = retry_after_ms


class Bucket(msgspec.Struct, frozen=True):
    """Readings of one metric of one device in one stretch of time; a switch counts 1 where it is true.

    Units are those of the metric; `total` of a switch is how often it was told to be true.
    """

    device_id: DeviceId
    metric: Metric
    from_ms: int
    count: int
    low: float
    high: float
    total: float
    last: float


class SeriesSink(Protocol):
    """Where readings become curves. Writing the same entries again is harmless."""

    def write(self, entries: Sequence[LogEntry]) -> None:
        """Take the readings of entries in order and move the cursor to the last one's seq, both or neither.

        Raises RetryLaterError when the store cannot take them now, ConfigurationError when a person must act.
        """
        ...

    def remember(self, entries: Sequence[LogEntry]) -> None:
        """Know what came shortly before the cursor, so that a value of the same moment is told from it."""
        ...

    def cursor(self) -> int:
        """Return the seq of the last entry that was taken; 0 before the first."""
        ...

    def close(self) -> None:
        """Release files and connections; what was taken stays."""
        ...


class SeriesStore(SeriesSink, Protocol):
    """What is read back of it; a reading that was journalled twice counts once, heartbeats stand apart."""

    def readings(self, home_id: HomeId, from_ms: int, until_ms: int, limit: int) -> list[Reading]:
        """Return measurements observed in [from_ms, until_ms), oldest first, at most `limit`; no heartbeats."""
        ...

    def buckets(self, home_id: HomeId, from_ms: int, until_ms: int, width_ms: int) -> list[Bucket]:
        """Return numbers and switches by stretches of `width_ms`, whole minutes, counted from the epoch.

        Empty ones are left out. In order of time, then device and metric. A stretch that is cut by from_ms or
        until_ms counts what is inside.
        """
        ...

    def daily(self, home_id: HomeId, from_day: date, until_day: date) -> list[Bucket]:
        """Return the same by local days of [from_day, until_day); these outlast the single readings."""
        ...
