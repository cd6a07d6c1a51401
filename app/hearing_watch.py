"""Tells the supervisor that no home is heard, at a stretch or bit by bit: after minutes, graver after half an hour."""

import logging

import msgspec

from alerts.service_findings import deaf_finding
from app.desk_service import DeskService
from app.hearing import Deafness, Hearing, Hears
from core.localtime import HOUR_MS, MINUTE_MS
from core.text import Bilingual
from store.truth.database import Truth

LOOK_EVERY_MS = 10_000

TOLD_AFTER_MS = 3 * MINUTE_MS
"""A broker that is updated and started anew is away for less; the external watchdog waits as long."""

TOLD_WITHIN_MS = 15 * MINUTE_MS
"""A link that comes and goes is deaf for less each time: its moments are added. Heard for as long it is over."""

LONG_AFTER_MS = 30 * MINUTE_MS
"""From here on a fall would be found late: it is the shortest silence that a rule rings for."""

LONG_WITHIN_MS = 2 * HOUR_MS

_KNOWN = "service_deaf"
_log = logging.getLogger(__name__)


class Heard(msgspec.Struct, frozen=True):
    """What the supervisor has been told, and when nothing was heard in the last hours."""

    since_ms: int | None = None  # of what was told and is not over
    is_long: bool = False
    spans: tuple[tuple[int, int], ...] = ()

    def at(self, now_ms: int, deaf_ms: int | None) -> "Heard":
        """Return it with the stretch under way, and without what is too old to count."""
        spans = self.spans
        if deaf_ms is not None:
            from_ms = now_ms - deaf_ms
            under_way = [one for one in spans if one[1] >= from_ms]
            spans = (*spans[: len(spans) - len(under_way)], (min([from_ms, *(one[0] for one in under_way)]), now_ms))
        kept = tuple(one for one in spans if now_ms - LONG_WITHIN_MS < one[1] <= now_ms)
        return msgspec.structs.replace(self, spans=kept)

    def within(self, span_ms: int, now_ms: int) -> int:
        """Return for how long of the last `span_ms` nothing was heard."""
        return sum(max(until_ms - max(from_ms, now_ms - span_ms), 0) for from_ms, until_ms in self.spans)


_decode = msgspec.json.Decoder(Heard | None).decode


class HearingWatch:
    """Looks in rounds, used by one thread at a time; what was told and when it was deaf outlasts a restart."""

    def __init__(self, hearing: Hearing, truth: Truth, desk: DeskService) -> None:
        self._hearing = hearing
        self._truth = truth
        self._desk = desk
        self._heard: Heard | None = None  # read once: a disk that is full may not take what was added

    def look(self, now_ms: int) -> None:
        """Tell what is new; of a journal without room its keeper tells first, and here it becomes grave. Blocking."""
        before = self._known() if self._heard is None else self._heard
        deaf_ms = self._hearing.deaf_for_ms()
        heard = self._told(before.at(now_ms, deaf_ms), now_ms, is_deaf=deaf_ms is not None)
        self._heard = heard
        if heard != before:
            with self._truth.transaction() as unit:
                unit.cursors.set_blob(_KNOWN, msgspec.json.encode(heard))

    def problems(self) -> list[str]:
        """Return that nothing is heard, and for how long."""
        deaf_ms = self._hearing.deaf_for_ms()
        if deaf_ms is None:
            return []
        minutes = deaf_ms // MINUTE_MS
        zh, en = f"已{minutes}分钟收不到任何住户的消息", f"no home has been heard for {minutes} min"
        return [str(Bilingual(f"{zh}，期间不判断安静", f"{en}: no silence is judged meanwhile"))]

    def _known(self) -> Heard:
        with self._truth.view() as unit:
            blob = unit.cursors.blob(_KNOWN)
        return (None if blob is None else _decode(blob)) or Heard()

    def _told(self, heard: Heard, now_ms: int, *, is_deaf: bool) -> Heard:
        """Return it with what is told now; told before remembered, as in app/rota_watch.py."""
        lately_ms = heard.within(TOLD_WITHIN_MS, now_ms)
        if not is_deaf:
            if heard.since_ms is None or lately_ms or self._hearing.last is not Hears.WELL:
                return heard
            self._tell(heard.since_ms, now_ms, is_long=heard.is_long, is_over=True)
            return msgspec.structs.replace(heard, since_ms=None, is_long=False)
        if lately_ms < TOLD_AFTER_MS:
            return heard
        lately = (from_ms for from_ms, until_ms in heard.spans if until_ms > now_ms - TOLD_WITHIN_MS)
        since_ms = next(lately) if heard.since_ms is None else heard.since_ms
        if not heard.is_long and heard.within(LONG_WITHIN_MS, now_ms) >= LONG_AFTER_MS:
            self._tell(since_ms, now_ms, is_long=True)
            return msgspec.structs.replace(heard, since_ms=since_ms, is_long=True)
        if heard.since_ms is None and self._hearing.why is Deafness.BROKER:
            self._tell(since_ms, now_ms, is_long=False)
            return msgspec.structs.replace(heard, since_ms=since_ms)
        return heard

    def _tell(self, since_ms: int, now_ms: int, *, is_long: bool, is_over: bool = False) -> None:
        stages = (False, True) if is_over and is_long else (is_long,)
        found = [deaf_finding(now_ms=now_ms, since_ms=since_ms, is_long=one, is_over=is_over) for one in stages]
        if is_over:
            _log.warning("the service hears again")  # good news, and below it nothing is logged
        else:
            _log.error("the service hears no home")
        self._desk.take_findings(found)
