"""Numbers for tracks: one metric of one device; a home's are neighbours, and are given once and for ever."""

import threading
from collections.abc import Generator, Iterable
from contextlib import contextmanager

from core.errors import DurabilityError
from core.events import LIVENESS_METRICS, Metric, Reading
from core.ids import DeviceId, HomeId
from store.duckdb_tables import BEATS_FROM, TRACKS_OF_HOME

NO_SEQ = -1
"""The first value of a moment without a seq; the second is -2, and so on: in a column that is -1 nearly everywhere."""

Row = tuple[int, int, int, float | None, str | None, int, int]
"""(track, observed at, delay until it arrived, number, text, seq, flags)."""

TrackRow = tuple[int, str, str, str, str]
"""(track, home, device, metric, kind): kind is bool, num or text."""

Named = tuple[DeviceId, Metric, str]
"""(device, metric, kind)."""

_Key = tuple[HomeId, DeviceId, Metric, str]


class Tracks:
    """All tracks, in memory: some dozens a home. Any thread may read, one at a time may number."""

    def __init__(self, rows: Iterable[TrackRow]) -> None:
        self._lock = threading.Lock()
        self._of: dict[_Key, int] = {}
        self._names: dict[int, Named] = {}
        self._homes: dict[HomeId, int] = {}
        self._with_texts: set[int | None] = set()
        self._next: dict[tuple[int, bool], int] = {}
        for row in rows:
            self._learn(row)

    def span(self, home_id: HomeId) -> tuple[int, int]:
        """Return the first and the last number that a home's measurements may have; an empty span for a stranger."""
        number = self._homes.get(home_id)
        if number is None:
            return (0, -1)
        first = number * TRACKS_OF_HOME
        return (first, first + BEATS_FROM - 1)

    def has_texts(self, home_id: HomeId) -> bool:
        """Return whether a home has ever told a text."""
        return self._homes.get(home_id) in self._with_texts

    def named(self, track: int) -> tuple[DeviceId, Metric]:
        """Return whose it is."""
        device_id, metric, _ = self._names[track]
        return device_id, metric

    def known(self, track: int) -> Named:
        """Return whose it is, and its kind."""
        return self._names[track]

    def is_bool(self, track: int) -> bool:
        """Return whether it is a switch."""
        return self._names[track][2] == "bool"

    @contextmanager
    def numbering(self) -> Generator["Numbering"]:
        """Give numbers to what has none; they are kept when the block ends well."""
        with self._lock:
            numbering = Numbering(self._of, self._homes, self._next)
            yield numbering
            for row in numbering.new:
                self._learn(row)

    def _learn(self, row: TrackRow) -> None:
        track, home_id, device_id, metric, kind = row
        home, place = divmod(track, TRACKS_OF_HOME)
        is_beat = place >= BEATS_FROM
        self._of[HomeId(home_id), DeviceId(device_id), Metric(metric), kind] = track
        self._names[track] = (DeviceId(device_id), Metric(metric), kind)
        self._homes[HomeId(home_id)] = home
        if kind == "text":
            self._with_texts.add(home)
        self._next[home, is_beat] = max(place + 1, self._next.get((home, is_beat), 0))


class Numbering:
    """The numbers of one transaction."""

    def __init__(
        self, known: dict[_Key, int], homes: dict[HomeId, int], following: dict[tuple[int, bool], int]
    ) -> None:
        self._known = known
        self._fresh: dict[_Key, int] = {}
        self._homes, self._fresh_homes = homes, dict[HomeId, int]()
        self._next = following.copy()
        self.new: list[TrackRow] = []

    def row(self, reading: Reading, nth: int) -> Row:
        """Return a reading as it stands in the tables; `nth` value of its moment without a seq it is."""
        value = reading.value
        kind = "bool" if isinstance(value, bool) else "text" if isinstance(value, str) else "num"
        key = (reading.home_id, reading.device_id, reading.metric, kind)
        track = self._known.get(key)
        if track is None:
            track = self._fresh[key] if key in self._fresh else self._numbered(key)
        at_ms = reading.observed_at_ms
        number, text = (None, value) if isinstance(value, str) else (float(value), None)
        seq = NO_SEQ - nth if reading.seq is None else reading.seq
        return (track, at_ms, reading.received_at_ms - at_ms, number, text, seq, reading.flags)

    def _numbered(self, key: _Key) -> int:
        home_id, device_id, metric, kind = key
        home = self._homes.get(home_id)
        if home is None:
            home = self._fresh_homes.setdefault(home_id, len(self._homes) + len(self._fresh_homes) + 1)
        is_beat = metric in LIVENESS_METRICS
        first = BEATS_FROM if is_beat else 0
        place = max(self._next.get((home, is_beat), first), first)
        if place >= first + BEATS_FROM:
            raise DurabilityError(f"home {home_id} has more than {BEATS_FROM} metrics of devices")
        self._next[home, is_beat] = place + 1
        track = home * TRACKS_OF_HOME + place
        self._fresh[key] = track
        self.new.append((track, home_id, device_id, metric.value, kind))
        return track
