"""The ladders of a town as versioned data: which one an alert runs on, for whom, for what and when; reads no file."""

from collections.abc import Iterable
from datetime import time
from typing import Any, Literal

import msgspec

from alerts.ladder import Policy, Step
from core.localtime import from_ms, zone
from registry.people import Tier
from rules.findings import FindingKind, Priority
from rules.rulebook import Stamp

ENDLESS = frozenset({Priority.P0, Priority.P1})
"""Of these a ladder loops until a human owns the alert, whatever a file says for its kind."""

MAY_BE_URGENT = frozenset(
    {
        FindingKind.INACTIVITY,
        FindingKind.CAME_IN_SILENT,
        FindingKind.BATHROOM_SILENCE,
        FindingKind.WATER_RUNNING,
        FindingKind.EMERGENCY,
        FindingKind.FALL,
    }
)
"""Kinds that can be P0 or P1 (rules/raising.py): their ladders never wait for a time of day."""

DayPart = Literal["", "day", "night"]


class Patch(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one table of a file says of a ladder; None: as the weaker tables have it."""

    ack_deadline_s: int | None = None
    loop_from: int | None = None
    loop_after_s: int | None = None
    rounds: int | None = None
    steps: tuple[Step, ...] | None = None


class Scope(msgspec.Struct, frozen=True):
    """Whom a table is for; all fields empty: everybody."""

    area: str = ""
    tier: Tier | None = None
    person: str = ""

    def covers(self, case: "Case") -> bool:
        """Return whether the case is one of these people's."""
        is_area = not self.area or case.area == self.area or case.area.startswith(f"{self.area}/")
        is_tier = self.tier is None or self.tier == (Tier.KEY if case.is_key_person else Tier.GENERAL)
        return is_area and is_tier and self.person in {"", case.person_id}

    def strength(self) -> tuple[int, int]:
        """Return how strong it is: everybody < area, the longer prefix wins < tier < person."""
        return (3 if self.person else 2 if self.tier else 1 if self.area else 0), len(self.area)


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One table: for these people, for a priority or a kind of finding, always or by day or by night."""

    name: str  # "p1.night", "tier key: kind.water_running"
    version: int  # of the file it stands in
    is_built_in: bool
    scope: Scope = Scope()
    priority: Priority | None = None
    kind: FindingKind | None = None
    part: DayPart = ""
    patch: Patch

    def strength(self) -> tuple[int, int, int, int, int]:
        """Return its order: the file over what ships, then the scope, a kind over a priority, a part of the day."""
        return (not self.is_built_in, *self.scope.strength(), self.kind is not None, bool(self.part))


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """What a ladder is chosen for: whose, of what, at which moment."""

    priority: Priority
    kind: FindingKind
    at_ms: int
    person_id: str = ""
    area: str = ""
    is_key_person: bool = False
    zone_name: str


class Chosen(msgspec.Struct, frozen=True):
    """The ladder of one case, the name and version an alert keeps of it, and which table gave which field."""

    policy: Policy
    name: str
    sources: dict[str, str]


class LadderBook:
    """Tables over the ladders that ship: everybody < area < tier < person; in each a kind over a priority."""

    def __init__(self, entries: Iterable[Entry], *, night: tuple[time, time], stamp: Stamp) -> None:
        self.entries = tuple(sorted(entries, key=Entry.strength))
        self.night = night
        self.stamp = stamp

    def chosen(self, case: Case) -> Chosen:
        """Return the ladder of a case. P0 runs on the tables of p0 alone, P1 on no lesser kind's: none slows them."""
        found: dict[str, Any] = {}
        sources: dict[str, str] = {}
        names: list[str] = []
        for entry in self.entries_of(case):
            given = {name: value for name, value in msgspec.structs.asdict(entry.patch).items() if value is not None}
            name = f"{entry.name}@{entry.version}"
            found |= given
            sources |= dict.fromkeys(given, name)
            names.append(name)
        if case.priority in ENDLESS:
            found["rounds"] = 0
        return Chosen(Policy(**found), " + ".join(names), sources)

    def entries_of(self, case: Case) -> list[Entry]:
        """Return the tables that apply to a case, the weakest first."""
        part = self.part_of(case)
        return [
            entry
            for entry in self.entries
            if entry.part in {"", part} and entry.scope.covers(case) and _is_of(entry, case)
        ]

    def part_of(self, case: Case) -> DayPart:
        """Return whether it is day or night where the person lives."""
        now = from_ms(case.at_ms, zone(case.zone_name)).time()
        begin, end = self.night
        is_night = begin <= now < end if begin <= end else now >= begin or now < end
        return "night" if is_night else "day"


def _is_of(entry: Entry, case: Case) -> bool:
    if entry.kind is not None:
        # A lesser kind may join a graver alert; its table may wait for the morning, the alert may not.
        is_slow = case.priority in ENDLESS and entry.kind not in MAY_BE_URGENT
        return entry.kind is case.kind and case.priority is not Priority.P0 and not is_slow
    return entry.priority is case.priority
