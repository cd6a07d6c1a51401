"""Filled forms of annex 2 for tests: a complete home visit and a complete telephone call."""

from datetime import date

from visits.annex2 import Annex2, Condition, HouseholdChange, Illness, Safety, VisitedSignature, VisitKind


def home_form(**fields) -> Annex2:
    base = {
        "kind": VisitKind.HOME,
        "household": HouseholdChange.UNCHANGED,
        "expression": Condition.UNCHANGED,
        "movement": Condition.GOOD,
        "illness": Illness.UNCHANGED,
        "mood": Condition.GOOD,
        "gas": Safety.SAFE,
        "water_heating": Safety.SAFE,
        "electricity": Safety.FAIRLY_SAFE,
        "personal_hygiene": Condition.GOOD,
        "home_hygiene": Condition.GOOD,
        "indoors": Condition.UNCHANGED,
        "visitor_signature": "account:wang",
        "visited_signature": VisitedSignature.SIGNED,
        "recorder_signature": "account:wang",
        "filled_on": date(2024, 2, 3),
    }
    return Annex2(**(base | fields))


def phone_form(**fields) -> Annex2:
    base = {
        "kind": VisitKind.PHONE,
        "expression": Condition.UNCHANGED,
        "mood": Condition.GOOD,
        "visitor_signature": "account:wang",
        "visited_signature": VisitedSignature.REMOTE,
        "recorder_signature": "account:wang",
    }
    return Annex2(**(base | fields))
