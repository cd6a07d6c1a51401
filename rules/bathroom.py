"""Bathroom silence: the last sign of life came from the bathroom, and then nothing from anywhere."""

from collections.abc import Iterator

from core.localtime import DAY_MS, HOUR_MS, MINUTE_MS
from registry.homes import Device, DeviceRole
from rules import fixed_limits, machines
from rules.deadlines import Deadline
from rules.findings import FindingKind
from rules.grading import Grade
from rules.missing import is_relied_on, missing_since, note_first
from rules.parameters import RuleParameters
from rules.seeing import counted_from_ms, settled_ms
from rules.watch import Change, Clear, Effect, View, Watch
from rules.watch_states import BathroomState

LEAST_LEARNED_MS, LONGEST_LEARNED_MS = 5 * MINUTE_MS, 6 * HOUR_MS
"""Shorter stays tell nothing of the tail; longer ones were no stay in a bathroom."""

DAYS_KNOWN = 14


class BathroomWatch(Watch):
    """Waits from the last sign in the bathroom; a home that sees no other room cannot tell silence from leaving."""

    name = "bathroom"
    hears_signs = True

    def on_change(self, change: Change, view: View) -> tuple[Effect, ...]:
        """Take a sign of life: it ends the stay that was under way, or begins one."""
        state, at_ms = view.state.bathroom, change.reading.observed_at_ms
        if change.device.role is DeviceRole.WATER_METER or machines.may_be_machines(change.device, at_ms, view):
            return ()  # the boiler heats while somebody lies in the bath
        is_bathroom = self._is_bathroom(change.device, view)
        since_ms, state.since_ms = state.since_ms, at_ms if is_bathroom else None
        state.entered_ms = None if not is_bathroom else state.entered_ms if since_ms is not None else at_ms
        if since_ms is not None and at_ms - since_ms <= LONGEST_LEARNED_MS:
            if not is_bathroom:
                note_first(state.first_out, change.device.id, view)
            minutes = (at_ms - since_ms) // MINUTE_MS
            state.stays.add(at_ms // DAY_MS, minutes if at_ms - since_ms >= LEAST_LEARNED_MS else 0)
            state.first_ms = state.first_ms or since_ms
            state.limit_ms = _limit_ms(state, at_ms, view.parameters)
        if not view.is_open(FindingKind.BATHROOM_SILENCE):
            return ()
        is_strong = self._is_strong(change, view)
        if is_bathroom and not is_strong:
            return ()  # somebody on the floor moves, too
        # Another room ends the stay, so that the next one is judged; the alert waits for strong proof or a human.
        return (Clear(FindingKind.BATHROOM_SILENCE, sign=view.state.signs[-1], clears_alert=is_strong),)

    def deadlines(self, view: View) -> Iterator[Deadline]:
        """Wait for longer than this person stays."""
        state, home = view.state.bathroom, view.state
        if state.since_ms is None or home.is_away or home.is_blind or home.exit_ms is not None:
            return
        if not view.has_role(DeviceRole.INTERIOR_MOTION, DeviceRole.BED_MOTION):
            return
        is_told = state.told_ms is not None and (state.entered_ms or 0) <= state.told_ms
        if not view.is_open(FindingKind.BATHROOM_SILENCE) and not is_told:
            due_ms = max(self._due_ms(view, state.since_ms), settled_ms(home))
            yield Deadline(due_ms, FindingKind.BATHROOM_SILENCE, state.since_ms, watch=self.name)

    @staticmethod
    def _is_bathroom(device: Device, view: View) -> bool:
        """Return whether a sign belongs to a stay there: its sensor's, or that of the door one shuts behind oneself."""
        if device.role is DeviceRole.BATHROOM_MOTION:
            return True
        rooms = {one.room for one in view.home.devices if one.role is DeviceRole.BATHROOM_MOTION and one.room}
        return device.role is DeviceRole.INTERIOR_DOOR and device.room in rooms

    @staticmethod
    def _due_ms(view: View, since_ms: int) -> int:
        """Return when a stay has lasted too long: since its last sign, or in all, for an arm on the floor moves too."""
        state, home, parameters = view.state.bathroom, view.state, view.parameters
        limit_ms = state.limit_ms or parameters.bathroom_ms
        if home.reach.reached:  # what a pet reaches shows somebody who came out only beside another sensor
            limit_ms = max(limit_ms, parameters.bathroom_most_ms)
        stays = [(counted_from_ms(home, since_ms), limit_ms)]
        if state.entered_ms is not None:
            stays.append((counted_from_ms(home, state.entered_ms), max(2 * limit_ms, parameters.bathroom_most_ms)))
        if not is_relied_on(state.first_out, missing_since(view, since_ms)):
            return min(from_ms + most_ms for from_ms, most_ms in stays)
        # In the bathroom, or well and where nobody can be seen: any silence, which the fixed limits judge.
        return min(max(from_ms + most_ms, _fixed_ms(from_ms, view)) for from_ms, most_ms in stays)

    def on_due(self, deadline: Deadline, view: View) -> tuple[Effect, ...]:
        """Ring once for a silence."""
        view.state.bathroom.told_ms = deadline.since_ms
        return (deadline,)

    @staticmethod
    def _is_strong(change: Change, view: View) -> bool:
        if change.grade is Grade.A:
            return True
        window_ms, at_ms = view.parameters.strong_sign_window_ms, change.reading.observed_at_ms
        since_ms = view.state.bathroom.told_ms or 0
        return any(
            sign.device_id != change.device.id and since_ms < sign.at_ms and at_ms - sign.at_ms <= window_ms
            for sign in view.state.signs
        )


def _fixed_ms(from_ms: int, view: View) -> int:
    return fixed_limits.deadline_ms(from_ms, 0.0, view.tz, view.parameters)


def _limit_ms(state: BathroomState, at_ms: int, parameters: RuleParameters) -> int:
    """Return half as long again as one stay in a thousand lasts, within bounds; 0 while too little is known."""
    if state.first_ms is None or at_ms - state.first_ms < DAYS_KNOWN * DAY_MS:
        return 0
    personal_ms = state.stays.percentile(999) * MINUTE_MS * 3 // 2
    return min(max(personal_ms, parameters.bathroom_least_ms), parameters.bathroom_most_ms)
