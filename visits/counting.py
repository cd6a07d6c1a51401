"""What one visit counts for, and why; refuses to count a remote contact that nobody signed in time."""

import msgspec

from core.errors import ConflictError
from core.text import Bilingual
from registry.people import Person, Tier, TierDecision, tier_of
from visits.annex2 import VisitKind
from visits.model import LEGAL_MINIMUMS, ContactClass, Credit, Met, Obligation, Visit
from visits.policy import CountingPolicy

OBLIGATIONS = {Tier.KEY: Obligation.KEY_HALFMONTH, Tier.GENERAL: Obligation.GEN_MONTH}
"""What each tier is owed."""

NEEDS_REVIEW = frozenset({ContactClass.C4A_REMOTE_CONFIRMED_CALL, ContactClass.C4B_REMOTE_CONFIRMED_MONTH})
"""No worker took part: they count only once staff have signed."""

NEEDS_REGISTERED_WORKER = frozenset({ContactClass.C1_HOME, ContactClass.C2_PHONE, ContactClass.C3_VIDEO})

OF_NOBODY = frozenset({ContactClass.C5_REMOTE_RAW, ContactClass.C6_ATTEMPT})
"""No contact that was made reached the person."""

_DRILL = Bilingual("演练，不计入", "a drill never counts")
MERGED = Bilingual("同一次探访的重复记录，已合并", "the same visit entered twice: merged into the other record")
_DRAFT = Bilingual("草稿，签字后才计入", "a draft: it counts once it is signed")
_DESKS_WORD = Bilingual(
    "值班台按“本人确认平安”结束，没有我方的通话或见面可以证明",
    "the desk closed it as confirmed by the resident: no call or visit of ours proves it",
)
_BY_OTHER_MEANS = Bilingual(
    "其他方式，不在计数方式之内（上门、电话、视频、远程监测）",
    "by other means: none of those that count (home, telephone, video, remote monitoring)",
)
_UNSIGNED = Bilingual("待值班人员复核", "waiting for duty staff to review it")
_NOT_OWED = {
    Obligation.KEY_HALFMONTH: Bilingual("一般对象不适用半月上门要求", "not owed to a general person"),
    Obligation.GEN_MONTH: Bilingual("重点对象按半月上门计，不适用月度要求", "a key person is owed home visits instead"),
}


def credits_of(visit: Visit, decision: TierDecision, policy: CountingPolicy) -> tuple[Credit, ...]:
    """Return one credit per obligation; what the person's tier is not owed never counts, and says so."""
    return tuple(_credit(visit, obligation, decision, policy) for obligation in LEGAL_MINIMUMS)


def judged(visit: Visit, obligation: Obligation, policy: CountingPolicy) -> Credit:
    """Return what the visit counts for if the obligation is owed, whatever the person's tier was that day."""
    counts, clause, why = policy.answer(standing_class(visit), obligation)
    obstacle = _obstacle(visit, policy, counts=counts)
    return Credit(obligation, counts, clause, why) if obstacle is None else Credit(obligation, False, clause, obstacle)


def is_late_entry(visit: Visit, policy: CountingPolicy) -> bool:
    """Return whether it was written down so long after the visit that a supervisor must approve it (补录, case 3)."""
    return visit.entered_on is not None and (visit.entered_on - visit.local_date).days > policy.late_entry_days


def standing_class(visit: Visit) -> ContactClass:
    """Return the class a visit stands at: an attempt until visitor and form are regular (policy B3, case 22)."""
    if visit.contact_class in NEEDS_REGISTERED_WORKER and not visit.is_registered_visitor:
        return ContactClass.C6_ATTEMPT
    if visit.contact_class is ContactClass.C1_HOME and not visit.is_form_complete:
        return ContactClass.C6_ATTEMPT
    return visit.contact_class


def is_unfinished(visit: Visit) -> bool:
    """Return whether it waits for a signature: a draft, or a worker's contact that an alert's closing wrote down."""
    is_workers = standing_class(visit) in NEEDS_REGISTERED_WORKER
    return visit.is_draft or (is_workers and visit.alert_id is not None and visit.signed_at_ms is None)


def is_review_in_time(visit: Visit, policy: CountingPolicy) -> bool:
    """Return whether staff signed it, and not later than the policy allows after the contact."""
    signed_at_ms = visit.reviewed_at_ms
    return signed_at_ms is not None and signed_at_ms - visit.started_at_ms <= policy.review_within_ms


def credited(visit: Visit, person: Person, policy: CountingPolicy, decision: TierDecision | None = None) -> Visit:
    """Return the visit with its credits under the policy, by the person's tier on the visit's own date."""
    decision = decision or tier_of(person, visit.local_date)
    return msgspec.structs.replace(visit, credits=credits_of(visit, decision, policy), policy_version=policy.stamp)


def reviewed(visit: Visit, by: str, at_ms: int, person: Person, policy: CountingPolicy) -> Visit:
    """Return the next version, signed by `by` (an account) at `at_ms`; signed too late it is logged and counts nothing.

    Raises ConflictError when it is another person's, is signed already, or is of a class that needs no signature.
    """
    if visit.person_id != person.id:
        raise ConflictError(f"visit {visit.id} is not a visit of {person.id}")
    if visit.contact_class not in NEEDS_REVIEW:
        raise ConflictError(f"visit {visit.id} is of class {visit.contact_class}, which nobody needs to sign")
    if visit.reviewed_at_ms is not None or not by:
        raise ConflictError(f"visit {visit.id} is signed already, or nobody signs it now")
    signed = msgspec.structs.replace(visit, reviewed_by=by, reviewed_at_ms=at_ms, version=visit.version + 1)
    return credited(signed, person, policy)


def is_same_visit(one: Visit, other: Visit, policy: CountingPolicy) -> bool:
    """Return whether two rows are one visit entered twice: same person, class and visitor, close in time (case 13)."""
    return one.contact_class is other.contact_class and _is_of_one_time(one, other, policy)


def is_double_entry(one: Visit, other: Visit, policy: CountingPolicy) -> bool:
    """Return whether somebody may say that two rows are one visit: the same kind, whatever each says of it."""
    return _kind_of(one) == _kind_of(other) and _is_of_one_time(one, other, policy)


def is_likely_double(one: Visit, other: Visit) -> bool:
    """Return whether two records may well be one visit though hours apart: same person, day, visitor and kind."""
    if one.id == other.id or one.merged_into is not None or other.merged_into is not None:
        return False
    is_of_one = (one.person_id, one.local_date, one.visitor) == (other.person_id, other.local_date, other.visitor)
    return is_of_one and (_kind_of(one), one.met) == (_kind_of(other), other.met)


def was_not_owed(credit: Credit) -> bool:
    """Return whether a kept credit says only that the person's tier of that day was not owed it."""
    return credit.why == _NOT_OWED.get(credit.obligation)


def why_not(visit: Visit) -> str:
    """Return in Chinese why a judged record counts for nothing; empty for one that counts."""
    if visit.merged_into is not None:
        return MERGED.zh
    if any(credit.counts for credit in visit.credits):
        return ""
    owed = next((credit for credit in visit.credits if not was_not_owed(credit)), None)
    return "" if owed is None else owed.why.zh


def _kind_of(visit: Visit) -> str:
    return visit.contact_class.value if visit.form is None else visit.form.kind.value


def _is_of_one_time(one: Visit, other: Visit, policy: CountingPolicy) -> bool:
    return (
        (one.person_id, one.visitor, one.is_drill) == (other.person_id, other.visitor, other.is_drill)
        and abs(one.started_at_ms - other.started_at_ms) <= policy.duplicate_within_ms
    )  # fmt: skip


def _obstacle(visit: Visit, policy: CountingPolicy, *, counts: bool) -> Bilingual | None:
    if (ruled_out := _ruled_out(visit)) is not None:
        return ruled_out
    is_met_and_irregular = visit.contact_class is ContactClass.C6_ATTEMPT and visit.met is Met.PERSON
    if _is_desks_word(visit) or is_met_and_irregular or standing_class(visit) is not visit.contact_class:
        return _irregular(visit)
    if counts and is_late_entry(visit, policy) and visit.approved_at_ms is None:
        days = policy.late_entry_days
        return Bilingual(
            f"超过 {days} 天补录，待主管批准", f"entered more than {days} days later: a supervisor decides"
        )
    return _review_obstacle(visit, policy) if counts and visit.contact_class in NEEDS_REVIEW else None


def _ruled_out(visit: Visit) -> Bilingual | None:
    """Return why a record counts for nothing whatever its class says, or None."""
    if visit.is_drill:
        return _DRILL
    if visit.merged_into is not None:
        return MERGED
    if is_unfinished(visit):
        return _DRAFT
    return _BY_OTHER_MEANS if _is_by_other_means(visit) else None


def _is_by_other_means(visit: Visit) -> bool:
    """Return whether the person was met in a way that the plan does not name: the class says so of nobody else."""
    is_other = visit.form is not None and visit.form.kind is VisitKind.OTHER
    return is_other and visit.met is Met.PERSON and visit.contact_class is ContactClass.C5_REMOTE_RAW


def _is_desks_word(visit: Visit) -> bool:
    """Return whether an alert's record, which reached nobody, names the account that closed it all the same."""
    is_by_desk = visit.alert_id is not None and visit.visitor.startswith("account:") and visit.signed_at_ms is None
    return is_by_desk and visit.met is not Met.PERSON and visit.contact_class in OF_NOBODY


def _review_obstacle(visit: Visit, policy: CountingPolicy) -> Bilingual | None:
    if visit.reviewed_at_ms is None:
        return _UNSIGNED
    if is_review_in_time(visit, policy):
        return None
    hours = policy.review_within_h
    return Bilingual(f"复核超过 {hours} 小时，只作记录", f"reviewed more than {hours} h after the contact: logged only")


def _credit(visit: Visit, obligation: Obligation, decision: TierDecision, policy: CountingPolicy) -> Credit:
    credit = judged(visit, obligation, policy)
    if OBLIGATIONS[decision.tier] is obligation:
        return credit
    return Credit(obligation, False, credit.clause, _NOT_OWED[obligation])


def _irregular(visit: Visit) -> Bilingual:
    if _is_desks_word(visit):
        return _DESKS_WORD
    if not visit.is_registered_visitor:
        return Bilingual(
            "探访人员未登记，补正前按尝试记录", "the visitor is not registered: an attempt until put right"
        )
    return Bilingual("记录表未填完，补正前按尝试记录", "the form is not complete: an attempt until put right")
