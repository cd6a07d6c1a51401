"""No door opening: where the front door is all that is seen, one that stays shut for too long is asked after."""

from collections.abc import Iterator

from core.events import Metric
from core.localtime import DAY_MS, HOUR_MS, MINUTE_MS
from rules.deadlines import Deadline
from rules.findings import FindingKind
from rules.no_door_state import NoDoorState
from rules.parameters import RuleParameters
from rules.seeing import ENTRANCES
from rules.watch import Change, Clear, Effect, View, Watch

LEAST_LEARNED_MS = HOUR_MS
"""Shorter pauses tell nothing of the longest ones: the door is opened and shut, the parcel taken in."""

DAYS_KNOWN = 14


class NoDoorWatch(Watch):
    """Waits from one movement of the door to the next, for half as long again as this person's pauses last."""

    name = "no_door"
    metrics = frozenset({Metric.OPEN, Metric.MOTION, Metric.PRESENCE})
    needs_sign = True
    roles = ENTRANCES

    def on_change(self, change: Change, view: View) -> tuple[Effect, ...]:
        """Take a movement of the door: it ends a pause."""
        if not change.is_sign or change.device.role not in ENTRANCES or not view.sees_only_doors:
            return ()
        state, at_ms = view.state.no_door, change.reading.observed_at_ms
        if state.last_ms is not None and view.is_watched_since(state.last_ms):
            paused_ms = at_ms - state.last_ms
            state.pauses.add(at_ms // DAY_MS, paused_ms // MINUTE_MS if paused_ms >= LEAST_LEARNED_MS else 0)
        state.first_ms = state.first_ms or at_ms
        state.last_ms = at_ms
        return (Clear(FindingKind.NO_DOOR_OPENING, sign=view.state.signs[-1]),)

    def deadlines(self, view: View) -> Iterator[Deadline]:
        """Wait as long as this person's door stays shut at most; what was dark is left out."""
        home = view.state
        if home.clock_from_ms is None or home.is_blind or not view.sees_only_doors:
            return
        if not view.is_open(FindingKind.NO_DOOR_OPENING):
            since_ms = max(home.signs[-1].at_ms if home.signs else home.started_ms, home.watched_from_ms or 0)
            due_ms = home.clock_from_ms + max(_limit_ms(home.no_door, view.parameters) - home.used.seen_ms, 0)
            yield Deadline(due_ms, FindingKind.NO_DOOR_OPENING, since_ms, watch=self.name)


def _limit_ms(state: NoDoorState, parameters: RuleParameters) -> int:
    """Return half as long again as one pause in a hundred lasts, within bounds; the least while too little is known."""
    if state.first_ms is None or state.last_ms is None or state.last_ms - state.first_ms < DAYS_KNOWN * DAY_MS:
        return parameters.no_door_ms
    personal_ms = state.pauses.percentile(990) * MINUTE_MS * 3 // 2
    return min(max(personal_ms, parameters.no_door_ms), parameters.no_door_cap_ms)
