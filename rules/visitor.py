"""More than one person moves: far more changes of room in an hour than this home ever shows; a word for the page."""

from core.events import Metric
from core.localtime import HOUR_MS
from rules.rooms import MOTION_ROLES
from rules.watch import Change, Effect, View, Watch
from rules.watch_states import VisitorState

TIMES = 1.8
"""Times the liveliest hour in twenty (spec A7)."""

USUAL_SHARE = 0.95
LEAST_CHANGES = 20
KNOWN_HOURS = 100
"""Hours with movement, about ten days, before an hour is called unusual."""

STEP = 0.02
KEPT_MS = HOUR_MS


class VisitorWatch(Watch):
    """Sets the visitor's state; raises nothing and holds nothing back."""

    name = "visitor"
    metrics = frozenset({Metric.MOTION, Metric.PRESENCE})
    needs_sign = True
    roles = MOTION_ROLES

    def on_change(self, change: Change, view: View) -> tuple[Effect, ...]:
        """Count a change of room within the hour."""
        state, at_ms = view.state.visitor, change.reading.observed_at_ms
        if not change.is_sign or change.device.role not in MOTION_ROLES:
            return ()
        if at_ms // HOUR_MS != state.hour:
            _learn(state)
            state.hour, state.changes = at_ms // HOUR_MS, 0
        if state.room and state.room != change.device.room:
            state.changes += 1
        state.room = change.device.room
        limit = max(LEAST_CHANGES, TIMES * state.usual)
        if state.hours >= KNOWN_HOURS and state.changes > limit:
            if state.since_ms is None or at_ms >= state.until_ms:
                state.since_ms = at_ms
            state.until_ms = at_ms + KEPT_MS
        return ()


def _learn(state: VisitorState) -> None:
    """Move the estimate of the liveliest hour in twenty by the hour that has ended."""
    if state.hour is None or not state.changes:
        return
    state.hours += 1
    step = max(state.usual * STEP, 0.2)
    is_above = state.changes > state.usual
    state.usual = max(1.0, state.usual + (step * USUAL_SHARE if is_above else -step * (1 - USUAL_SHARE)))
