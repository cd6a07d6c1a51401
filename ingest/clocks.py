"""Device clocks that run behind: found by events that come late by the same time again and again, and put right."""

from collections import OrderedDict
from collections.abc import Container

from core.events import Metric
from core.ids import DeviceId
from core.limits import LATE_AFTER_MS

EVENTS = frozenset({Metric.MOTION, Metric.PRESENCE, Metric.OPEN, Metric.SOS, Metric.ONLINE})
"""Sent the moment they happen; a meter may well read at the hour and send ten minutes later, every hour."""

EVENTS_NEEDED = 8
LEAST_SPAN_MS = 10 * 60_000
"""A buffer that empties sends what it holds within minutes, each event less late than the one before."""

SPREAD_MS = 60_000
"""Radios and gateways keep an event for seconds; whoever keeps it for ten minutes does not keep all of them as long."""

DEVICES_KEPT = 100_000
"""Ten thousand homes of ten devices; beyond it the one not heard for longest is forgotten, and found out anew."""


class _Clock:
    __slots__ = ("behind_ms", "count", "from_ms", "least_ms", "most_ms")

    def __init__(self) -> None:
        self.behind_ms = 0
        self.count = 0  # events in a row that came late by the same time, within the spread
        self.from_ms = 0  # when the first of them arrived
        self.least_ms = self.most_ms = 0  # how late

    def take(self, received_at_ms: int, late_ms: int) -> None:
        self.least_ms, self.most_ms = min(self.least_ms, late_ms), max(self.most_ms, late_ms)
        if not self.count or self.most_ms - self.least_ms > SPREAD_MS:
            self.count, self.from_ms, self.least_ms, self.most_ms = 0, received_at_ms, late_ms, late_ms
        self.count += 1
        is_known = self.count >= EVENTS_NEEDED and received_at_ms - self.from_ms >= LEAST_SPAN_MS
        if is_known and abs(self.least_ms - self.behind_ms) > SPREAD_MS:
            self.behind_ms = self.least_ms


class Clocks:
    """Keeps how far behind each device's clock is; one that came right again is believed at once."""

    def __init__(self) -> None:
        self._clocks: OrderedDict[DeviceId, _Clock] = OrderedDict()
        self.late: Container[DeviceId] = self._clocks  # of any other device an event that is not late says nothing

    def __len__(self) -> int:
        """Return how many devices have sent something late since they were last in time."""
        return len(self._clocks)

    def behind_ms(self, device_id: DeviceId, metric: Metric, at_ms: int, received_at_ms: int) -> int:
        """Take an event's two times in; return how many ms its device's clock is behind, 0 as far as is known.

        What is returned stays the same while the clock does, so that a redelivered event is the same event.
        """
        late_ms = received_at_ms - at_ms
        clock = self._clocks.get(device_id)
        if clock is None:
            if late_ms <= LATE_AFTER_MS or metric not in EVENTS:
                return 0  # almost all of them
            clock = self._clocks[device_id] = _Clock()
            if len(self._clocks) > DEVICES_KEPT:
                self._clocks.popitem(last=False)
        if late_ms < max(clock.behind_ms - SPREAD_MS, LATE_AFTER_MS):  # no buffer makes an event less late
            del self._clocks[device_id]
            return 0
        self._clocks.move_to_end(device_id)
        if metric in EVENTS:
            clock.take(received_at_ms, late_ms)
        return clock.behind_ms
