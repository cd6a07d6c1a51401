"""What the pages and the API show of the register: personal fields masked by their type, reasons in words."""

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field

from api.masking import MaskedName, MaskedPhone
from api.views import BilingualView, Ms, PersonBrief, View
from registry.consent import ConsentState, LegalCapacity, Purpose
from registry.entries import Relation
from registry.people import Category, Tier
from registry.refresh import ChildChannel, DueStage

HIDDEN = "•••"
VISIBLE_ID_DIGITS = 4
"""Enough to tell two cards of one village apart (policy B5)."""


def hidden(text: str) -> str:
    """Return dots for whatever is there, nothing for nothing."""
    return HIDDEN if text else ""


def masked_id_number(number: str) -> str:
    """Return the last four characters behind dots."""
    return HIDDEN + number[-VISIBLE_ID_DIGITS:] if len(number) > VISIBLE_ID_DIGITS else hidden(number)


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
