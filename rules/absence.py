"""No return: away for longer than this person stays away."""

from collections.abc import Iterator

from core.events import Metric
from rules.deadlines import Deadline
from rules.findings import FindingKind
from rules.watch import Change, Clear, Effect, View, Watch

SIGN_METRICS = frozenset(
    {
        Metric.OPEN,
        Metric.MOTION,
        Metric.PRESENCE,
        Metric.SOS,
        Metric.WATER_TOTAL_L,
        Metric.WATER_FLOW_L_H,
        Metric.POWER_W,
    }
)
"""Whatever may prove that somebody is there again."""


class AbsenceWatch(Watch):
    """Follows one absence, as rules/presence.py proves it, from the door to the return."""

    name = "absence"
    metrics = SIGN_METRICS

    def on_change(self, change: Change, view: View) -> tuple[Effect, ...]:
        """Note an absence while it lasts; the reading after which the home is not away has ended it."""
        state, home = view.state.absence, view.state
        was_since_ms, state.since_ms = state.since_ms, home.away_since_ms if home.is_away else None
        if was_since_ms is None or state.since_ms is not None:
            return ()
        return (Clear(FindingKind.NO_RETURN, sign=home.signs[-1] if change.is_sign else None),)

    def deadlines(self, view: View) -> Iterator[Deadline]:
        """Wait for the longest that this person stays away."""
        since_ms = view.state.away_since_ms
        if view.state.is_away and since_ms is not None and not view.is_open(FindingKind.NO_RETURN):
            due_ms = since_ms + view.parameters.no_return_ms
            yield Deadline(due_ms, FindingKind.NO_RETURN, since_ms, watch=self.name)
