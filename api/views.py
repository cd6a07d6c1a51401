"""What the API and the console show: views with personal fields masked by their type; no behaviour, no raw record."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from alerts.model import AlertState, AttemptState, CallPurpose, Outcome
from alerts.suppression import SuppressionKind
from api.masking import MaskedName, MaskedPhone
from core.log import ParkReason
from registry.homes import ContactRole
from registry.people import Capacity, Category, Tier
from rules.findings import FindingKind
from visits.model import ContactClass, Obligation

Ms = Annotated[int, Field(description="UTC epoch milliseconds")]


class View(BaseModel):
    """The root of all views: frozen, and strict about unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class BilingualView(View):
    """One sentence in Chinese and in English."""

    zh: str
    en: str


class PersonBrief(View):
    """The least that tells one person from another on the board."""

    person_id: str
    name: MaskedName = Field(default="", description="Masked: family name and a star")
    tier: Tier = Tier.GENERAL


class PersonView(View):
    """One watched-over person; name and phone are masked, ID number, address and illness are never shown here."""

    person_id: str
    home_id: str
    area: str = Field(description="town/village/grid")
    name: MaskedName = ""
    phone: MaskedPhone = ""
    categories: list[Category] = []
    capacity: Capacity | None = None  # nobody has assessed it
    tier: Tier = Tier.GENERAL
    tier_reason: BilingualView
    is_active: bool = True


class EvidenceView(View):
    """One fact a finding rests on."""

    at_ms: Ms
    device_id: str | None = None
    grade: str
    text: BilingualView


class AttemptView(View):
    """One try to reach one person: who (masked), how, what they pressed, when."""

    attempt_id: str
    role: ContactRole | Literal["resident"] = "resident"
    relation: str = ""
    name: MaskedName = ""
    phone: MaskedPhone = ""
    channel: str = ""
    purpose: CallPurpose | None = Field(default=None, description="null: a message, which asks nothing")
    state: AttemptState | Literal["shown"] = Field(
        description="`shown`: on the duty board only, sent to nobody; a clerk is to ring by hand"
    )
    digits: str = ""
    created_at_ms: Ms
    submitted_at_ms: Ms | None = None
    answered_at_ms: Ms | None = None
    ended_at_ms: Ms | None = None
    detail: str = Field(default="", description="The provider's code and words, never a number")


class SuppressionView(View):
    """Why somebody was not told, until when, and what would end it."""

    kind: SuppressionKind
    by: str = Field(
        description="What stands behind it: silence:<id>, incident:<finding id>, answer:<alert id>, a contact, ladder"
    )
    reason: BilingualView
    until_ms: Ms | None = Field(default=None, description="null: nobody knows; ends_with says what it takes")
    ends_with: BilingualView


class HoldView(View):
    """A finding of an alert that nobody is told of for now; its reason stands in the story."""

    finding: FindingKind
    kind: SuppressionKind
    by: str
    until_ms: Ms | None = None
    incident_alert_id: str | None = Field(default=None, description="The village's alert that explains it")


class TraceView(View):
    """One line of an alert's story."""

    at_ms: Ms
    what: str = Field(description="A stable code, e.g. opened, call_placed, key_pressed, closed")
    who: str
    text: BilingualView
    attempt_id: str | None = None
    suppression: SuppressionView | None = Field(default=None, description="Of a line that says who was not told, why")


class CreditView(View):
    """Whether a contact counts for an obligation, and the clause that says so."""

    obligation: Obligation
    counts: bool
    clause: str
    why: BilingualView


class VisitView(View):
    """One row of the ledger, with what it counts for and why."""

    visit_id: str
    person: PersonBrief
    contact_class: ContactClass
    class_words: BilingualView | None = Field(default=None, description="What the class says of this record")
    started_at_ms: Ms
    local_date: date
    visitor: str = Field(default="", description="Account or contact id, never a name")
    alert_id: str | None = None
    needs_review: bool = Field(default=False, description="True: it counts only once duty staff sign it")
    review_until_ms: Ms | None = None
    reviewed_by: str = ""
    reviewed_at_ms: Ms | None = None
    credits: list[CreditView] = []
    policy_version: str = ""
    note: str = ""
    version: int = 1


class AlertView(View):
    """One alert as the board lists it."""

    alert_id: str
    home_id: str
    person: PersonBrief | None = None
    state: AlertState
    priority: Literal["P0", "P1", "P2", "P3"]
    kinds: list[FindingKind]
    sentence: BilingualView
    opened_at_ms: Ms
    since_ms: Ms = Field(description="When what it is about began")
    deadline_ms: Ms | None = Field(default=None, description="When the next step is due, or an owner's report")
    holds: list[HoldView] = []
    still_holds: list[BilingualView] = Field(
        default=[], description="What nothing has taken back: now, or when it was closed; closing is a human's decision"
    )
    owner: str = ""
    outcome: Outcome | None = None
    outcome_note: str = ""
    closed_by: str = ""
    closed_at_ms: Ms | None = None
    version: int = Field(description="Send it back with an action; a moved version is a conflict")


class AlertDetail(AlertView):
    """One alert with its evidence, every attempt, its story, and what went into the ledger."""

    evidence: list[EvidenceView] = []
    attempts: list[AttemptView] = []
    trace: list[TraceView] = []
    visit: VisitView | None = None


class DueStatus(StrEnum):
    """How one window of one obligation stands."""

    SATISFIED = "satisfied"
    OPEN = "open"
    OVERDUE = "overdue"
    NOT_REQUIRED = "not_required"


class DueView(View):
    """What one person is owed in one window; monitoring never lowers a key person's owed home visits."""

    person: PersonBrief
    area: str
    obligation: Obligation
    window_from: date
    window_until: date = Field(description="The window's last day")
    status: DueStatus
    owed: int = Field(ge=0, description="Visits or contacts still owed in this window")
    visit_id: str | None = Field(default=None, description="The visit that satisfied it")
    why: BilingualView


class ParkedView(View):
    """A message that could not be read, with its reason."""

    parked_id: int
    received_at_ms: Ms
    topic: str
    reason: ParkReason
    detail: str
    payload_bytes: int
    payload_excerpt: str = ""


class HealthView(View):
    """How the service itself is doing."""

    now_ms: Ms
    log_time_ms: Ms | None = None
    is_live_calls: bool = Field(default=False, description="False: calls go to the console or a loopback stand-in only")
    homes: int = 0
    blind_homes: int = 0
    open_alerts: int = 0
    pending_attempts: int = 0
    journal_entries: int = 0
    rules_lag_entries: int = 0
    parked_messages: int = 0
    oldest_overdue_timer_ms: int = Field(default=0, description="How late the latest timer is, milliseconds")
    rules_version: int = Field(default=0, description="Of the rulebook in force; 0: the rules that ship")
    ladders_version: int = Field(default=0, description="Of the town's ladders in force; 0: those that ship")
    homes_limits_refused: int = Field(default=0, description="Homes whose own limits cannot be used")
    canary_ring_ms: int | None = Field(default=None, description="Of the last daily test alarm, from alarm to ring")
    problems: list[str] = []
    notices: list[str] = Field(default=[], description="What somebody must mend while the work goes on")


class RevealedContact(View):
    """One number, unmasked, for a clerk who gave a reason; every look is recorded."""

    role: ContactRole | Literal["resident"] = "resident"
    relation: str = ""
    name: str = ""
    phone: str = ""


class RevealedView(View):
    """The address and numbers behind an alert, unmasked, for a clerk who gave a reason."""

    alert_id: str
    address: str = ""
    contacts: list[RevealedContact] = []
