"""Signals that page at once: SOS, smoke, gas, CO, and a leak sensor's water; no model, no suppression."""

from collections.abc import Iterator

from core.events import Flag, Metric, Reading
from core.localtime import DAY_MS
from rules.deadlines import Deadline
from rules.findings import FindingKind
from rules.watch import Change, Clear, Effect, View, Watch

PRESS_HISTORY_MS = DAY_MS
"""A press that a dead gateway kept is told when it comes, and says from when it is: nobody has answered it yet. After
a day somebody has been there, or every other rule has rung."""

_LASTING = frozenset({Metric.SMOKE, Metric.GAS, Metric.CO, Metric.WET})


class EmergencyWatch(Watch):
    """Raises what sounds now. A press that is a day old is history; an alarm that was never taken back is not."""

    name = "emergency"
    metrics = _LASTING | {Metric.SOS}

    def on_change(self, change: Change, view: View) -> tuple[Effect, ...]:
        """Take a signal, or the word that it has ended."""
        reading, state = change.reading, view.state.emergency
        is_leak, is_lasting = reading.metric is Metric.WET, reading.metric in _LASTING
        if is_leak and not change.is_newest:
            return ()
        kind = FindingKind.WATER_RUNNING if is_leak else FindingKind.EMERGENCY
        detail, since_ms = f"{reading.metric} {reading.device_id}", reading.observed_at_ms
        if reading.value is not True:
            if change.is_newest:
                state.waiting_ms.pop(detail, None)
            return (Clear(kind, detail, clears_alert=is_leak),)
        # Told already is what counts, not seen before: a retained or a too old alarm that still sounds must page.
        if is_lasting and view.is_open(kind, detail):
            return ()
        is_retained = bool(reading.flags & Flag.REPLAY)  # the live word that takes it back is seconds away
        is_old = since_ms < change.log_ms - view.parameters.emergency_backlog_ms
        if not is_lasting and since_ms < change.log_ms - PRESS_HISTORY_MS:
            return ()
        if is_retained or (is_lasting and is_old):
            if is_lasting and change.is_newest:
                first_ms = state.waiting_ms.get(detail, (since_ms, 0))[0]
                state.waiting_ms[detail] = (first_ms, change.log_ms + view.parameters.late_settle_ms)
            return ()
        state.waiting_ms.pop(detail, None)
        told = Deadline(change.log_ms, kind, since_ms, detail, watch=self.name, is_told_again=not is_lasting)
        # What newer word has taken back is told, and does not hold: the next alarm must page again.
        is_over = is_lasting and not change.is_newest
        return (told, Clear(kind, detail, clears_alert=False)) if is_over else (told,)

    def deadlines(self, view: View) -> Iterator[Deadline]:
        """Wait for the end of a backlog whose last word is an alarm."""
        for detail, (since_ms, due_ms) in view.state.emergency.waiting_ms.items():
            kind = FindingKind.WATER_RUNNING if detail.startswith(Metric.WET) else FindingKind.EMERGENCY
            yield Deadline(due_ms, kind, since_ms, detail, watch=self.name)

    def on_due(self, deadline: Deadline, view: View) -> tuple[Effect, ...]:
        """Raise an alarm that nothing has taken back."""
        view.state.emergency.waiting_ms.pop(deadline.detail, None)
        return (deadline,)


def is_alarm(reading: Reading) -> bool:
    """Return whether a reading says that smoke, gas, CO or a leak sounds."""
    return reading.metric in _LASTING and reading.value is True
