"""Which alerts findings open and when the ladder rings others for them, if nobody answers; presses no key."""

from collections import Counter
from collections.abc import Iterable
from functools import cache

import msgspec

from alerts.ladder_book import Case
from alerts.ladder_file import built_in_ladders
from core.localtime import DEFAULT_ZONE_NAME
from rules.findings import Finding, FindingKind, Priority

PERSON_KINDS = frozenset(
    {
        FindingKind.INACTIVITY,
        FindingKind.LOW_WATER,
        FindingKind.NO_RETURN,
        FindingKind.NO_DOOR_OPENING,
        FindingKind.BATHROOM_SILENCE,
        FindingKind.CAME_IN_SILENT,
        FindingKind.NIGHT_OUT,
    }
)
"""Findings that send somebody to look for the person; water that runs with nobody moving is one too."""


class Call(msgspec.Struct, kw_only=True):
    """One alert about a person, from the call to the resident on."""

    at_ms: int
    kind: FindingKind  # what opened it
    priority: Priority
    others_ms: int  # when the ladder rings others, unless it ended before
    ended_ms: int | None = None

    @property
    def reached_others_ms(self) -> int | None:
        """Return when others were told; None when it had been withdrawn by then."""
        return self.others_ms if self.ended_ms is None or self.ended_ms >= self.others_ms else None


NO_SEARCH = frozenset(
    {
        FindingKind.LOW_ACTIVITY,
        FindingKind.NIGHT_TOILET,
        FindingKind.ROUTINE_CHANGED,
        FindingKind.COLD_HOME,
        FindingKind.HOT_HOME,
        FindingKind.HOME_BLIND,
    }
)
"""Told for the person's sake too, but by no silence of theirs: notices, the weather, a home that cannot be seen."""


def is_for_person(finding: Finding) -> bool:
    """Return whether a finding sends somebody to look for the person."""
    is_claimed = finding.kind is FindingKind.FALL
    return (
        is_claimed
        or finding.kind in PERSON_KINDS
        or (finding.kind is FindingKind.WATER_RUNNING and finding.priority is _GRAVEST)
    )


_GRAVEST = Priority.P0


@cache  # a few dozen pairs
def lead_ms(priority: Priority, kind: FindingKind) -> int:
    """Return how long after its opening an alert that nobody answers is told to others, by the ladders that ship."""
    case = Case(priority=priority, kind=kind, at_ms=0, zone_name=DEFAULT_ZONE_NAME)
    total_s = 0
    for step in built_in_ladders().chosen(case).policy.steps:
        total_s += step.after_s
        if step.stage == "contacts":
            break
    return total_s * 1000


class Desk:
    """Follows one home's alert as the desk does: others join it, a graver one begins the ladder anew."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self._active: Counter[tuple[FindingKind, int]] = Counter()  # asked after again, a thing holds twice

    @property
    def open_call(self) -> Call | None:
        """Return the alert under way."""
        return self.calls[-1] if self.calls and self.calls[-1].ended_ms is None else None

    def take(self, finding: Finding) -> None:
        """Take the next finding of the home, in order of time."""
        if not is_for_person(finding):
            return
        key, call = (finding.kind, finding.since_ms), self.open_call
        if finding.is_cleared:
            self._active[key] = max(self._active[key] - 1, 0)  # a weak sign and then a strong one take it back twice
            if (
                call is not None
                and not any(self._active.values())
                and (finding.clears_alert or finding.at_ms >= call.others_ms)
            ):
                call.ended_ms = finding.at_ms  # withdrawn; or people were sent, and found somebody up and about
            return
        self._active[key] += 1
        if call is None:
            others_ms = finding.at_ms + lead_ms(finding.priority, finding.kind)
            call = Call(at_ms=finding.at_ms, kind=finding.kind, priority=finding.priority, others_ms=others_ms)
            self.calls.append(call)
        elif finding.priority < call.priority and finding.at_ms < call.others_ms:
            call.priority, call.others_ms = finding.priority, finding.at_ms + lead_ms(finding.priority, finding.kind)
        elif finding.stage > 1:
            call.others_ms = min(call.others_ms, finding.at_ms)


def calls_of(findings: Iterable[Finding]) -> list[Call]:
    """Return every alert about the person that some findings, in order of time, open."""
    desk = Desk()
    for finding in findings:
        desk.take(finding)
    return desk.calls
