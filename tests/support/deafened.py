"""A home whose service may go deaf, with a deaf tick a minute as the service writes them."""

from watched_home import (
    NINE,
    Watched,
    said,
)

from core.events import Metric
from core.localtime import HOUR_MS, MINUTE_MS
from rules.findings import FindingKind

FIXED = {"inactivity_personal": 0, "inactivity_day_ms": 5 * HOUR_MS, "inactivity_night_ms": 12 * HOUR_MS}
TEN = NINE + HOUR_MS
NOON = NINE + 3 * HOUR_MS
PERSON = (
    FindingKind.INACTIVITY,
    FindingKind.NO_RETURN,
    FindingKind.BATHROOM_SILENCE,
    FindingKind.CAME_IN_SILENT,
    FindingKind.HOME_BLIND,
    FindingKind.DEVICE_SILENT,
)


class Deafened(Watched):
    """A home whose service may go deaf."""

    def deaf(self, from_ms, until_ms, *, heard=()):
        """Be deaf for a stretch, in which readings may still come by another way; then hear again."""
        self.until(from_ms - 1)
        for one in heard:
            from_ms = self.ticks(from_ms, one.received_at_ms)
            self.findings += self.engine.on_readings(one.received_at_ms, [one])
        self.ticks(from_ms, until_ms)
        return self.until(until_ms)

    def ticks(self, from_ms, until_ms):
        """Write a deaf tick a minute, as the service does."""
        for at_ms in range(from_ms, until_ms, MINUTE_MS):
            self.findings += self.engine.on_time(at_ms, is_deaf=True)
        return until_ms


def beats(from_ms, until_ms, every_ms=10 * MINUTE_MS):
    return [said("gateway", Metric.ONLINE, True, at_ms) for at_ms in range(from_ms, until_ms, every_ms)]
