"""Entries to views; the one place that decides what of annex 1 is masked."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from api.conversion import bilingual_view, person_brief
from api.masking import masked_name, masked_phone
from api.registry_views import (
    AnswerView,
    ChangeView,
    ChildContactView,
    ChildView,
    ConflictView,
    ConsentView,
    EntryRowView,
    EntryView,
    FateView,
    FirstContactView,
    GuardianView,
    OverrideView,
    ServiceState,
    VersionView,
    hidden,
    masked_id_number,
)
from api.views import BilingualView
from core.text import Bilingual
from registry.annex1_words import FIELD_BY_NAME, FormField, answers
from registry.areas import AreaTree
from registry.changes import Change
from registry.consent import Purpose, state_of
from registry.entries import Filed, has_child_elsewhere, is_ended, is_waiting, needs_help_measure, obstacles
from registry.matching import Judged, OpenConflict
from registry.people import tier_of
from registry.refresh import ChildContact, is_child_silent, next_review, stage

LIST_LABELS = {
    "area": Bilingual("网格", "area"),
    "village": Bilingual("村（社区）", "village"),
    "grid": Bilingual("网格", "grid"),
    "birth_date": Bilingual("出生日期", "birth date"),
}
"""Columns of lists that annex 1 has no cell for."""

_MASKS = {
    "name": masked_name,
    "emergency.name": masked_name,
    "helper_in_charge": masked_name,
    "phone": masked_phone,
    "emergency.phone": masked_phone,
    "id_number": masked_id_number,
}


def entry_row(
    filed: Filed,
    areas: AreaTree,
    contacts: Sequence[ChildContact],
    on: date,
    *,
    outcomes: Sequence[str] = (),
) -> EntryRowView:
    """Return one line of the list; `contacts` are those of the person's children.

    `outcomes`: how looking for the person ended for each list that named them, the oldest first; "": not yet.
    """
    search = {"sought": outcomes[-1] if outcomes else "", "is_wanted": "" in outcomes}
    return EntryRowView.model_validate(_row(filed, areas, contacts, on) | search)


def entry_view(filed: Filed, areas: AreaTree, contacts: Sequence[ChildContact], on: date) -> EntryView:
    """Return an entry, masked."""
    entry = filed.entry
    first, guardian, override = entry.first_contact, entry.guardian, entry.override
    return EntryView(
        **_row(filed, areas, contacts, on),
        tier_reason=bilingual_view(tier_of(filed.person, on).reason),
        answers=[_answer(field, text) for field, text in answers(filed.form(on))],
        first_contact=None if first is None else FirstContactView.model_validate(first, from_attributes=True),
        children=[
            ChildView(name=one.name, phone=one.phone, same_residence=one.same_residence) for one in entry.children
        ],
        legal_capacity=entry.legal_capacity,
        guardian=None
        if guardian is None
        else GuardianView(name=guardian.name, phone=guardian.phone, relation=guardian.relation, since=guardian.since),
        consents=[ConsentView.model_validate(one, from_attributes=True) for one in reversed(entry.consents)],
        consent_now={purpose: state_of(entry.consents, purpose, on) for purpose in Purpose},
        override=None if override is None else OverrideView(tier=override.tier, by=override.by, at_ms=override.at_ms),
        verified_by=entry.verified_by,
        child_contacts=[
            ChildContactView(on=one.on, channel=one.channel, note=one.note, recorded_by=one.recorded_by)
            for one in contacts
        ],
    )


def change_view(change: Change) -> ChangeView:
    """Return a change; of a personal field only whether something was and is there."""
    old, new = change.old, change.new
    if change.is_personal:
        old, new = _hidden(old), _hidden(new)
    return ChangeView(
        name=change.name,
        label=bilingual_view(change.label),
        old=bilingual_view(old),
        new=bilingual_view(new),
        is_personal=change.is_personal,
    )


def version_view(kept: object, changes: Sequence[Change]) -> VersionView:
    """Return a version with its changes; `kept` has version, at_ms, actor, action, why and marks."""
    names = ("version", "at_ms", "actor", "action", "why", "marks")
    fields = {name: getattr(kept, name) for name in names}
    return VersionView.model_validate(fields | {"changes": [change_view(one) for one in changes]})


def fate_view(one: Judged) -> FateView:
    """Return a row of a list, masked."""
    return FateView(
        row=one.row,
        fate=one.fate,
        name=one.values.get("name", ""),
        id_number=one.values.get("id_number", ""),
        person_id=one.person_id,
        fills=list(one.fills),
        differs=[difference.field for difference in one.differences],
        problems=[
            BilingualView(zh=f"{label.zh} {said.sentence.zh}", en=f"{label.en}: {said.sentence.en}")
            for said in one.problems
            for label in (field_label(said.field),)
        ],
    )


def conflict_view(one: OpenConflict) -> ConflictView:
    """Return a conflict without what it says."""
    return ConflictView(
        conflict_id=one.id,
        person_id=one.person_id,
        field=one.difference.field,
        label=bilingual_view(field_label(one.difference.field)),
        source=one.source,
        row=one.row,
    )


def field_label(name: str) -> Bilingual:
    """Return the words for a field of a gathered list."""
    if name in LIST_LABELS:
        return LIST_LABELS[name]
    known = FIELD_BY_NAME.get(name) or FIELD_BY_NAME.get(name.split(".", maxsplit=1)[0])
    return Bilingual(name, name) if known is None else known.label


def _row(filed: Filed, areas: AreaTree, contacts: Sequence[ChildContact], on: date) -> dict[str, Any]:
    person, entry = filed.person, filed.entry
    ended = ServiceState.ENDED if is_ended(person, on) else ServiceState.ACTIVE
    is_silent = has_child_elsewhere(entry) and is_child_silent(contacts, person.active_from, on)
    return {
        "person": person_brief(person, on),
        "area": person.area,
        "area_name": areas.full_name(person.area),
        "categories": sorted(person.categories),
        "state": ServiceState.WAITING if is_waiting(person) else ended,
        "version": entry.version,
        "stage": stage(entry.verified_on, on),
        "next_review": next_review(entry.verified_on),
        "obstacles": [bilingual_view(one) for one in obstacles(filed, on)],
        "needs_help": needs_help_measure(filed),
        "child_silent": is_silent and not is_waiting(person),
        "verified_on": entry.verified_on,
        "household": person.home_id,
    }


def _answer(field: FormField, text: Bilingual) -> AnswerView:
    return AnswerView(
        section=field.section,
        name=field.name,
        label=bilingual_view(field.label),
        text=_masked(field, text) if field.is_personal else bilingual_view(text),
        is_personal=field.is_personal,
    )


def _masked(field: FormField, text: Bilingual) -> BilingualView:
    mask = _MASKS.get(field.name, hidden)
    return BilingualView(zh=mask(text.zh), en=mask(text.en))


def _hidden(text: Bilingual) -> Bilingual:
    return Bilingual(hidden(text.zh), hidden(text.en))
