"""What is posted to the ledger: visits with their form, corrections, facts, follow-ups; each text has a limit."""

from datetime import date, datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from registry.people import Tier
from registry.standing_facts import VISITING, Absence, FactKind
from visits.annex2 import Condition, HouseholdChange, Illness, Need, Safety, VisitedSignature, VisitKind
from visits.eligibility import ApplicationState, Benefit
from visits.follow_ups import FollowUpKind, Step
from visits.model import Met
from visits.special import SpecialKind, WarningLevel

MAX_TEXT_CHARS = 1000
"""A box of annex 2 holds a few lines; twice that is still read on paper."""

MAX_IN_HOUSEHOLD = 50

Text = Annotated[str, Field(max_length=MAX_TEXT_CHARS)]
ShortText = Annotated[str, Field(max_length=100)]
Version = Annotated[int, Field(ge=1, description="The version you saw; a moved one is a conflict")]


class Given(BaseModel):
    """The root of everything that is posted: strict about unknown fields."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _without_empty_boxes(cls, given: object) -> object:
        """Leave out what a browser posts of a box that nobody filled."""
        if not isinstance(given, dict):
            return given
        filled: dict[str, object] = {str(name): value for name, value in given.items() if value != ""}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        return filled


class FormIn(Given):
    """Annex 2 as somebody fills it; what nobody assessed stays not_assessed (未评估)."""

    kind: VisitKind
    other_method: ShortText = ""
    household: HouseholdChange = HouseholdChange.NOT_ASSESSED
    household_count: int = Field(default=0, ge=0, le=MAX_IN_HOUSEHOLD)
    expression: Condition = Condition.NOT_ASSESSED
    movement: Condition = Condition.NOT_ASSESSED
    illness: Illness = Illness.NOT_ASSESSED
    illness_name: ShortText = ""
    mood: Condition = Condition.NOT_ASSESSED
    gas: Safety = Safety.NOT_ASSESSED
    water_heating: Safety = Safety.NOT_ASSESSED
    electricity: Safety = Safety.NOT_ASSESSED
    personal_hygiene: Condition = Condition.NOT_ASSESSED
    home_hygiene: Condition = Condition.NOT_ASSESSED
    indoors: Condition = Condition.NOT_ASSESSED
    needs: list[Need] = []
    needs_text: Text = ""
    advice: Text = ""
    visited_signature: VisitedSignature = VisitedSignature.MISSING
    visited_signature_note: ShortText = ""
    care_on: date | None = None
    care_text: Text = ""
    care_satisfaction: ShortText = ""
    reaction: Condition = Condition.NOT_ASSESSED
    family_duty: Condition = Condition.NOT_ASSESSED
    is_annex1_confirmed: bool = Field(default=False, description="Annex 1 was gone through with the person")


class EntryIn(FormIn):
    """One visit as it is written down."""

    person_id: Annotated[str, Field(max_length=100)]
    started_at: datetime = Field(description="When it began; without an offset in the township's own time")
    met: Met = Met.PERSON
    visitor: Annotated[str, Field(max_length=110, description="contact:<id>; empty: you")] = ""
    is_drill: bool = False
    trip_id: ShortText = ""
    proof: ShortText = ""
    note: Text = ""
    key: Annotated[str, Field(max_length=128, description="The same key twice is one record")] = ""


class FilledIn(FormIn):
    """An unsigned record's form, filled further."""

    version: Version
    note: Text = ""


class CorrectionIn(EntryIn):
    """A signed record as it should have been, and why."""

    version: Version
    reason: Annotated[str, Field(min_length=1, max_length=MAX_TEXT_CHARS)]


class SeenIn(Given):
    """The version that somebody saw."""

    version: Version


class MergeIn(SeenIn):
    """Into which record a double entry goes."""

    into: Annotated[str, Field(max_length=100)]
    reason: Annotated[str, Field(min_length=1, max_length=MAX_TEXT_CHARS)]


class FactIn(Given):
    """One dated fact of a person's standing."""

    kind: FactKind
    on: date
    until: date | None = None
    absence: Absence | None = None
    evidence: Text = ""
    purpose: ShortText = VISITING
    is_signed: bool = False
    was: Tier | None = None
    tier: Tier | None = None
    is_override: bool = False
    reason: Text = ""
    area: ShortText = ""
    voids: ShortText | None = None


class FollowUpIn(Given):
    """A matter that somebody opens by hand."""

    person_id: Annotated[str, Field(max_length=100)]
    kind: FollowUpKind
    what: Annotated[str, Field(min_length=1, max_length=MAX_TEXT_CHARS)]
    need: Need | None = None
    referred_to: ShortText = ""


class StepIn(SeenIn):
    """What somebody did about a follow-up; a closing says the outcome in `text`."""

    step: Step
    on: date
    text: Text = ""
    visit_id: (
        Annotated[str, Field(max_length=100, description="Of a welfare check: the record that settles it")] | None
    ) = None


class BenefitIn(Given):
    """A benefit that somebody may be entitled to."""

    person_id: Annotated[str, Field(max_length=100)]
    benefit: Benefit
    note: ShortText = ""


class BenefitStepIn(SeenIn):
    """How far the application has come."""

    state: ApplicationState
    on: date


class SpecialIn(Given):
    """A special period that somebody enters; the same id again changes it."""

    id: Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9_.:\-]+$")]
    kind: SpecialKind = SpecialKind.WEATHER
    from_date: date
    until_date: date
    area: ShortText = ""
    title: ShortText = ""
    level: WarningLevel | None = None
    is_withdrawn: bool = False
