"""Tells the supervisor of a clock that leapt, or is behind what was recorded; and says what is due by the new time."""

import logging

import msgspec

from alerts.service_findings import clock_behind_words, clock_finding, leapt_finding
from app.desk_service import DeskService
from app.hearing import CLOCK_BEHIND_MS
from app.hearing_watch import TOLD_AFTER_MS
from core.clock import Clock
from core.localtime import MINUTE_MS
from core.text import Bilingual
from store.truth.database import Truth, Unit

LOOK_EVERY_MS = 10_000

NOTED_EVERY_MS = MINUTE_MS
"""How far a clock that is behind has come is known to the minute after a kill."""

_KNOWN, _REACHED = "clock_behind", "clock_reached"
_MOMENT = msgspec.json.Decoder(int | None)
_log = logging.getLogger(__name__)


class ClockWatch:
    """Looks in rounds, used by one thread at a time; that the clock is behind is remembered over restarts."""

    def __init__(self, clock: Clock, truth: Truth, desk: DeskService) -> None:
        self._clock = clock
        self._truth = truth
        self._desk = desk
        self._leapt = 0
        self.log_ms = 0  # of the journal's newest entry at the start; while the process lives no clock is behind it
        self._noted_ms = 0

    def begin(self, log_ms: int) -> int:
        """Bring back what is due beyond the time that the service had reached; return how much that was. Blocking.

        A clock that was set back while nothing ran would hold up every ladder under way by as much. How far one that
        is behind has come since stands beside the journal, whose time waits for it: or each restart would bring back
        the same again. Before anything is found by the new time.
        """
        self.log_ms, now_ms = log_ms, self._clock.now_ms()
        if not self._behind_ms(now_ms):
            self._note_time(now_ms)
            return 0
        with self._truth.transaction() as unit:
            reached_ms = _moment(unit, _REACHED)
            last_ms = log_ms if reached_ms is None else reached_ms
            is_set_back = last_ms - now_ms > CLOCK_BEHIND_MS
            moved = unit.due.bring_back(last_ms, last_ms - now_ms) if is_set_back else 0
            unit.cursors.set_blob(_REACHED, msgspec.json.encode(now_ms if is_set_back else max(last_ms, now_ms)))
        _log.warning("the clock is %d s behind the journal: %d steps and calls are due earlier", self.behind_s, moved)
        return moved

    def look(self, now_ms: int) -> None:
        """Tell what is new. Blocking."""
        self._tell_leap(now_ms)
        self._tell_behind(now_ms)
        self._note_time(now_ms)

    @property
    def behind_s(self) -> int:
        """Return how far the clock is behind what was recorded."""
        return self._behind_ms(self._clock.now_ms()) // 1000

    def problems(self) -> list[str]:
        """Return that no silence is judged until the clock has caught up."""
        behind_ms = self._behind_ms(self._clock.now_ms())
        return [str(clock_behind_words(behind_ms))] if behind_ms else []

    def notices(self) -> list[str]:
        """Return that the machine's clock was set back, and that the service has not followed it."""
        minutes = self._clock.lead_ms // MINUTE_MS
        if not minutes:
            return []
        text = Bilingual(
            f"本机时钟被调慢了{minutes}分钟，本服务没有跟着调，记录的时间偏快；若本机时间现在是对的，请择时重启：此后{minutes}分钟内不判断静默",
            f"this machine's clock was set back by {minutes} min; the service has not followed, and what it writes "
            f"down is ahead by as much. If the machine is right now, restart: for {minutes} min no silence is judged",
        )
        return [str(text)]

    def _behind_ms(self, now_ms: int) -> int:
        behind_ms = self.log_ms - now_ms
        return behind_ms if behind_ms > CLOCK_BEHIND_MS else 0

    def _tell_leap(self, now_ms: int) -> None:
        for number, from_ms, until_ms in self._clock.leaps:
            if number <= self._leapt:
                continue
            _log.error("the clock went over %d s at once", (until_ms - from_ms) // 1000)
            if until_ms - from_ms >= TOLD_AFTER_MS:
                self._desk.take_findings([leapt_finding(now_ms=now_ms, since_ms=from_ms, until_ms=until_ms)])
            self._leapt = number

    def _tell_behind(self, now_ms: int) -> None:
        """Tell it and that it is over; told before remembered, as in app/rota_watch.py."""
        with self._truth.view() as unit:
            since_ms = _moment(unit, _KNOWN)
        behind_ms = self._behind_ms(now_ms)
        if (since_ms is None) is (behind_ms == 0):
            return
        told = clock_finding(now_ms=now_ms, since_ms=now_ms if since_ms is None else since_ms, behind_ms=behind_ms)
        self._desk.take_findings([told])
        with self._truth.transaction() as unit:
            unit.cursors.set_blob(_KNOWN, msgspec.json.encode(now_ms if behind_ms else None))

    def _note_time(self, now_ms: int) -> None:
        """Remember how far a clock that is behind has come, and forget it once it has caught up."""
        is_behind = self._behind_ms(now_ms) > 0
        if is_behind and now_ms - self._noted_ms < NOTED_EVERY_MS:
            return
        with self._truth.view() as unit:
            known_ms = _moment(unit, _REACHED)
        if is_behind or known_ms is not None:
            with self._truth.transaction() as unit:
                unit.cursors.set_blob(_REACHED, msgspec.json.encode(now_ms if is_behind else None))
            self._noted_ms = now_ms


def _moment(unit: Unit, name: str) -> int | None:
    blob = unit.cursors.blob(name)
    return None if blob is None else _MOMENT.decode(blob)
