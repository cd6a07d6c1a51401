"""Night toilet: on several nights running more visits than on any night known; a health review, no alarm."""

from collections.abc import Iterator

from core.localtime import HOUR_MS, MINUTE_MS
from core.text import Bilingual
from registry.homes import DeviceRole
from rules.deadlines import Deadline, Inner
from rules.findings import FindingKind
from rules.local_hours import next_hour_ms
from rules.watch import Change, Clear, Effect, View, Watch

NIGHT_FROM_HOUR, NIGHT_UNTIL_HOUR = 23, 6

VISIT_ENDS_MS = 10 * MINUTE_MS
"""Signs in the bathroom further apart are two visits."""


class NightToiletWatch(Watch):
    """Counts visits between 23 and 6; a night that was not wholly seen at home is no night."""

    name = "night_toilet"
    hears_signs = True

    def on_change(self, change: Change, view: View) -> tuple[Effect, ...]:
        """Count a visit."""
        if change.device.role is not DeviceRole.BATHROOM_MOTION:
            return ()
        state, at_ms = view.state.night_toilet, change.reading.observed_at_ms
        if state.morning_ms is None:
            state.morning_ms = next_hour_ms(change.log_ms, NIGHT_UNTIL_HOUR, view.tz)
        last_ms, state.last_ms = state.last_ms, at_ms
        night_ms = (NIGHT_UNTIL_HOUR - NIGHT_FROM_HOUR) % 24 * HOUR_MS
        is_visit = last_ms is None or at_ms - last_ms > VISIT_ENDS_MS
        if is_visit and state.morning_ms - night_ms <= at_ms < state.morning_ms:
            state.visits += 1
        return ()

    def deadlines(self, view: View) -> Iterator[Deadline]:
        """Wait for the morning."""
        morning_ms = view.state.night_toilet.morning_ms
        if morning_ms is not None:
            yield Deadline(morning_ms, Inner.NOTED, morning_ms, watch=self.name)

    def on_due(self, deadline: Deadline, view: View) -> tuple[Effect, ...]:
        """Take the night in; tell the third restless one, take it back on the first that is not."""
        state, home, at_ms = view.state.night_toilet, view.state, deadline.due_ms
        visits, was_first, state.visits, state.is_started = state.visits, not state.is_started, 0, True
        state.morning_ms = next_hour_ms(at_ms, NIGHT_UNTIL_HOUR, view.tz)
        evening_ms = at_ms - (NIGHT_UNTIL_HOUR - NIGHT_FROM_HOUR) % 24 * HOUR_MS
        if was_first or home.is_away or not view.is_watched_since(evening_ms):
            return ()
        nights = state.nights
        is_restless = nights.is_known and visits > nights.most
        nights.take(visits, is_unusual=is_restless)
        if not is_restless:
            return (Clear(FindingKind.NIGHT_TOILET),)
        if len(nights.unusual) < view.parameters.night_toilet_nights:
            return ()
        sentence = Bilingual(
            f"连续{len(nights.unusual)}夜如厕次数增多（昨夜{visits}次，以往最多{nights.most}次）：建议健康随访",
            f"{len(nights.unusual)} nights with more visits to the toilet ({visits}, never above {nights.most}): "
            "a health review",
        )
        return (Deadline(at_ms, FindingKind.NIGHT_TOILET, evening_ms, watch=self.name, sentence=sentence),)
