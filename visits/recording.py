"""A visit written down, signed, corrected, approved late, merged; a signed record is never changed, only followed."""

from zoneinfo import ZoneInfo

import msgspec

from core.errors import ConflictError
from core.ids import PersonId, VisitId, derived_id
from core.localtime import local_date
from core.text import Bilingual
from registry.annex1_check import FormError, Problem
from registry.people import Person
from registry.standing import Standing
from visits.annex2 import Annex2
from visits.classing import as_month, class_filled, class_of_entry
from visits.counting import NEEDS_REVIEW, credited, is_double_entry, is_late_entry
from visits.form_check import problems_of
from visits.model import ContactClass, Met, Visit
from visits.policy import CountingPolicy

SIGN_WITHIN_H = 72
"""An alert's pre-filled record is signed by staff this soon; later it is red, and a call by key counts no more."""

NUMBERED = frozenset(
    {
        ContactClass.C1_HOME,
        ContactClass.C2_PHONE,
        ContactClass.C3_VIDEO,
        ContactClass.C4A_REMOTE_CONFIRMED_CALL,
        ContactClass.C4B_REMOTE_CONFIRMED_MONTH,
    }
)
"""Classes that may count bear a number (第_次); an attempt is none of the visits."""

_TOLD = ("started_at_ms", "contact_class", "met", "form", "visitor", "is_drill", "trip_id", "proof", "note")
"""What two posts of one visit have in common; the time of writing is each post's own."""


_HOW_TO_FILL = "。填写 fill it: /records/{0} 或 or shouwang visits fill {0} --set gas=safe --as ACCOUNT"
"""Both ways work for an alert's record too, and write in the missing signatures of who fills it."""

_MAKE_ANOTHER = ("local_date", "contact_class", "met", "is_drill")
_ENTERED = ("entered_at_ms", "entered_on", "approved_by", "approved_at_ms")
"""What a correction leaves, unless it makes another visit of the record."""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody writes down about one contact with one person; `key` makes a repeated post harmless."""

    person_id: PersonId
    started_at_ms: int
    form: Annex2
    met: Met = Met.PERSON
    visitor: str = ""  # "account:<name>" or "contact:<id>"
    is_registered_visitor: bool = False
    is_drill: bool = False
    trip_id: str = ""
    proof: str = ""
    note: str = ""
    key: str = ""


def drafted(entry: Entry, person: Person, *, by: str, at_ms: int, zone: ZoneInfo) -> Visit:
    """Return version 1 of a record, a draft that counts for nothing; the local dates are derived here, once.

    Raises ConflictError for a visit of somebody else, FormError for one that is still to come.
    """
    if entry.person_id != person.id:
        raise ConflictError(f"{entry.person_id} is not {person.id}")
    if entry.started_at_ms > at_ms:
        why = Bilingual("探访时间不能晚于现在", "a visit that is still to come cannot be written down")
        raise FormError((Problem("started_at", why),))
    return Visit(
        id=VisitId(derived_id("entry", entry.person_id, entry.key or _own_key(entry))),
        person_id=person.id,
        contact_class=class_of_entry(entry.form.kind, entry.met),
        started_at_ms=entry.started_at_ms,
        local_date=local_date(entry.started_at_ms, zone),
        visitor=entry.visitor,
        is_registered_visitor=entry.is_registered_visitor,
        is_form_complete=not problems_of(entry.form),
        is_drill=entry.is_drill,
        note=entry.note,
        area=person.area,
        is_draft=True,
        entered_at_ms=at_ms,
        entered_on=local_date(at_ms, zone),
        entered_by=by,
        trip_id=entry.trip_id,
        met=entry.met,
        form=entry.form,
        proof=entry.proof,
        changed_by=by,
        changed_at_ms=at_ms,
    )


def check_told_again(told: Visit, draft: Visit) -> None:
    """Let the same post pass; another story under its key is refused, never dropped: raises ConflictError.

    `told` is the first version of the record that bears the id.
    """
    is_same = all(getattr(told, name) == getattr(draft, name) for name in _TOLD)
    _refuse_unless(
        is_same,
        f"已有另一条记录 {told.id}：请修改或更正它 / {told.id} says something else: fill that one, or correct it",
    )


def filled(visit: Visit, form: Annex2, *, by: str, at_ms: int, zone: ZoneInfo, note: str | None = None) -> Visit:
    """Return the next version of an unsigned record with another form; raises ConflictError when it is signed.

    It is entered on the day of its last answers: an empty draft that was begun in time makes nothing timely.
    """
    _refuse_unless(visit.signed_at_ms is None, "已签字，只能更正 / it is signed: correct it instead")
    is_answered = form != visit.form and visit.contact_class not in NEEDS_REVIEW  # those have 72 h of their own
    return msgspec.structs.replace(
        visit,
        form=form,
        contact_class=class_filled(visit, form),
        is_form_complete=not problems_of(form),
        note=visit.note if note is None else note,
        version=visit.version + 1,
        entered_at_ms=at_ms if is_answered else visit.entered_at_ms,
        entered_on=local_date(at_ms, zone) if is_answered else visit.entered_on,
        changed_by=by,
        changed_at_ms=at_ms,
    )


def sign_problems(visit: Visit) -> tuple[Bilingual, ...]:
    """Return why a record cannot be signed yet; who reached nobody owes no form."""
    if visit.form is None:
        return (Bilingual("没有记录表", "there is no form"),)
    if visit.met is not Met.PERSON or visit.contact_class in NEEDS_REVIEW:
        return ()
    return problems_of(visit.form)


def signed(
    visit: Visit, standing: Standing, policy: CountingPolicy, *, by: str, at_ms: int, number: int, zone: ZoneInfo
) -> Visit:
    """Return the signed version: it bears its number, counts as it may, and never changes again.

    Raises ConflictError when it is signed already or the form is not complete.
    """
    _refuse_unless(visit.signed_at_ms is None, "已签字 / it is signed already")
    _refuse_unsigned(visit, _HOW_TO_FILL.format(visit.id))
    is_remote = visit.contact_class in NEEDS_REVIEW
    is_from_alert = visit.alert_id is not None and not is_remote
    final = msgspec.structs.replace(
        visit,
        version=visit.version + 1,
        number=number if visit.contact_class in NUMBERED else 0,
        is_draft=False,
        is_form_complete=True,
        signed_by=by,
        signed_at_ms=at_ms,
        reviewed_by=by if is_remote else visit.reviewed_by,
        reviewed_at_ms=at_ms if is_remote else visit.reviewed_at_ms,
        entered_on=local_date(at_ms, zone) if is_from_alert else visit.entered_on,
        changed_by=by,
        changed_at_ms=at_ms,
    )
    return credited(final, standing.person, policy, standing.tier_on(final.local_date))


def corrected(
    visit: Visit,
    entry: Entry,
    standing: Standing,
    policy: CountingPolicy,
    *,
    by: str,
    at_ms: int,
    reason: str,
    number: int,
    zone: ZoneInfo,
) -> Visit:
    """Return the next version of a signed record; the old one stays readable, its number and its first entry stand.

    What is another visit by then (another day, class, or person met) is entered today and approved anew when that is
    late; one that bears no number and may count now gets `number`. A drill stays a drill (case 23).
    """
    _check_correction(visit, reason)
    told = msgspec.structs.replace(entry, is_drill=visit.is_drill or entry.is_drill)
    fresh = as_month(visit, drafted(told, standing.person, by=by, at_ms=at_ms, zone=zone))
    _refuse_unsigned(fresh)
    stays = () if any(getattr(fresh, name) != getattr(visit, name) for name in _MAKE_ANOTHER) else _ENTERED
    final = msgspec.structs.replace(
        fresh,
        id=visit.id,
        version=visit.version + 1,
        number=number if needs_number(visit, entry) else visit.number,
        is_draft=False,
        area=visit.area if fresh.local_date == visit.local_date else fresh.area,
        alert_id=visit.alert_id,
        evidence=visit.evidence,
        reviewed_by=visit.reviewed_by,
        reviewed_at_ms=visit.reviewed_at_ms,
        entered_by=visit.entered_by,
        signed_by=by,
        signed_at_ms=at_ms,
        change_reason=reason.strip(),
        **{name: getattr(visit, name) for name in stays},
    )
    return credited(final, standing.person, policy, standing.tier_on(final.local_date))


def needs_number(visit: Visit, entry: Entry) -> bool:
    """Return whether a correction makes a visit that may count of a record that never did."""
    return visit.number == 0 and class_of_entry(entry.form.kind, entry.met) in NUMBERED


def approved(visit: Visit, standing: Standing, policy: CountingPolicy, *, by: str, at_ms: int) -> Visit:
    """Return the next version of a late entry that a supervisor lets count; it stays marked 补录 (case 3).

    Raises ConflictError when it is not late, approved already, or approved by the one who wrote it down.
    """
    _refuse_unless(is_late_entry(visit, policy), "不是补录，无须批准 / it was not entered late")
    _refuse_unless(visit.approved_at_ms is None, "已批准 / it is approved already")
    _refuse_unless(by not in {visit.entered_by, visit.signed_by}, "不能批准自己的补录 / somebody else must approve it")
    final = msgspec.structs.replace(
        visit, version=visit.version + 1, approved_by=by, approved_at_ms=at_ms, changed_by=by, changed_at_ms=at_ms
    )
    return credited(final, standing.person, policy, standing.tier_on(final.local_date))


def merged(visit: Visit, into: Visit, policy: CountingPolicy, *, by: str, at_ms: int, reason: str) -> Visit:
    """Return the next version of a double entry: kept and readable, and counting for nothing (case 13).

    Raises ConflictError unless both are one visit, the one that stays is worth as much, and somebody says why.
    """
    _refuse_unless(bool(reason.strip()), "合并须写明原因 / say why it is merged")
    _refuse_unless(
        visit.id != into.id and is_double_entry(visit, into, policy),
        "不是同一次探访的两条记录 / not one visit twice: same person, kind and visitor, close in time",
    )
    _refuse_unless(visit.merged_into is None and into.merged_into is None, "已合并 / one of them is merged already")
    _refuse_unless(visit.is_draft or not into.is_draft, "不能并入草稿 / a signed record is not merged into a draft")
    _refuse_unless(
        visit.contact_class not in NUMBERED or into.contact_class in NUMBERED,
        "探访不能并入尝试记录 / a visit is not merged into an attempt",
    )
    return msgspec.structs.replace(
        visit,
        version=visit.version + 1,
        merged_into=into.id,
        credits=(),
        changed_by=by,
        changed_at_ms=at_ms,
        change_reason=reason.strip(),
    )


def _own_key(entry: Entry) -> str:
    return f"{entry.visitor}:{entry.started_at_ms}:{entry.form.kind}:{entry.met}"


def _refuse_unsigned(visit: Visit, remedy: str = "") -> None:
    problems = sign_problems(visit)
    _refuse_unless(not problems, "；".join(str(one) for one in problems) + remedy)


def _check_correction(visit: Visit, reason: str) -> None:
    _refuse_unless(
        visit.signed_at_ms is not None,
        f"草稿是填写，不是更正 / a draft is filled, not corrected{_HOW_TO_FILL.format(visit.id)}",
    )
    _refuse_unless(bool(reason.strip()), "更正须写明原因 / say why it is corrected")
    _refuse_unless(visit.merged_into is None, "已合并 / it was merged into another record")


def _refuse_unless(is_right: bool, words: str) -> None:  # noqa: FBT001 - private: a condition and its refusal
    if not is_right:
        raise ConflictError(words)
