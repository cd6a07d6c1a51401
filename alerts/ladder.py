"""One ladder as data: which step comes when and whom it reaches; refuses nothing, alerts/ladder_file.py did."""

from typing import Literal

import msgspec

from registry.homes import Contact, ContactRole
from rules.findings import FindingKind

FAMILY_LIKE = frozenset({ContactRole.FAMILY})
RESIDENT = "resident"


class Step(msgspec.Struct, frozen=True):
    """One step. `call` and `sms` name targets: resident, contact:N, a role, or all."""

    stage: Literal["resident", "contacts"]
    after_s: int = 0
    at_local: str = ""
    call: tuple[str, ...] = ()
    sms: tuple[str, ...] = ()

    def rings_others(self) -> bool:
        """Return whether it rings somebody besides the resident; who is only written to may sleep."""
        return any(target != RESIDENT for target in self.call)


class Policy(msgspec.Struct, frozen=True):
    """One ladder; `rounds` 0 means that it never gives up."""

    ack_deadline_s: int
    loop_from: int
    loop_after_s: int
    rounds: int
    steps: tuple[Step, ...]


class Ladder(msgspec.Struct, frozen=True):
    """The ladder that one round of an alert runs on; kept with the alert, so that a changed file moves no step."""

    kind: FindingKind  # of the finding that the round began for
    policy: Policy


def callees(targets: tuple[str, ...], contacts: tuple[Contact, ...]) -> tuple[Contact | None, ...]:
    """Return who the targets are for one person, in order, each once; None is the resident."""
    found: list[Contact | None] = []
    for target in targets:
        for callee in _callees_of(target, contacts):
            if callee not in found:
                found.append(callee)
    return tuple(found)


def is_target(target: str) -> bool:
    """Return whether a step may name it."""
    number = target.removeprefix("contact:")
    is_contact = number != target and number.isdigit() and int(number) > 0
    return is_contact or target in {RESIDENT, "all"} or target in {role.value for role in ContactRole}


def _callees_of(target: str, contacts: tuple[Contact, ...]) -> list[Contact | None]:
    if target == RESIDENT:
        return [None]
    if target == "all":
        return list(contacts)
    if target.startswith("contact:"):
        family = [contact for contact in contacts if contact.role in FAMILY_LIKE]
        index = int(target.removeprefix("contact:")) - 1
        return list(family[index : index + 1])
    return [contact for contact in contacts if contact.role == target]
