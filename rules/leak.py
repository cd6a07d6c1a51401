"""Slow leak: water that runs in every hour, for longer than people use it in every hour; a ticket, never a call."""

from collections.abc import Iterator

from core.localtime import HOUR_MS
from rules.deadlines import Deadline
from rules.findings import FindingKind
from rules.register import is_broken, taken_step
from rules.watch import Change, Clear, Effect, View, Watch
from rules.watch_states import LeakState
from rules.water_base import HOUR_AT_LEAST_MS, LONGEST_HOUR_MS
from rules.water_register import WATER_METRICS

LONGEST_GAP_MS = 12 * HOUR_MS
"""Growth over a longer time without reads says nothing of the hours in it: the stretch is broken."""


class LeakWatch(Watch):
    """Measures how long the register has grown in every hour; an hour without growth ends it."""

    name = "leak"
    metrics = WATER_METRICS

    def on_change(self, change: Change, view: View) -> tuple[Effect, ...]:
        """Take a step; hours are closed by the first reading that ends them, missed reads are waited over."""
        state, step = view.state.leak, taken_step(change, view)
        if step is None:
            return self._ended(state) if is_broken(change, view) else ()
        if state.mark_ms is None:
            state.mark_ms = step.from_ms
        state.grown_l += step.litres
        long_ms = step.to_ms - state.mark_ms
        if long_ms < HOUR_AT_LEAST_MS:
            return ()
        from_ms, grown_l = state.mark_ms, state.grown_l
        state.mark_ms, state.grown_l = step.to_ms, 0.0
        if grown_l <= 0 or long_ms > LONGEST_GAP_MS:
            return self._ended(state)
        if long_ms <= LONGEST_HOUR_MS:
            state.since_ms = from_ms if state.since_ms is None else state.since_ms
            state.proven_ms += long_ms
        if state.since_ms is None:
            return ()
        state.litres += grown_l
        lasted_ms = step.to_ms - state.since_ms
        is_proven = state.proven_ms * 100 >= lasted_ms * view.parameters.leak_proven_percent
        if state.ready_ms is None and is_proven and lasted_ms >= view.parameters.leak_ms:
            state.ready_ms = max(step.to_ms, change.not_before_ms(view.parameters))
        return ()

    def deadlines(self, view: View) -> Iterator[Deadline]:
        """Tell a leak once its stretch is long enough, and a late reading's backlog has drained."""
        state = view.state.leak
        if state.since_ms is not None and state.ready_ms is not None and not view.is_open(FindingKind.SLOW_LEAK):
            yield Deadline(state.ready_ms, FindingKind.SLOW_LEAK, state.since_ms, watch=self.name)

    @staticmethod
    def _ended(state: LeakState) -> tuple[Effect, ...]:
        state.since_ms = state.ready_ms = None
        state.proven_ms, state.litres = 0, 0.0
        return (Clear(FindingKind.SLOW_LEAK),)
