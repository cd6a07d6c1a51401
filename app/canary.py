"""Raises the daily test alarm through the broker, as a device does, and waits for its ring; never a real contact."""

import logging
import math
from collections.abc import Callable
from datetime import time

import msgspec

from alerts.canary import CANARY_HOME, CANARY_TOPIC, Run, canary_home, canary_person, is_due, judged, rang_at_ms
from alerts.lifecycle import ENDED
from alerts.model import Alert, Outcome
from alerts.service_findings import canary_finding
from app.desk_service import DeskService
from core.localtime import local_date, zone
from store.truth.database import Truth

LOOK_EVERY_MS = 2_000
"""Often enough that a failure is told within seconds of its limit; the ring's time itself is that of the call."""

_RUN = "canary"
_log = logging.getLogger(__name__)
_decode = msgspec.json.Decoder(Run).decode


class Canary:
    """Used by one thread at a time (the desk's). `publish` takes a topic and a payload."""

    def __init__(
        self,
        truth: Truth,
        desk: DeskService,
        publish: Callable[[str, bytes], None],
        *,
        is_connected: Callable[[], bool],
        at: time,
        number: str,
        zone_name: str,
    ) -> None:
        self._truth = truth
        self._desk = desk
        self._publish = publish
        self._is_connected = is_connected
        self._at = at
        self._number = number
        self._zone_name = zone_name
        with truth.view() as unit:
            blob = unit.cursors.blob(_RUN)
        self.last: Run | None = None if blob is None else _decode(blob)

    def look(self, now_ms: int) -> None:
        """Raise the alarm when it is due, or see what has become of it; blocking."""
        if self.last is not None and self.last.is_open:
            self._follow(self.last, now_ms)
        elif is_due(self.last, self._at, now_ms, self._zone_name) and self._is_connected():
            # without the broker the alarm waits: that the broker is gone is said elsewhere
            self._raise(now_ms)

    def troubles(self) -> list[str]:
        """Return that the last alarm did not ring, until one does."""
        if self.last is None or not self.last.has_failed:
            return []
        return [f"每日测试报警未接通 the daily test alarm of {self.last.day} did not ring"]

    def _raise(self, now_ms: int) -> None:
        person, home = canary_person(self._number), canary_home(self._zone_name)
        run = Run(day=local_date(now_ms, zone(self._zone_name)), raised_at_ms=now_ms)
        with self._truth.transaction() as unit:
            if unit.people.person(person.id) != person:
                unit.people.put_person(person)
            if unit.people.home(home.id) != home:
                unit.people.put_home(home)
            unit.cursors.set_blob(_RUN, msgspec.json.encode(run))  # before the alarm: a kill raises it once
        had_failed = self.last if self.last is not None and self.last.has_failed else None
        self.last = run
        if had_failed is not None:
            self._tell(had_failed, now_ms, is_over=True)
        self._publish(CANARY_TOPIC, msgspec.json.encode({"ts": now_ms, "seq": now_ms // 1000, "sos": True}))

    def _follow(self, run: Run, now_ms: int) -> None:
        alert = self._alert(run)
        rang_ms = None
        if alert is not None:
            with self._truth.view() as unit:
                rang_ms = rang_at_ms(unit.outbox.of_alert(alert.id), unit.alerts.trace(alert.id))
        seen = judged(run, rang_ms, now_ms)
        if seen.is_open:
            return
        if alert is not None and alert.state not in ENDED:
            self._desk.close(alert.id, Outcome.TECHNICAL_FIXED, "canary", who="canary")
        if seen.has_failed:
            _log.error("the daily test alarm did not ring")
            self._tell(seen, now_ms)
        with self._truth.transaction() as unit:
            unit.cursors.set_blob(_RUN, msgspec.json.encode(seen))
        self.last = seen

    def _alert(self, run: Run) -> Alert | None:
        with self._truth.view() as unit:
            found = unit.alerts.open_of_home(CANARY_HOME, is_ticket=False)
            newest = unit.alerts.list(None, 1, home_id=CANARY_HOME)
        return found or next((one for one in newest if one.opened_at_ms >= run.raised_at_ms), None)

    def _tell(self, run: Run, now_ms: int, *, is_over: bool = False) -> None:
        self._desk.take_findings([canary_finding(run, now_ms=now_ms, is_over=is_over)])


def gauges_of(canary: Canary | None) -> dict[str, float]:
    """Return the last alarm's time to ring and whether it failed, as metrics; NaN without an alarm that rang."""
    ring_ms = None if canary is None or canary.last is None else canary.last.ring_ms
    return {
        "shouwang_canary_ring_seconds": math.nan if ring_ms is None else ring_ms / 1000,
        "shouwang_canary_failed": float(canary is not None and bool(canary.troubles())),
    }
