"""Came in, then silent: the door moved while nobody was home, and nothing inside followed: perhaps a fall there."""

from collections.abc import Iterator

from core.events import Metric
from core.localtime import DAY_MS
from registry.homes import DeviceRole
from rules import fixed_limits
from rules.deadlines import Deadline, faulty_devices
from rules.findings import FindingKind, Priority
from rules.grading import Grade
from rules.missing import is_relied_on, missing_since, needs_a_reached, note_first
from rules.rooms import MOTION_ROLES
from rules.seeing import settled_ms
from rules.watch import Change, Clear, Effect, View, Watch

DOOR_ONLY_MEMORY_MS = 90 * DAY_MS
"""So long a home is known as one whose door is opened and shut from outside without anybody coming in."""


class CameInWatch(Watch):
    """Only a real contact proves that the door moved; a motion sensor beside it sees whoever passes."""

    name = "came_in"
    metrics = frozenset({Metric.OPEN})
    hears_signs = True

    def on_change(self, change: Change, view: View) -> tuple[Effect, ...]:
        """Note the door's movement during an absence; a sign inside has ended the absence."""
        state, home = view.state.came_in, view.state
        if not home.is_away:
            if state.door_ms is None and not view.is_open(FindingKind.CAME_IN_SILENT):
                return ()
            if state.door_ms is not None and home.was_return_by_door and change.device.role in MOTION_ROLES:
                note_first(state.first_in, change.device.id, view)
            state.door_ms = None
            return (Clear(FindingKind.CAME_IN_SILENT, sign=home.signs[-1] if change.is_sign else None),)
        at_ms, since_ms = change.reading.observed_at_ms, home.away_since_ms or 0
        is_edge = change.device.role is DeviceRole.OUTSIDE_DOOR and change.grade is Grade.A and change.is_newest
        if not is_edge or at_ms - since_ms < view.parameters.came_in_away_ms:
            return ()
        if state.door_ms is not None and at_ms - state.door_ms >= view.parameters.came_in_ms:
            state.door_only_ms = state.door_ms  # somebody opens again: nobody lay behind the door
        state.door_ms, state.not_before_ms = at_ms, change.not_before_ms(view.parameters)
        return ()

    def deadlines(self, view: View) -> Iterator[Deadline]:
        """Wait for a sign inside; longer where the door moves without anybody coming in, or a sensor is missing."""
        state, home, parameters = view.state.came_in, view.state, view.parameters
        door_ms = home.reentry_ms if state.door_ms is None else state.door_ms
        if door_ms is None or not home.is_away or home.is_blind or view.is_open(FindingKind.CAME_IN_SILENT):
            return
        if door_ms == state.told_ms or not _is_seen(view):
            return  # nothing inside could show that somebody is well
        is_unsure = is_relied_on(state.first_in, missing_since(view, door_ms))
        is_unsure = is_unsure or needs_a_reached(view, state.first_in)
        is_usual = state.door_only_ms is not None and door_ms - state.door_only_ms < DOOR_ONLY_MEMORY_MS
        limit_ms = parameters.came_in_usual_ms if is_usual else parameters.came_in_ms
        due_ms = max(door_ms + limit_ms, state.not_before_ms, settled_ms(home))
        if is_unsure:  # came in and is not seen, or the door alone: any silence, which the fixed limits judge
            fixed_ms = fixed_limits.deadline_ms(door_ms, 0.0, view.tz, parameters)
            due_ms = max(due_ms, door_ms + parameters.came_in_unsure_ms, fixed_ms)
        priority = Priority.P2 if is_usual or is_unsure else None
        yield Deadline(due_ms, FindingKind.CAME_IN_SILENT, door_ms, watch=self.name, priority=priority)

    def on_due(self, deadline: Deadline, view: View) -> tuple[Effect, ...]:
        """Raise it, once for one movement of the door."""
        view.state.came_in.told_ms = deadline.since_ms
        return (deadline,)


def _is_seen(view: View) -> bool:
    """Return whether a sensor inside could show somebody now: it is well, and no pet reaches it."""
    reached, faulty = view.state.reach.reached, faulty_devices(view.state)
    return any(one.role in MOTION_ROLES and one.id not in reached and one.id not in faulty for one in view.home.devices)
