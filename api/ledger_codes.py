"""What the ledger's templates choose from: the codes of each list, and the titles of the board's tables."""

from typing import Any

from core.text import Bilingual
from registry.people import Tier
from registry.standing_facts import Absence, FactKind
from visits.annex2 import EXTRA_FIELDS, FORM_FIELDS, Need, VisitedSignature, VisitKind
from visits.due_board import Risk
from visits.eligibility import Benefit
from visits.follow_ups import FollowUpKind
from visits.model import ContactClass, Met
from visits.returns import TRANSITIONS, ReturnState, ReturnStep
from visits.special import SpecialKind, WarningLevel


def return_steps(state: ReturnState) -> list[ReturnStep]:
    """Return the steps that a return can take from where it stands."""
    return [step for known, step in TRANSITIONS if known is state]


LEDGER_NAMES: dict[str, Any] = {
    "VisitKind": VisitKind,
    "VisitedSignature": VisitedSignature,
    "Need": Need,
    "Met": Met,
    "Risk": Risk,
    "Tier": Tier,
    "FactKind": FactKind,
    "Absence": Absence,
    "FollowUpKind": FollowUpKind,
    "ContactClass": ContactClass,
    "Benefit": Benefit,
    "SpecialKind": SpecialKind,
    "WarningLevel": WarningLevel,
    "form_fields": FORM_FIELDS,
    "extra_fields": EXTRA_FIELDS,
    "return_steps": return_steps,
    "said_villages": Bilingual("村（社区）", "Villages"),
    "said_grids": Bilingual("网格", "Grids"),
    "said_workers": Bilingual("探访人员", "Workers"),
}
