"""What staff do to a ledger entry, each a command that makes the next version; refuses what the plan forbids."""

from datetime import date, timedelta
from typing import assert_never

import msgspec

from core.text import Bilingual
from registry.annex1 import Annex1, onto_person
from registry.annex1_check import FormError, Problem, birth_date_of, checked
from registry.annex1_words import FIELDS, value_of
from registry.consent import Consent, ConsentState, Guardian, LegalCapacity, Purpose, with_consent
from registry.entries import Assessment, Child, Filed, FirstContact, Origin, Override, obstacles
from registry.identity import FieldError
from registry.people import Tier
from registry.phones import to_e164

LATE_AFTER = timedelta(days=7)
"""What is told of a day longer ago is marked as told late (policy B3, case 3)."""

HAND = "hand"
"""The source of what somebody typed."""


class Command(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind"):
    """The root of the commands; `kind` names which in JSON."""


class SaveForm(Command, tag="form", frozen=True, kw_only=True):
    """Keep annex 1 as it is filled in, and the area."""

    form: Annex1
    area: str


class SetContacts(Command, tag="contacts", frozen=True, kw_only=True):
    """Name the first visit contact and the children (R10-R12)."""

    first_contact: FirstContact | None = None
    children: tuple[Child, ...] = ()


class SetGuardian(Command, tag="guardian", frozen=True, kw_only=True):
    """Record civil capacity and who decides for the person."""

    legal_capacity: LegalCapacity
    guardian: Guardian | None = None


class RecordConsent(Command, tag="consent", frozen=True, kw_only=True):
    """Record one answer to one purpose."""

    purpose: Purpose
    state: ConsentState
    on: date
    by_guardian: bool = False
    evidence: str = ""


class SetTier(Command, tag="tier", frozen=True, kw_only=True):
    """Set the tier against the rule, or None: by the rule again."""

    tier: Tier | None = None


class Activate(Command, tag="activate", frozen=True, kw_only=True):
    """Begin service; refused while anything stands in its way."""

    on: date


class EndService(Command, tag="end", frozen=True, kw_only=True):
    """End service on a day."""

    on: date


class Verify(Command, tag="verify", frozen=True, kw_only=True):
    """Confirm the entry after a visit at home (R15, R18)."""

    on: date


class Assess(Command, tag="assess", frozen=True, kw_only=True):
    """Record what the plan asks beyond the forms (R26)."""

    assessment: Assessment


AnyCommand = SaveForm | SetContacts | SetGuardian | RecordConsent | SetTier | Activate | EndService | Verify | Assess


class Doing(msgspec.Struct, frozen=True, kw_only=True):
    """Who acts, why, and when: the instant and the local day."""

    actor: str
    why: str
    at_ms: int
    today: date


def apply(command: AnyCommand, filed: Filed, doing: Doing) -> Filed:
    """Return the record after a command, its version unchanged; raises FormError or FieldError."""
    match command:
        case SaveForm():
            after = _saved(command, filed, doing)
        case SetContacts():
            after = _entry(filed, first_contact=_first(command.first_contact), children=_children(command.children))
        case SetGuardian():
            after = _guarded(command, filed)
        case RecordConsent():
            after = _answered(command, filed, doing)
        case SetTier():
            after = _tiered(command, filed, doing)
        case Activate():
            after = _activated(command, filed)
        case EndService():
            person = msgspec.structs.replace(filed.person, active_until=command.on)
            after = msgspec.structs.replace(filed, person=person)
        case Verify():
            _not_ahead("on", command.on, doing.today)
            after = _entry(filed, verified_on=command.on, verified_by=doing.actor)
        case Assess():
            after = _entry(filed, assessment=command.assessment)
        case _:
            assert_never(command)
    return after


def is_told_late(command: AnyCommand, today: date) -> bool:
    """Return whether a command tells of a day that is long past."""
    on = getattr(command, "on", None)
    return isinstance(on, date) and today - on > LATE_AFTER


def _saved(command: SaveForm, filed: Filed, doing: Doing) -> Filed:
    form = checked(command.form, doing.today)
    was = filed.form(doing.today)
    by_hand = Origin(source=HAND, by=doing.actor, at_ms=doing.at_ms)
    changed = {field.name for field in FIELDS if value_of(was, field.name) != value_of(form, field.name)} - {"tier"}
    person = onto_person(filed.person, form)
    born = birth_date_of(form, doing.today) or filed.person.birth_date
    person = msgspec.structs.replace(person, area=command.area.strip().strip("/"), birth_date=born)
    origins = filed.entry.origins | dict.fromkeys(sorted(changed), by_hand)
    entry = msgspec.structs.replace(filed.entry, form=msgspec.structs.replace(form, tier=None), origins=origins)
    return msgspec.structs.replace(filed, person=person, entry=entry)


def _guarded(command: SetGuardian, filed: Filed) -> Filed:
    guardian = command.guardian
    if guardian is not None:
        guardian = msgspec.structs.replace(guardian, phone=_phone("guardian.phone", guardian.phone))
    elif command.legal_capacity is not LegalCapacity.FULL:
        _refuse("guardian", "无完全行为能力的人须有监护人", "without full capacity there is to be a guardian")
    return _entry(filed, legal_capacity=command.legal_capacity, guardian=guardian)


def _answered(command: RecordConsent, filed: Filed, doing: Doing) -> Filed:
    answer = Consent(
        purpose=command.purpose,
        state=command.state,
        on=command.on,
        by_guardian=command.by_guardian,
        evidence=command.evidence.strip(),
        recorded_by=doing.actor,
    )
    entry = filed.entry
    consents = with_consent(entry.consents, answer, entry.legal_capacity, entry.guardian, doing.today)
    return _entry(filed, consents=consents)


def _tiered(command: SetTier, filed: Filed, doing: Doing) -> Filed:
    override = None
    if command.tier is not None:
        override = Override(tier=command.tier, by=doing.actor, at_ms=doing.at_ms, why=doing.why)
    person = msgspec.structs.replace(
        filed.person, tier_override=command.tier, tier_override_reason=doing.why if override else ""
    )
    return msgspec.structs.replace(_entry(filed, override=override), person=person)


def _activated(command: Activate, filed: Filed) -> Filed:
    in_the_way = obstacles(filed, command.on)
    if in_the_way:
        raise FormError(tuple(Problem("activate", one) for one in in_the_way))
    person = msgspec.structs.replace(filed.person, active_from=command.on, active_until=None)
    return msgspec.structs.replace(filed, person=person)


def _first(contact: FirstContact | None) -> FirstContact | None:
    if contact is None:
        return None
    if not contact.name.strip():
        _refuse("first_contact.name", "第一探访联系人没有姓名", "the first contact has no name")
    return msgspec.structs.replace(contact, phone=_phone("first_contact.phone", contact.phone))


def _children(children: tuple[Child, ...]) -> tuple[Child, ...]:
    return tuple(
        msgspec.structs.replace(one, phone=_phone(f"children.{at}.phone", one.phone))
        for at, one in enumerate(children)
        if one.name.strip()
    )


def _phone(field: str, text: str) -> str:
    try:
        return to_e164(text)
    except FieldError as error:
        raise FormError((Problem(field, error.sentence),)) from error


def _not_ahead(field: str, on: date, today: date) -> None:
    if on > today:
        _refuse(field, "日期在将来", "the day is in the future")


def _refuse(field: str, zh: str, en: str) -> None:
    raise FormError((Problem(field, Bilingual(zh, en)),))


def _entry(filed: Filed, **fields: object) -> Filed:
    return msgspec.structs.replace(filed, entry=msgspec.structs.replace(filed.entry, **fields))
