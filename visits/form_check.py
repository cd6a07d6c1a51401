"""Whether an annex 2 is complete for its kind of visit, and which answers are bad; refuses what the kind cannot see."""

from collections.abc import Iterator

import msgspec

from core.text import Bilingual
from visits.annex2 import (
    FORM_FIELDS,
    Annex2,
    Condition,
    Field,
    HouseholdChange,
    Illness,
    Safety,
    VisitedSignature,
    VisitKind,
    answer_of,
)

NOT_ASSESSED = "not_assessed"

SEEN_ONLY = frozenset({"gas", "water_heating", "electricity", "personal_hygiene", "home_hygiene", "indoors"})
"""What only eyes can judge: a voice does not show the kitchen (未评估)."""

SEEING = frozenset({VisitKind.HOME, VisitKind.VIDEO})

BAD_ANSWERS = frozenset({Condition.POOR.value, Safety.UNSAFE.value, Illness.SEVERE.value})
"""较差、不安全、严重: each opens a follow-up by itself (R30)."""


class BadAnswer(msgspec.Struct, frozen=True):
    """One answer that opens a follow-up."""

    field: str
    is_hazard: bool  # of the house, not of the person
    words: Bilingual


def problems_of(form: Annex2) -> tuple[Bilingual, ...]:
    """Return what is missing or impossible; an empty tuple is a complete form."""
    return tuple(_problems(form))


def bad_answers(form: Annex2) -> tuple[BadAnswer, ...]:
    """Return the answers that open a follow-up, in the form's order."""
    found = (field for field in FORM_FIELDS if str(getattr(form, field.name)) in BAD_ANSWERS)
    return tuple(BadAnswer(field.name, field.name in SEEN_ONLY, _said(form, field)) for field in found)


def can_see(kind: VisitKind, field: str) -> bool:
    """Return whether a visit of that kind can answer a field at all."""
    return field not in SEEN_ONLY or kind in SEEING


def _problems(form: Annex2) -> Iterator[Bilingual]:
    for field in FORM_FIELDS:
        is_answered = str(getattr(form, field.name)) != NOT_ASSESSED
        if form.kind is VisitKind.HOME and not is_answered:
            yield Bilingual(f"上门探访须填写“{field.label.zh}”", f"a home visit must answer {_named(field)}")
        if is_answered and not can_see(form.kind, field.name):
            yield Bilingual(
                f"非上门、非视频看不到“{field.label.zh}”，应填未评估",
                f"{_named(field)} cannot be seen by this kind of visit: not assessed",
            )
    has_changed = form.household in {HouseholdChange.MORE, HouseholdChange.FEWER}
    if has_changed != (form.household_count > 0):
        yield Bilingual(
            "家庭人口增减须写明人数", "say by how many the household has changed (household_count), and only then"
        )
    if form.illness is Illness.SEVERE and not form.illness_name:
        yield Bilingual("疾病严重须写明疾病名称", "a severe illness must be named (illness_name)")
    if form.kind is VisitKind.OTHER and not form.other_method:
        yield Bilingual("其他方式须写明", "say which other method it was (other_method)")
    yield from _signature_problems(form)


def _signature_problems(form: Annex2) -> Iterator[Bilingual]:
    if not form.visitor_signature:
        yield Bilingual("缺探访人员签字", "the visitor has not signed")
    if not form.recorder_signature:
        yield Bilingual("缺信息录入人签字", "the recorder has not signed")
    on_paper = {VisitedSignature.SIGNED, VisitedSignature.REFUSED, VisitedSignature.UNABLE}
    if form.kind is VisitKind.HOME and form.visited_signature not in on_paper:
        yield Bilingual(
            "缺被探访人签字，或拒签、无法签字的说明",
            "the visited person's signature, or why there is none (visited_signature)",
        )
    if (
        form.visited_signature in {VisitedSignature.REFUSED, VisitedSignature.UNABLE}
        and not form.visited_signature_note
    ):
        yield Bilingual("拒签、无法签字须写明原因", "say why the person did not sign (visited_signature_note)")
    if form.kind is not VisitKind.HOME and form.visited_signature is not VisitedSignature.REMOTE:
        yield Bilingual(
            "远程探访应注明“远程，未签字”", "a remote visit is marked “remote, not signed” (visited_signature)"
        )


def _named(field: Field) -> str:
    """Return the form's word with the field's name, by which the API and `--set` of the commands know it."""
    return f"“{field.label.en}” ({field.name})"


def _said(form: Annex2, field: Field) -> Bilingual:
    answer = answer_of(form, field)
    return Bilingual(f"{field.label.zh}：{answer.zh}", f"{field.label.en}: {answer.en}")
