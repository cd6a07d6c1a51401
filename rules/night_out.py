"""Night out: somebody left at night and has not come back; whoever does so by habit is not rung for."""

from collections.abc import Iterator

from core.events import Metric
from registry.homes import DeviceRole
from rules import presence
from rules.absence import SIGN_METRICS
from rules.deadlines import Deadline, Inner
from rules.deafness_state import counted_ms
from rules.findings import FindingKind
from rules.local_hours import is_between, next_hour_ms
from rules.missing import is_relied_on, missing_since
from rules.watch import Change, Clear, Effect, View, Watch

NIGHTS_KNOWN = 10


class NightOutWatch(Watch):
    """Judges an exit that the door has proven; with `night_out_now` the door's opening itself."""

    name = "night_out"
    metrics = SIGN_METRICS
    follows_absences = True

    def on_change(self, change: Change, view: View) -> tuple[Effect, ...]:
        """Note an exit at night; end the finding with the return, or with somebody inside."""
        state, home, parameters = view.state.night_out, view.state, view.parameters
        if state.morning_ms is None:
            state.morning_ms = next_hour_ms(change.log_ms, parameters.night_out_until_hour, view.tz)
        if home.is_away:
            state.is_out_tonight = state.is_out_tonight or self._left_at_night(view) is not None
            return ()
        if self._is_opened(change, view):
            at_ms = change.reading.observed_at_ms
            return (Deadline(change.log_ms, FindingKind.NIGHT_OUT, at_ms, watch=self.name),)
        is_inside = change.is_sign and not view.holds_nothing and not presence.is_entrance(change.device.role)
        return (Clear(FindingKind.NIGHT_OUT, sign=home.signs[-1]),) if is_inside else ()

    def deadlines(self, view: View) -> Iterator[Deadline]:
        """Wait for the return; and for the morning, to learn whether this was a night out."""
        state, home, parameters = view.state.night_out, view.state, view.parameters
        if state.morning_ms is not None:
            yield Deadline(state.morning_ms, Inner.NOTED, state.morning_ms, watch=self.name)
        if not home.is_away or home.is_blind or view.is_open(FindingKind.NIGHT_OUT):
            return
        since_ms = self._left_at_night(view)
        is_habit = state.nights.is_above(parameters.night_out_percent, NIGHTS_KNOWN)
        if since_ms is not None and since_ms != state.told_ms and not is_habit:
            is_unsure = is_relied_on(home.came_in.first_in, missing_since(view, since_ms))
            wait_ms = parameters.night_out_unsure_ms if is_unsure else parameters.night_out_ms
            wait_ms = 0 if parameters.night_out_now else wait_ms
            due_ms = counted_ms(home.deaf, since_ms) + wait_ms
            yield Deadline(due_ms, FindingKind.NIGHT_OUT, since_ms, watch=self.name)

    def on_due(self, deadline: Deadline, view: View) -> tuple[Effect, ...]:
        """Raise what is due; in the morning take the night in."""
        state = view.state.night_out
        if deadline.what is not Inner.NOTED:
            state.told_ms, state.is_out_tonight = deadline.since_ms, True
            return (deadline,)
        state.morning_ms = next_hour_ms(deadline.due_ms, view.parameters.night_out_until_hour, view.tz)
        if view.is_watched_since(deadline.due_ms):
            state.nights.note(happened=state.is_out_tonight)
        state.is_out_tonight = False
        return ()

    @staticmethod
    def _left_at_night(view: View) -> int | None:
        since_ms, parameters = view.state.away_since_ms, view.parameters
        if since_ms is None:
            return None
        hours = parameters.night_out_from_hour, parameters.night_out_until_hour
        return since_ms if is_between(since_ms, *hours, view.tz) else None

    @staticmethod
    def _is_opened(change: Change, view: View) -> bool:
        parameters, reading = view.parameters, change.reading
        if not parameters.night_out_now or change.device.role is not DeviceRole.OUTSIDE_DOOR or not change.is_newest:
            return False
        hours = parameters.night_out_from_hour, parameters.night_out_until_hour
        is_open = reading.metric is Metric.OPEN and reading.value is True and change.is_sign
        return is_open and not change.not_before_ms(parameters) and is_between(reading.observed_at_ms, *hours, view.tz)
