"""Whom `duty` and `supervisor` mean at a moment: the rota's people as contacts that a ladder can ring."""

from collections.abc import Callable, Sequence

import msgspec

from core.ids import ContactId, PersonId
from registry.homes import Contact, ContactRole
from registry.rota import Rota, Staff, on_duty
from registry.rota_gaps import is_reachable

STAFF_PREFIX = "staff-"
"""Contact ids of staff; no registered contact's id begins so."""

AFTER_ALL_OTHERS = 1_000
"""Their place in a person's order of contacts: family and neighbours come first."""

REGISTERED_RUNG = 3
"""Of a county's registered supervisors each stands beside hundreds of homes: one who answers is enough."""


def is_staff(contact_id: ContactId) -> bool:
    """Return whether a contact is one of the rota's people."""
    return contact_id.startswith(STAFF_PREFIX)


def staff_contact(rota: Rota, contact_id: ContactId) -> Contact | None:
    """Return one of the rota's people by contact id, on duty or not; None when the plan no longer has them."""
    member = rota.member(contact_id.removeprefix(STAFF_PREFIX)) if is_staff(contact_id) else None
    if member is None:
        return None
    roles = [line.role for line in rota.lines if member.id in line.order]
    return _contact(member, roles[0] if roles else ContactRole.DUTY, PersonId(""))


def with_duty(
    contacts: Sequence[Contact], rota: Rota, at_ms: int, person_id: PersonId, is_bounced: Callable[[str], bool]
) -> tuple[Contact, ...]:
    """Return a person's contacts with those of the rota who can be rung in place of registered ones of their role.

    A role that nobody reachable holds keeps its registered contacts: a gap must not silence a ladder.
    """
    holders = _holders(rota, at_ms, person_id, is_bounced)
    roles = {one.role for one in holders}
    return (*(one for one in contacts if one.role not in roles), *holders)


def roles_held(rota: Rota, at_ms: int, is_bounced: Callable[[str], bool]) -> frozenset[ContactRole]:
    """Return the roles that somebody of the rota who can be rung holds at a moment."""
    return frozenset(one.role for one in _holders(rota, at_ms, PersonId(""), is_bounced))


def answering_for_the_service(
    rota: Rota, at_ms: int, is_bounced: Callable[[str], bool], registered: Sequence[Contact] = ()
) -> tuple[Contact, ...]:
    """Return whom a trouble of the service itself is told, as `duty` of its ladder: its supervisor.

    With no supervisor it is the duty desk, and with nobody on duty everybody whom the plan names, supervisors first.
    Where none of them has a number, or there is no plan, it is who is registered beside homes as supervisor, or as
    duty, the first few of them.
    """
    nobody = PersonId("")
    holders = _holders(rota, at_ms, nobody, is_bounced)
    on_now = [one for one in holders if one.role is ContactRole.SUPERVISOR] or list(holders)
    if not on_now:
        lines = sorted(rota.lines, key=lambda line: line.role is not ContactRole.SUPERVISOR)
        named = dict.fromkeys(member for line in lines for member in line.order)
        members = [member for one in named if (member := rota.member(one)) is not None and member.phone]
        on_now = [_contact(member, ContactRole.DUTY, nobody) for member in members]
    if not on_now:
        reachable = [one for one in registered if one.phone and not is_bounced(one.phone)]
        by_role = sorted(reachable, key=lambda one: one.role is not ContactRole.SUPERVISOR)
        on_now = [one for one in by_role if one.role is by_role[0].role][:REGISTERED_RUNG]
    return tuple(_as_duty(one) for one in on_now)


def _holders(rota: Rota, at_ms: int, person_id: PersonId, is_bounced: Callable[[str], bool]) -> tuple[Contact, ...]:
    found: dict[str, Contact] = {}
    for spell in on_duty(rota, at_ms):
        member = rota.member(spell.staff)
        if member is not None and is_reachable(rota, spell) and not is_bounced(member.phone):
            found.setdefault(member.id, _contact(member, spell.role, person_id))
    return tuple(found.values())


def _contact(member: Staff, role: ContactRole, person_id: PersonId) -> Contact:
    return Contact(
        id=ContactId(f"{STAFF_PREFIX}{member.id}"),
        person_id=person_id,
        role=role,
        order=AFTER_ALL_OTHERS,
        name=member.name,
        phone=member.phone,
    )


def _as_duty(contact: Contact) -> Contact:
    return msgspec.structs.replace(contact, role=ContactRole.DUTY, relation="", is_registered_visitor=False)
