"""Dated facts of a person's standing for tests; days are ISO texts."""

from datetime import date

from visits_kit import key_person

from core.ids import PersonId, derived_id
from registry.people import Tier
from registry.standing import Standing, standing_of
from registry.standing_facts import Absence, FactId, FactKind, StandingFact


def day(text: str) -> date:
    return date.fromisoformat(text)


def fact(kind: FactKind, on: str, until: str | None = None, **fields) -> StandingFact:
    base = {
        "id": FactId(derived_id(kind, on, str(fields.get("purpose")))),
        "person_id": PersonId("p1"),
        "kind": kind,
        "on": day(on),
        "until": None if until is None else day(until),
    }
    return StandingFact(**(base | fields))


def in_hospital(on: str, until: str | None = None, **fields) -> StandingFact:
    return fact(FactKind.SUSPENDED, on, until, **({"absence": Absence.HOSPITAL, "evidence": "住院证明"} | fields))


def refused(on: str, **fields) -> StandingFact:
    return fact(FactKind.REFUSED, on, **({"is_signed": True} | fields))


def became(tier: Tier, on: str, **fields) -> StandingFact:
    was = Tier.GENERAL if tier is Tier.KEY else Tier.KEY
    return fact(FactKind.TIER_CHANGED, on, tier=tier, **({"was": was, "reason": "评估", "is_override": True} | fields))


def standing(*facts: StandingFact, person=None) -> Standing:
    return standing_of(person or key_person(), facts)
