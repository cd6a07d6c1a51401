"""Escalation policies as data: which step comes when and whom it reaches; refuses a file that would leave a gap."""

import tomllib
from importlib import resources
from typing import Literal

import msgspec

from core.errors import ConfigurationError
from registry.homes import Contact, ContactRole
from rules.findings import Priority

BUILT_IN = "alerts/ladder.toml"
FAMILY_LIKE = frozenset({ContactRole.FAMILY})


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One step. `call` and `sms` name targets: resident, contact:N, a role, or all."""

    stage: Literal["resident", "contacts"]
    after_s: int = 0
    at_local: str = ""
    call: tuple[str, ...] = ()
    sms: tuple[str, ...] = ()


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One ladder; `rounds` 0 means that it never gives up."""

    ack_deadline_s: int
    loop_from: int
    loop_after_s: int
    rounds: int
    steps: tuple[Step, ...]


class Policies(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The ladders of all four priorities, under one version."""

    version: int
    p0: Policy
    p1: Policy
    p2: Policy
    p3: Policy

    def of(self, priority: Priority) -> Policy:
        """Return the ladder of a priority."""
        return (self.p0, self.p1, self.p2, self.p3)[priority]

    def name_of(self, priority: Priority) -> str:
        """Return the name an alert keeps of its ladder, e.g. "p1@1"."""
        return f"p{int(priority)}@{self.version}"


def built_in_policies() -> Policies:
    """Return the policies that ship with the service."""
    return parse_policies(resources.files("alerts").joinpath("ladder.toml").read_text("utf-8"), where=BUILT_IN)


def parse_policies(text: str, *, where: str) -> Policies:
    """Return the policies of a TOML text; raises ConfigurationError naming the place and the remedy."""
    try:
        policies = msgspec.convert(tomllib.loads(text), Policies)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ConfigurationError(str(error), where=where, remedy="compare with the built-in ladder") from error
    for priority in Priority:
        policy = policies.of(priority)
        if not policy.steps or not 0 <= policy.loop_from < len(policy.steps):
            raise ConfigurationError(
                f"p{int(priority)} has no step {policy.loop_from} to loop to", where=where, remedy="correct loop_from"
            )
        for step in policy.steps:
            _check_targets(step, where)
    return policies


def callees(targets: tuple[str, ...], contacts: tuple[Contact, ...]) -> tuple[Contact | None, ...]:
    """Return who the targets are for one person, in order, each once; None is the resident."""
    found: list[Contact | None] = []
    for target in targets:
        for callee in _callees_of(target, contacts):
            if callee not in found:
                found.append(callee)
    return tuple(found)


def _callees_of(target: str, contacts: tuple[Contact, ...]) -> list[Contact | None]:
    if target == "resident":
        return [None]
    if target == "all":
        return list(contacts)
    if target.startswith("contact:"):
        family = [contact for contact in contacts if contact.role in FAMILY_LIKE]
        index = int(target.removeprefix("contact:")) - 1
        return list(family[index : index + 1])
    return [contact for contact in contacts if contact.role == target]


def _check_targets(step: Step, where: str) -> None:
    for target in (*step.call, *step.sms):
        number = target.removeprefix("contact:")
        is_contact = number != target and number.isdigit() and int(number) > 0
        if not (is_contact or target in {"resident", "all"} or target in {role.value for role in ContactRole}):
            raise ConfigurationError(
                f"nobody is called {target!r}",
                where=where,
                remedy="use resident, contact:1.., neighbour, grid_worker, duty, supervisor or all",
            )
