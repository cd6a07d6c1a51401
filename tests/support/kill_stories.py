"""The escalations that are killed at every step, and the ways in which a phone provider fails meanwhile."""

from collections.abc import Callable

import msgspec
from alarm_house import RESIDENT
from desk_room import finding

from alerts.model import Outcome
from core.ids import ContactId, PersonId
from core.localtime import MINUTE_MS
from device_sim.phone_behaviour import RequestFault
from device_sim.phones import PhoneNetwork
from registry.homes import Contact, ContactRole
from rules.findings import Finding, FindingKind, Priority

NOON_MS = 1_793_000_000_000
BEGINS_MS = NOON_MS + MINUTE_MS
DAUGHTER, SON = "+85291110001", "+85291110002"
NUMBERS = (RESIDENT, DAUGHTER, SON)
CONTACTS = tuple(
    Contact(id=ContactId(name), person_id=PersonId("p1"), role=ContactRole.FAMILY, order=order, phone=phone)
    for name, order, phone in (("daughter", 1, DAUGHTER), ("son", 2, SON))
)
ALWAYS = 1_000
BLACK_HOLE_S = 0.7
"""Each request that is never answered costs a story this much real time."""


class Escalation(msgspec.Struct, frozen=True, kw_only=True):
    """What is found, what the people do, and how it ends; `follows` are steps that may come one after the other."""

    kind: FindingKind
    priority: Priority
    people: Callable[[PhoneNetwork], None]
    outcome: Outcome
    follows: frozenset[tuple[int, int]]
    loop_from: int
    clerk_at_ms: int | None = None  # closes it at the desk then
    until_ms: int = NOON_MS + 150 * MINUTE_MS

    @property
    def finding(self) -> Finding:
        return finding(self.kind, self.priority, at_ms=BEGINS_MS)


class Provider(msgspec.Struct, frozen=True, kw_only=True):
    """How the provider fails."""

    spoil: Callable[[PhoneNetwork], None] = lambda _phones: None
    loses_while_down: bool = False  # a callback that finds the service dead is gone for ever
    never_calls_back: bool = False  # not even for a script: no key can be pressed
    patience_s: float = 10.0  # of the SDK; a busy machine must not look like a provider that has failed too


def _silence(phones: PhoneNetwork) -> None:
    """Nobody answers at home, the daughter cannot go, the son goes and reports nothing; asked again, he has spoken."""
    phones.at(RESIDENT).never_answers()
    phones.at(DAUGHTER).answers(presses="2").then.busy()
    phones.at(SON).answers(presses="1").then.answers(presses="33")


def _hazard(phones: PhoneNetwork) -> None:
    """The daughter is rung at once and again beside the son, who goes and reports nothing; a clerk closes it."""
    phones.at(RESIDENT).never_answers()
    phones.at(DAUGHTER).never_answers()
    phones.at(SON).answers(after_s=10, presses="1")


SILENCE = Escalation(
    kind=FindingKind.INACTIVITY,
    priority=Priority.P1,
    people=_silence,
    outcome=Outcome.WELL_SPOKEN_TO,
    follows=frozenset({(0, 1), (1, 2), (2, 3), (3, 2)}),
    loop_from=2,
)
HAZARD = Escalation(
    kind=FindingKind.EMERGENCY,
    priority=Priority.P0,
    people=_hazard,
    outcome=Outcome.SEEN_WELL,
    follows=frozenset({(0, 1), (1, 1)}),
    loop_from=1,
    clerk_at_ms=BEGINS_MS + 14 * MINUTE_MS,
    until_ms=BEGINS_MS + 30 * MINUTE_MS,
)
ESCALATIONS = {"silence": SILENCE, "hazard": HAZARD}


def escalation(name: str, provider: Provider) -> Escalation:
    """Return an escalation; where nobody can press a key the clerk closes it."""
    told = ESCALATIONS[name]
    if not provider.never_calls_back or told.clerk_at_ms is not None:
        return told
    ends_ms = BEGINS_MS + 45 * MINUTE_MS
    return msgspec.structs.replace(
        told, outcome=Outcome.SEEN_WELL, clerk_at_ms=ends_ms, until_ms=ends_ms + 20 * MINUTE_MS
    )


def _calls(fault: RequestFault, times: int = ALWAYS) -> Provider:
    """Let so many requests for a call to each number go wrong."""

    def spoil(phones: PhoneNetwork) -> None:
        for number in NUMBERS:
            phones.spoil_next(fault, times=times, on="call", to=number)

    return Provider(spoil=spoil, patience_s=BLACK_HOLE_S if fault.hangs else Provider().patience_s)


def _callbacks(**faults: bool) -> Provider:
    """Spoil the status callbacks of all numbers."""

    def spoil(phones: PhoneNetwork) -> None:
        for number in NUMBERS:
            phones.at(number).with_faults(**faults)

    return Provider(spoil=spoil)


PROVIDERS = {
    "answers normally": Provider(),
    "500 after accepting": _calls(RequestFault(status=500)),
    "500 instead of accepting": _calls(RequestFault(status=500, is_accepted=False), 1),
    "black hole after accepting": _calls(RequestFault(hangs=True)),
    "black hole that swallows": _calls(RequestFault(hangs=True, is_accepted=False), 1),
    "429 twice": _calls(RequestFault(is_accepted=False, status=429, code=20429), 2),
    "callbacks twice": _callbacks(is_doubling=True),
    "callbacks out of order": _callbacks(is_shuffling=True),
    "callbacks lost while down": Provider(loses_while_down=True),
    "no callbacks at all": Provider(never_calls_back=True),
}
