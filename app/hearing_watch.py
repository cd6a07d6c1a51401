"""Tells the supervisor that the service hears no home: once after minutes, once more and graver after half an hour."""

import logging

import msgspec

from alerts.service_findings import deaf_finding
from app.desk_service import DeskService
from app.hearing import Deafness, Hearing, Hears
from core.localtime import MINUTE_MS
from core.text import Bilingual
from store.truth.database import Truth

LOOK_EVERY_MS = 10_000

TOLD_AFTER_MS = 3 * MINUTE_MS
"""A broker that is updated and started anew is away for less; the external watchdog waits as long."""

LONG_AFTER_MS = 30 * MINUTE_MS
"""From here on a fall would be found late: it is the shortest silence that a rule rings for."""

_KNOWN = "service_deaf"
_log = logging.getLogger(__name__)


class Told(msgspec.Struct, frozen=True):
    """What the supervisor has been told of one stretch."""

    since_ms: int
    is_long: bool = False


_decode_known = msgspec.json.Decoder(Told | None).decode


class HearingWatch:
    """Looks in rounds, used by one thread at a time; what was told outlasts a restart."""

    def __init__(self, hearing: Hearing, truth: Truth, desk: DeskService) -> None:
        self._hearing = hearing
        self._truth = truth
        self._desk = desk

    def look(self, now_ms: int) -> None:
        """Tell what is new; a journal without room is told by its keeper, and not here again. Blocking."""
        with self._truth.view() as unit:
            blob = unit.cursors.blob(_KNOWN)
        known = None if blob is None else _decode_known(blob)
        deaf_ms = self._hearing.deaf_for_ms()
        if deaf_ms is None:
            if known is not None and self._hearing.last is Hears.WELL:
                self._tell(None, now_ms, over=known)
            return
        if known is None:
            if deaf_ms >= TOLD_AFTER_MS and self._hearing.why is Deafness.BROKER:
                self._tell(Told(now_ms - deaf_ms), now_ms)
        elif not known.is_long and now_ms - known.since_ms >= LONG_AFTER_MS:
            self._tell(Told(known.since_ms, is_long=True), now_ms)

    def problems(self) -> list[str]:
        """Return that nothing is heard, and for how long."""
        deaf_ms = self._hearing.deaf_for_ms()
        if deaf_ms is None:
            return []
        minutes = deaf_ms // MINUTE_MS
        zh, en = f"已{minutes}分钟收不到任何住户的消息", f"no home has been heard for {minutes} min"
        return [str(Bilingual(f"{zh}，期间不判断安静", f"{en}: no silence is judged meanwhile"))]

    def _tell(self, told: Told | None, now_ms: int, *, over: Told | None = None) -> None:
        found = [] if told is None else [deaf_finding(now_ms=now_ms, since_ms=told.since_ms, is_long=told.is_long)]
        if over is not None:
            stages = (False, True) if over.is_long else (False,)
            found = [
                deaf_finding(now_ms=now_ms, since_ms=over.since_ms, is_long=is_long, is_over=True) for is_long in stages
            ]
        _log.error("the service hears %s", "again" if told is None else "no home")
        self._desk.take_findings(found)  # told before remembered, as in app/rota_watch.py
        with self._truth.transaction() as unit:
            unit.cursors.set_blob(_KNOWN, msgspec.json.encode(told))
