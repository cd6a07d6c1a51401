"""Low activity: two days running with less life than on any day known; a welfare call by day, no alarm."""

from collections.abc import Iterator

from core.localtime import HOUR_MS, MINUTE_MS
from core.text import Bilingual
from rules.absence import SIGN_METRICS
from rules.deadlines import Deadline, Inner
from rules.findings import FindingKind
from rules.local_hours import next_hour_ms
from rules.watch import Change, Clear, Effect, View, Watch
from rules.watch_states import LowActivityState

BIN_MS = 15 * MINUTE_MS

LONG_AWAY_MS = 6 * HOUR_MS
"""A day that was mostly spent elsewhere says nothing of the rest."""


class LowActivityWatch(Watch):
    """Counts the quarters of an hour with a sign of life; a day that was not wholly seen is no day."""

    name = "low_activity"
    metrics = SIGN_METRICS
    follows_absences = True

    def on_change(self, change: Change, view: View) -> tuple[Effect, ...]:
        """Count a sign, and the time away."""
        state, home, at_ms = view.state.low_activity, view.state, change.reading.observed_at_ms
        if state.midnight_ms is None:
            state.midnight_ms = next_hour_ms(change.log_ms, 0, view.tz)
        if home.is_away:
            state.away_from_ms = home.away_since_ms
        elif state.away_from_ms is not None:
            state.away_ms += max(0, at_ms - max(state.away_from_ms, state.day_from_ms or 0))
            state.away_from_ms = None
        if change.is_sign and at_ms // BIN_MS > state.last_bin:
            state.last_bin = at_ms // BIN_MS
            state.bins += 1
        return ()

    def deadlines(self, view: View) -> Iterator[Deadline]:
        """Wait for midnight."""
        midnight_ms = view.state.low_activity.midnight_ms
        if midnight_ms is not None:
            yield Deadline(midnight_ms, Inner.NOTED, midnight_ms, watch=self.name)

    def on_due(self, deadline: Deadline, view: View) -> tuple[Effect, ...]:
        """Take the day in; tell the second low one, take it back on the first that is not."""
        state, at_ms = view.state.low_activity, deadline.due_ms
        count, day_from_ms = state.bins, state.day_from_ms
        is_whole = day_from_ms is not None and self._is_seen(view, state, day_from_ms, at_ms)
        state.bins, state.away_ms, state.day_from_ms = 0, 0, at_ms
        state.midnight_ms = next_hour_ms(at_ms, 0, view.tz)
        if not is_whole or day_from_ms is None:
            return ()
        days = state.days
        is_low = days.is_known and count < days.least
        days.take(count, is_unusual=is_low)
        if not is_low:
            return (Clear(FindingKind.LOW_ACTIVITY),)
        if len(days.unusual) < view.parameters.low_activity_days:
            return ()
        sentence = Bilingual(
            f"连续{len(days.unusual)}天活动明显减少（昨日{count}，以往最少{days.least}）：请电话问候",
            f"{len(days.unusual)} days with far less activity ({count} yesterday, never below {days.least}): call",
        )
        return (Deadline(at_ms, FindingKind.LOW_ACTIVITY, day_from_ms, watch=self.name, sentence=sentence),)

    @staticmethod
    def _is_seen(view: View, state: LowActivityState, from_ms: int, until_ms: int) -> bool:
        home = view.state
        away_ms = state.away_ms
        if home.is_away and home.away_since_ms is not None:
            away_ms += until_ms - max(home.away_since_ms, from_ms)
        return view.is_watched_since(from_ms) and away_ms < LONG_AWAY_MS
