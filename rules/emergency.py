"""Signals that page at once: SOS, smoke, gas, CO, a leak sensor's water, a fall that a device claims; no model."""

from collections.abc import Iterator

from core.events import ALARM_METRICS, Flag, Metric, Reading, Value
from core.localtime import DAY_MS, MINUTE_MS
from core.text import Bilingual
from rules.deadlines import Deadline, Inner, open_key
from rules.findings import FindingKind
from rules.grading import REREAD, SKEWED, Grade
from rules.signal_words import kind_of, worded
from rules.watch import Change, Clear, Effect, View, Watch

PRESS_HISTORY_MS = DAY_MS
"""What a dead gateway kept is told when it comes, and says from when it is: nobody has answered it yet. Beyond a day
it says, too, that its clock may be wrong; only what was parked or retained is history by then. So long a press or a
fall holds, for neither has an end."""

LOG_STANDS_MS = 5 * MINUTE_MS
"""A clock that is behind the log by less has caught up soon; an alarm that waited for more might ring hours late."""

FALLS = frozenset({"fall", "fall_alarm", "fall_detected", "fall-detected"})
"""How the formats name a fall among a device's own alerts (ingest/formats, device_alert)."""

_LASTING = ALARM_METRICS - {Metric.SOS}
_OLD = Bilingual("一天前的信号，不再列为成立", "a day ago: it is left to whoever has the alert")
_FALL_ANEW = Bilingual("又一次跌倒信号", "followed by another fall")
_ALARM_ANEW = Bilingual("又一次报警信号", "followed by another alarm")


class EmergencyWatch(Watch):
    """Raises what sounds, and what sounded and was never told; of a parked press that is a day old somebody knows."""

    name = "emergency"
    metrics = ALARM_METRICS

    def on_change(self, change: Change, view: View) -> tuple[Effect, ...]:
        """Take a signal, or the word that it has ended."""
        reading, state = change.reading, view.state.emergency
        detail, since_ms = f"{reading.metric} {reading.device_id}", reading.observed_at_ms
        kind, is_lasting = kind_of(detail), reading.metric in _LASTING
        if not sounds(reading):
            return self._ended(change, kind, detail, view)
        is_fall_again = kind is FindingKind.FALL and not _is_fall(change.previous)
        is_again = (change.is_newest and is_fall_again) or self._is_doubted(change, detail, view)
        # Told already is what counts, not seen before: a retained or a too old alarm that still sounds must page.
        is_told = is_lasting and view.is_open(kind, detail) and not is_again
        is_history = not is_lasting and reading.flags & REREAD and since_ms < change.log_ms - PRESS_HISTORY_MS
        if is_told or is_history:
            return ()
        is_retained = bool(reading.flags & Flag.REPLAY)  # the live word that takes it back is seconds away
        is_old = since_ms < _arrived_ms(change) - view.parameters.emergency_backlog_ms
        waits = is_retained or (is_lasting and is_old)
        if waits and not (is_lasting and change.is_newest and _log_stands(change)):
            if is_lasting and change.is_newest:
                # From the first on: whoever sounds says so again and again, and would put it off each time.
                state.waiting_ms.setdefault(detail, (since_ms, change.log_ms + view.parameters.late_settle_ms))
                if kind is FindingKind.FALL and not is_retained:
                    state.claimed_ms.setdefault(detail, change.log_ms)
            return ()
        return self._sounding(change, Deadline(change.log_ms, kind, since_ms, detail), view)

    def _ended(self, change: Change, kind: FindingKind, detail: str, view: View) -> tuple[Effect, ...]:
        """Take the word that nothing sounds, which may be from before what does."""
        reading, state = change.reading, view.state.emergency
        is_leak, is_claim = reading.metric is Metric.WET, kind is FindingKind.FALL
        is_older = self._is_older(change, kind, detail, view)
        if is_older and view.is_open(kind, detail):
            # What it did not know of goes on. Or the device's clock was set back since, and this was the end: then the
            # next alarm is another one.
            state.doubted_ms[detail] = change.log_ms
        elif change.is_newest:
            state.doubted_ms.pop(detail, None)
        if change.is_newest and detail not in state.claimed_ms:
            state.waiting_ms.pop(detail, None)
        if is_older or is_claim:  # of a fall: up again, or out of its sight; other signs end it
            return ()
        is_sure = is_leak and change.is_newest and not reading.flags & SKEWED  # not perhaps from before the alarm
        return (Clear(kind, detail, clears_alert=is_sure),)

    def _is_older(self, change: Change, kind: FindingKind, detail: str, view: View) -> bool:
        """Return whether a word is older, by the device's own clock, than the alarm that was told.

        It may be the newest all the same: where an alarm out of a backlog of days has become the word in force, for
        it might have been of a clock that was reset. None is older than what is stamped by its arrival only.
        """
        reading = change.reading
        if not change.is_newest:
            return not view.state.emergency.words.get(f"{reading.device_id} {reading.metric}", (0, False))[1]
        held, before_ms = view.state.open.get(open_key(kind, detail)), change.previous_ms
        return (
            held is not None
            and before_ms is not None
            and max(before_ms, reading.observed_at_ms) < held.finding.since_ms
        )

    def _is_doubted(self, change: Change, detail: str, view: View) -> bool:
        """Return whether an alarm is another one than that which holds, whose end was doubted.

        One that is older than that is of the backlog that brought the doubt; a minute later it is of a clock that was
        set back.
        """
        doubted_ms = view.state.emergency.doubted_ms.get(detail)
        if doubted_ms is None:
            return False
        held = view.state.open.get(open_key(kind_of(detail), detail))
        is_older = held is not None and change.reading.observed_at_ms < held.finding.since_ms
        if change.is_newest and not is_older:
            return True
        is_past = change.reading.flags & (REREAD | Flag.REPLAY)
        return not is_past and change.log_ms - doubted_ms >= view.parameters.late_settle_ms

    def _sounding(self, change: Change, signal: Deadline, view: View) -> tuple[Effect, ...]:
        view.state.emergency.waiting_ms.pop(signal.detail, None)
        is_lasting = change.reading.metric in _LASTING
        kind, is_doubted = kind_of(signal.detail), self._is_doubted(change, signal.detail, view)
        told = self._told(signal, view, is_press=not is_lasting)
        # What newer word has taken back is told, and does not hold: the next alarm must page again.
        is_over = is_lasting and not change.is_newest
        if kind is FindingKind.FALL or is_doubted:
            why = _FALL_ANEW if kind is FindingKind.FALL else _ALARM_ANEW
            return (Clear(kind, signal.detail, clears_alert=False, why=why), told)
        return (told, Clear(kind, signal.detail, clears_alert=False)) if is_over else (told,)

    def deadlines(self, view: View) -> Iterator[Deadline]:
        """Wait for the end of a backlog whose last word is an alarm, and for a press or a fall to be history."""
        for detail, (since_ms, due_ms) in view.state.emergency.waiting_ms.items():
            yield Deadline(due_ms, kind_of(detail), since_ms, detail, watch=self.name)
        for detail, told_ms in view.state.emergency.told_ms.items():
            yield Deadline(told_ms + PRESS_HISTORY_MS, Inner.NOTED, told_ms, detail, watch=self.name)

    def on_due(self, deadline: Deadline, view: View) -> tuple[Effect, ...]:
        """Raise an alarm that nothing has taken back; end what is a day old, its alert stays for a human."""
        state = view.state.emergency
        if deadline.what is Inner.NOTED:
            state.told_ms.pop(deadline.detail, None)
            return (Clear(kind_of(deadline.detail), deadline.detail, clears_alert=False, why=_OLD),)
        state.waiting_ms.pop(deadline.detail, None)
        return (self._told(deadline, view),)

    def _told(self, deadline: Deadline, view: View, *, is_press: bool = False) -> Deadline:
        state, kind, detail = view.state.emergency, kind_of(deadline.detail), deadline.detail
        state.claimed_ms.pop(detail, None)
        if kind is FindingKind.FALL or detail.startswith(Metric.SOS):
            state.told_ms[detail] = deadline.due_ms
        is_told_again = is_press or state.doubted_ms.pop(detail, None) is not None
        told = Deadline(deadline.due_ms, kind, deadline.since_ms, detail, self.name, is_told_again=is_told_again)
        return worded(told, view, is_doubtful=deadline.due_ms - deadline.since_ms > PRESS_HISTORY_MS)


class FallWatch(Watch):
    """Ends a claimed fall when somebody is up: a hand elsewhere, or two other sensors; the claimer never says so."""

    name = "fall"
    hears_signs = True

    def on_change(self, change: Change, view: View) -> tuple[Effect, ...]:
        """Take a sign of life."""
        state = view.state.emergency
        return tuple(self._up(change, view)) if change.is_sign and (state.told_ms or state.claimed_ms) else ()

    @staticmethod
    def _up(change: Change, view: View) -> Iterator[Clear]:
        state = view.state.emergency
        for detail in [detail for detail in state.told_ms if kind_of(detail) is FindingKind.FALL]:
            held = view.state.open.get(f"{FindingKind.FALL} {detail}")
            since_ms = change.log_ms if held is None else held.finding.since_ms
            if _is_up(detail, since_ms, state.told_ms[detail], change, view):
                del state.told_ms[detail]
                yield Clear(FindingKind.FALL, detail, sign=view.state.signs[-1])
        for detail, came_ms in list(state.claimed_ms.items()):
            if _is_up(detail, state.waiting_ms.get(detail, (came_ms, 0))[0], came_ms, change, view):
                del state.claimed_ms[detail]
                state.waiting_ms.pop(detail, None)


def _is_up(detail: str, since_ms: int, came_ms: int, change: Change, view: View) -> bool:
    """Return whether somebody has been up and about since a fall; the device that claimed it never says so."""
    if came_ms - since_ms > PRESS_HISTORY_MS:
        since_ms = came_ms  # its clock may be wrong: what was before it came answers for nobody
    window_ms = view.parameters.strong_sign_window_ms
    recent = [
        sign
        for sign in view.state.signs
        if sign.device_id != detail.rpartition(" ")[2]
        and since_ms < sign.at_ms
        and change.reading.observed_at_ms - sign.at_ms <= window_ms
    ]
    return len({sign.device_id for sign in recent}) > 1 or any(sign.grade == Grade.A for sign in recent)


def _arrived_ms(change: Change) -> int:
    """Return when a signal came by the clock that its device's is compared with; of one that is read again, now.

    The log's time stands still after a machine's clock was set back, and an alarm of that hour would be of the past.
    """
    reading = change.reading
    return change.log_ms if reading.flags & REREAD else min(reading.received_at_ms, change.log_ms)


def _log_stands(change: Change) -> bool:
    """Return whether the log's time waits for a clock that was set back: no minute would pass in which an end comes."""
    return not change.reading.flags & REREAD and change.log_ms - change.reading.received_at_ms > LOG_STANDS_MS


def is_alarm(reading: Reading) -> bool:
    """Return whether a reading says that smoke, gas, CO or a leak sounds, or a fall."""
    return reading.metric in _LASTING and sounds(reading)


def sounds(reading: Reading) -> bool:
    """Return whether a reading is an alarm that sounds, a press among them; of a device's own alerts a fall alone."""
    return is_sounding(reading.metric, reading.value)


def is_sounding(metric: Metric, value: Value) -> bool:
    """Return the same of a metric of alarms and its value, whoever's they are."""
    return _is_fall(value) if metric is Metric.DEVICE_ALERT else value is True


def _is_fall(value: Value | None) -> bool:
    return isinstance(value, str) and not FALLS.isdisjoint(value.split(","))
