"""Dated facts of a person's standing, written once and never changed; a wrong one is voided by another."""

from datetime import date
from enum import StrEnum
from typing import NewType

import msgspec

from core.errors import ConflictError
from core.ids import PersonId
from core.text import Bilingual
from registry.people import Tier

FactId = NewType("FactId", str)
VISITING = "visiting"


class FactKind(StrEnum):
    """What may happen to somebody's standing."""

    ACTIVATED = "activated"  # in the ledger from that day
    ENDED = "ended"  # the service ended on that day
    DIED = "died"
    LEFT_TOWN = "left_town"
    MOVED = "moved"  # within the town: still due, at the new address (policy B3, case 9)
    SUSPENDED = "suspended"
    RESUMED = "resumed"  # home again on that day
    REFUSED = "refused"  # of one purpose; asked again each half year
    AGREED = "agreed"
    TIER_CHANGED = "tier_changed"
    VOIDED = "voided"  # the fact it names was wrong


class Absence(StrEnum):
    """Why a duty is suspended (policy B3, case 8)."""

    HOSPITAL = "hospital"
    CARE_HOME = "care_home"
    WITH_RELATIVES = "with_relatives"
    MISSING = "missing"


ENDINGS = frozenset({FactKind.ENDED, FactKind.DIED, FactKind.LEFT_TOWN})
"""After these nothing is owed until somebody is activated again; after a death never."""


class StandingFact(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One fact. Texts (`evidence`, `reason`) are personal; `on` and `until` are local dates, `until` the last day."""

    id: FactId
    person_id: PersonId
    kind: FactKind
    on: date
    until: date | None = None  # of a suspension whose end is known
    absence: Absence | None = None
    evidence: str = ""  # of a suspension: without it no window is excused
    purpose: str = VISITING  # of a refusal: "visiting", "sensors", "calls", "family_light"
    is_signed: bool = False  # of a refusal: unsigned it excuses nothing
    was: Tier | None = None  # the tier before; a registry keeps only the present
    tier: Tier | None = None
    is_override: bool = False  # set by a person: it holds until the next change; otherwise the rule answers from then
    reason: str = ""
    area: str = ""  # of a move
    voids: FactId | None = None
    recorded_at_ms: int = 0
    recorded_by: str = ""


FACT_WORDS = {
    FactKind.ACTIVATED: Bilingual("建档启用", "in the ledger from"),
    FactKind.ENDED: Bilingual("服务终止", "service ended"),
    FactKind.DIED: Bilingual("去世", "died"),
    FactKind.LEFT_TOWN: Bilingual("迁出本镇", "left the town"),
    FactKind.MOVED: Bilingual("镇内搬迁", "moved within the town"),
    FactKind.SUSPENDED: Bilingual("暂停（异动）", "suspended"),
    FactKind.RESUMED: Bilingual("恢复在家", "home again"),
    FactKind.REFUSED: Bilingual("自愿拒绝", "refused"),
    FactKind.AGREED: Bilingual("重新同意", "agreed again"),
    FactKind.TIER_CHANGED: Bilingual("对象等级变更", "tier changed"),
    FactKind.VOIDED: Bilingual("更正前一事实", "an earlier fact was wrong"),
}

ABSENCE_WORDS = {
    Absence.HOSPITAL: Bilingual("住院", "in hospital"),
    Absence.CARE_HOME: Bilingual("入住养老机构", "in a care home"),
    Absence.WITH_RELATIVES: Bilingual("在亲属处", "at relatives elsewhere"),
    Absence.MISSING: Bilingual("失联", "missing"),
}


def in_force(facts: list[StandingFact]) -> list[StandingFact]:
    """Return the facts that nobody has voided, by day and then as they were written."""
    voided = {fact.voids for fact in facts if fact.kind is FactKind.VOIDED}
    standing = (fact for fact in facts if fact.kind is not FactKind.VOIDED and fact.id not in voided)
    return sorted(standing, key=lambda fact: (fact.on, fact.recorded_at_ms, fact.id))


def check_fact(fact: StandingFact, known: list[StandingFact]) -> None:
    """Refuse what cannot be: raises ConflictError in words."""
    problem = _problem_of(fact, known)
    if problem:
        raise ConflictError(problem)


def _problem_of(fact: StandingFact, known: list[StandingFact]) -> str:
    if fact.kind is FactKind.VOIDED:
        is_there = any(other.id == fact.voids and other.kind is not FactKind.VOIDED for other in known)
        return "" if is_there else "没有可更正的这条事实 / there is no such fact to void"
    died = next((other for other in in_force(known) if other.kind is FactKind.DIED), None)
    if died is not None and fact.on > died.on:
        return f"已于 {died.on} 去世 / the person died on {died.on}"
    return next((words for is_wrong, words in _slips(fact) if is_wrong), "")


def _slips(fact: StandingFact) -> tuple[tuple[bool, str], ...]:
    is_suspension = fact.kind is FactKind.SUSPENDED
    is_tier = fact.kind is FactKind.TIER_CHANGED
    return (
        (is_suspension and fact.absence is None, "须写明暂停原因 / say why the duty is suspended"),
        (
            fact.until is not None and (not is_suspension or fact.until < fact.on),
            "结束日期只用于暂停，且不早于开始 / a last day belongs to a suspension and is not before its first",
        ),
        (is_tier and (fact.tier is None or not fact.reason), "须写明新等级和理由 / name the new tier and the reason"),
        (fact.kind is FactKind.MOVED and not fact.area, "须写明新地址所在网格 / name the area of the new address"),
    )
