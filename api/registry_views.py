"""What the pages and the API show of the register: personal fields masked by their type, reasons in words."""

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field

from api.masking import MaskedName, MaskedPhone
from api.views import BilingualView, Ms, PersonBrief, View
from registry.consent import ConsentState, LegalCapacity, Purpose
from registry.entries import Relation
from registry.gathering import Fate, Source
from registry.people import Category, Tier
from registry.refresh import ChildChannel, DueStage

HIDDEN = "•••"

VISIBLE_ID_DIGITS = 4
"""Enough to tell two cards of one village apart (policy B5)."""


def hidden(text: str) -> str:
    """Return dots for whatever is there, nothing for nothing."""
    return HIDDEN if text else ""


def masked_id_number(number: str) -> str:
    """Return the last four characters behind dots; masking again changes nothing."""
    bare = number.removeprefix(HIDDEN)
    shown = bare[-VISIBLE_ID_DIGITS:] if len(bare) > VISIBLE_ID_DIGITS or bare != number else ""
    return HIDDEN + shown if number else ""


HiddenText = Annotated[str, AfterValidator(hidden)]


class ServiceState(StrEnum):
    """How an entry stands."""

    WAITING = "waiting"
    ACTIVE = "active"
    ENDED = "ended"


class EntryRowView(View):
    """One line of the register's list."""

    person: PersonBrief
    area: str
    area_name: str = Field(description="Town, village and grid as people write them")
    categories: list[Category]
    state: ServiceState
    version: int = Field(description="0: registered, no annex 1 filed")
    stage: DueStage
    next_review: date | None
    obstacles: list[BilingualView] = Field(default=[], description="What keeps the entry from being activated")
    needs_help: bool = Field(default=False, description="Incapacitated, and no help measure is recorded (R7)")
    child_silent: bool = Field(default=False, description="A child elsewhere, not in touch for 30 days (R11)")
    verified_on: date | None = None
    household: str = Field(default="", description="The home's id: who lives at one door has one")
    sought: str = Field(default="", description="How looking for them ended, as the newest list that named them has it")
    is_wanted: bool = Field(default=False, description="A list named them, and nobody has said yet how that ended")


class AnswerView(View):
    """One cell of annex 1; what is personal shows that it is filled in, and no more."""

    section: int
    name: str
    label: BilingualView
    text: BilingualView
    is_personal: bool


class FirstContactView(View):
    """The first visit contact, masked."""

    name: MaskedName
    phone: MaskedPhone
    relation: Relation
    same_residence: bool
    town_by: str
    village_by: str
    appointed_on: date | None


class ChildView(View):
    """A son or daughter, masked."""

    name: MaskedName
    phone: MaskedPhone
    same_residence: bool


class GuardianView(View):
    """Who decides for the person, masked."""

    name: MaskedName
    phone: MaskedPhone
    relation: str
    since: date | None


class ConsentView(View):
    """One answer."""

    purpose: Purpose
    state: ConsentState
    on: date
    by_guardian: bool
    evidence: HiddenText
    recorded_by: str


class OverrideView(View):
    """A tier that a person set: who, when; why stands in the tier's reason."""

    tier: Tier
    by: str
    at_ms: Ms


class ChildContactView(View):
    """One time that a child was in touch."""

    on: date
    channel: ChildChannel
    note: HiddenText
    recorded_by: str


class EntryView(EntryRowView):
    """One entry, masked: annex 1 in its order and what the plan asks around it."""

    tier_reason: BilingualView
    answers: list[AnswerView]
    first_contact: FirstContactView | None
    children: list[ChildView]
    legal_capacity: LegalCapacity
    guardian: GuardianView | None
    consents: list[ConsentView]
    consent_now: dict[Purpose, ConsentState]
    override: OverrideView | None
    verified_by: str
    child_contacts: list[ChildContactView]
    open_conflicts: int = 0


class ChangeView(View):
    """One field between two versions; what a personal field held is not shown."""

    name: str
    label: BilingualView
    old: BilingualView
    new: BilingualView
    is_personal: bool


class VersionView(View):
    """One version: who, when, why, and what it changed."""

    version: int
    at_ms: Ms
    actor: str
    action: str
    why: str
    marks: list[str]
    changes: list[ChangeView]


class SnapshotView(View):
    """The ledger as it stood at a half-year's end, and whether what was kept is still whole."""

    day: date
    taken_at_ms: Ms
    people: int
    sha256: str
    is_whole: bool


class AuditView(View):
    """One row of the chain."""

    number: int
    at_ms: Ms
    actor: str
    action: str
    subject: str
    marks: list[str]
    detail: str


class VerdictView(View):
    """How far the chain holds."""

    rows: int
    head: str
    broken_at: int | None = None
    why: str = ""


class FateView(View):
    """One row of a gathered list, masked."""

    row: int
    fate: Fate
    name: MaskedName
    id_number: Annotated[str, AfterValidator(masked_id_number)]
    person_id: str
    fills: list[str] = Field(default=[], description="Fields that it adds")
    differs: list[str] = Field(default=[], description="Fields that it says otherwise")
    problems: list[BilingualView] = Field(default=[], description="Why it is not taken")


class GatheringView(View):
    """One list that was taken in."""

    gathering_id: str
    source: Source
    at_ms: Ms
    actor: str
    counts: dict[Fate, int]
    mapping: dict[str, str] = Field(description="Headers of the file and the fields they fill")


class PlanView(View):
    """What a list does, or would do: the fate of each row."""

    gathering_id: str = Field(default="", description="Empty: a dry run, nothing was changed")
    source: Source
    counts: dict[Fate, int]
    mapping: dict[str, str]
    unknown: list[str] = Field(default=[], description="Headers that fill no field")
    remarks: list[str] = Field(default=[], description="How the file was read")
    rows: list[FateView]


class ConflictView(View):
    """A field that the register and a list say otherwise; what they say is not shown here."""

    conflict_id: str
    person_id: str
    field: str
    label: BilingualView
    source: Source
    row: int
