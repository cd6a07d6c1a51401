"""Benefits somebody may be entitled to (R27): told of them, helped with the application, and what became of it."""

from datetime import date
from enum import StrEnum

import msgspec

from core.errors import ConflictError
from core.ids import PersonId, derived_id
from core.text import Bilingual


class Benefit(StrEnum):
    """Policies that the plan's people most often qualify for; `other` names its own."""

    EXTREME_POVERTY = "extreme_poverty"  # 特困供养
    SUBSISTENCE = "subsistence"  # 低保
    DISABILITY = "disability"  # 残疾人两项补贴
    ELDERLY_ALLOWANCE = "elderly_allowance"  # 高龄津贴
    CARE_ALLOWANCE = "care_allowance"  # 失能护理补贴
    TEMPORARY_RELIEF = "temporary_relief"  # 临时救助
    OTHER = "other"


BENEFIT_WORDS = {
    Benefit.EXTREME_POVERTY: Bilingual("特困供养", "support for the destitute"),
    Benefit.SUBSISTENCE: Bilingual("低保", "subsistence allowance"),
    Benefit.DISABILITY: Bilingual("残疾人两项补贴", "disability allowances"),
    Benefit.ELDERLY_ALLOWANCE: Bilingual("高龄津贴", "allowance for the very old"),
    Benefit.CARE_ALLOWANCE: Bilingual("失能护理补贴", "care allowance"),
    Benefit.TEMPORARY_RELIEF: Bilingual("临时救助", "temporary relief"),
    Benefit.OTHER: Bilingual("其他政策", "another policy"),
}


class ApplicationState(StrEnum):
    """How far it has come."""

    FOUND = "found"  # may be entitled, has not been told
    TOLD = "told"
    APPLIED = "applied"
    GRANTED = "granted"
    REFUSED = "refused"
    NOT_WANTED = "not_wanted"


MOVES = {
    ApplicationState.FOUND: {ApplicationState.TOLD},
    ApplicationState.TOLD: {ApplicationState.APPLIED, ApplicationState.NOT_WANTED},
    ApplicationState.APPLIED: {ApplicationState.GRANTED, ApplicationState.REFUSED},
    ApplicationState.REFUSED: {ApplicationState.APPLIED},
    ApplicationState.NOT_WANTED: {ApplicationState.APPLIED},
    ApplicationState.GRANTED: set[ApplicationState](),
}

STILL_OPEN = frozenset({ApplicationState.FOUND, ApplicationState.TOLD, ApplicationState.APPLIED})


class Eligibility(msgspec.Struct, frozen=True, kw_only=True):
    """One benefit of one person; `told_on` is when they were told (告知其依法申请). `note` is personal."""

    id: str
    person_id: PersonId
    area: str
    benefit: Benefit
    found_on: date
    state: ApplicationState = ApplicationState.FOUND
    told_on: date | None = None
    changed_on: date | None = None
    by: str = ""
    note: str = ""
    version: int = 1


def found(person_id: PersonId, benefit: Benefit, *, on: date, area: str, by: str, note: str = "") -> Eligibility:
    """Return that somebody may be entitled; one row a person and benefit."""
    name = derived_id("eligibility", person_id, benefit, note if benefit is Benefit.OTHER else "")
    return Eligibility(id=name, person_id=person_id, area=area, benefit=benefit, found_on=on, by=by, note=note)


def moved(eligibility: Eligibility, state: ApplicationState, *, on: date, by: str) -> Eligibility:
    """Return it one step further; raises ConflictError for a step that skips telling the person, or goes back."""
    if state not in MOVES[eligibility.state]:
        raise ConflictError(f"{eligibility.state} 之后不能是 {state} / {state} does not follow {eligibility.state}")
    told_on = on if state is ApplicationState.TOLD else eligibility.told_on
    return msgspec.structs.replace(
        eligibility, state=state, told_on=told_on, changed_on=on, by=by, version=eligibility.version + 1
    )
