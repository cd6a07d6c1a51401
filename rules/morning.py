"""The first sign of each morning, as a habit of the home; what is missed is judged with the silence (night_guard)."""

from core.localtime import DAY_MS, HOUR_MS, MINUTE_MS
from rules.local_hours import next_hour_ms
from rules.watch import Change, Effect, View, Watch

LONGEST_MS = 12 * HOUR_MS
"""A first sign in the evening is no morning."""


class MorningWatch(Watch):
    """Learns from whole mornings: seen, at home, watched over since they began."""

    name = "morning"
    hears_signs = True

    def on_change(self, change: Change, view: View) -> tuple[Effect, ...]:
        """Take a sign of life in; the first since the morning began is kept."""
        state, at_ms = view.state.morning, change.reading.observed_at_ms
        if not change.is_sign or (state.next_ms is not None and at_ms < state.next_ms):
            return ()
        state.next_ms = next_hour_ms(at_ms, view.parameters.morning_from_hour, view.tz)
        begun_ms = state.next_ms - DAY_MS
        home_ms = max(view.state.started_ms, view.state.home_since_ms or 0)
        is_home = home_ms <= begun_ms and view.is_watched_since(begun_ms)
        if is_home and at_ms - begun_ms <= LONGEST_MS:
            state.firsts.add(at_ms // DAY_MS, (at_ms - begun_ms) // MINUTE_MS)
        return ()
