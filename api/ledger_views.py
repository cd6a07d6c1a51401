"""What the ledger's API and pages show: records with their form, the due board, follow-ups, periods, returns."""

from datetime import date

from pydantic import Field

from api.ledger_forms import FormIn
from api.views import BilingualView, CreditView, Ms, PersonBrief, View
from registry.people import Tier
from registry.standing import Status
from registry.standing_facts import FactKind
from visits.annex2 import Need, VisitKind
from visits.due_board import Risk
from visits.due_windows import WindowState
from visits.eligibility import ApplicationState, Benefit
from visits.follow_ups import FollowUpKind, FollowUpState, Step
from visits.model import ContactClass, Met, Obligation
from visits.rate import Missing
from visits.returns import ReturnState
from visits.special import SpecialKind, WarningLevel


class LineView(View):
    """One line of the form."""

    section: BilingualView
    label: BilingualView
    value: str


class EvidenceLineView(View):
    """One fact attached to a record."""

    at_ms: Ms
    text: BilingualView


class VersionView(View):
    """One version of a record: who made it, when, why, and the form as it stood."""

    version: int
    changed_by: str
    changed_at_ms: Ms | None
    change_reason: str
    lines: list[LineView]


class RecordView(View):
    """One record of the ledger with its form, evidence and history."""

    visit_id: str
    person: PersonBrief
    area: str
    number: int = Field(description="第_次; 0: not signed yet, or of a class that never counts")
    kind: VisitKind | None
    met: Met
    contact_class: ContactClass
    class_words: BilingualView = Field(description="What the class says of this record")
    started_at_ms: Ms
    local_date: date
    entered_on: date | None
    is_late: bool = Field(description="补录: entered more than 7 days after the visit")
    is_draft: bool
    is_drill: bool
    visitor: str
    signed_by: str
    signed_at_ms: Ms | None
    sign_until_ms: Ms | None = Field(description="Of an alert's record: 72 h after the contact")
    approved_by: str
    merged_into: str | None
    alert_id: str | None
    trip_id: str
    proof: str
    note: str
    version: int
    policy_version: str
    credits: list[CreditView]
    problems: list[BilingualView] = Field(description="What is missing before it can be signed")
    form: FormIn | None
    lines: list[LineView]
    evidence: list[EvidenceLineView]
    versions: list[VersionView]
    housemates: list[PersonBrief] = Field(description="Who was seen on the same trip, perhaps: a record each")


class FoundPersonView(View):
    """Somebody whom a search found."""

    person: PersonBrief
    home_id: str
    area: str
    area_name: str


class BoardWindowView(View):
    """One window on the board."""

    obligation: Obligation
    from_date: date
    until_date: date
    state: WindowState
    done: int
    owed: int
    why: BilingualView


class BoardRowView(View):
    """One person on the due board."""

    person: PersonBrief
    home_id: str
    area: str
    worker: str
    status: Status
    risk: Risk
    days_left: int | None
    home_visits_owed: int = Field(description="上门仍欠: shown in red whatever the sensors say")
    sentence: BilingualView
    warning: BilingualView | None
    suggestion: BilingualView | None
    windows: list[BoardWindowView]
    specials: list[BoardWindowView]
    annex1_due_on: date | None
    is_annex1_overdue: bool


class TallyView(View):
    """A village, grid or worker in figures."""

    name: str
    people: int
    by_risk: dict[Risk, int]
    home_visits_owed: int


class MissingView(View):
    """Somebody who had no contact in the month, and why."""

    person: PersonBrief
    area: str
    why: Missing


class RateView(View):
    """月探访率 with everybody who is missing."""

    contacted: int
    active: int
    share: float | None  # None: nobody is in the rate
    missing: list[MissingView]


class BoardView(View):
    """The due board of an area, or of one worker: who is due, overdue, at risk, and the worker's route."""

    month: date
    area: str
    worker: str
    is_closed: bool = Field(description="True: read as the month was closed, not judged again")
    policy_version: str
    rows: list[BoardRowView]
    villages: list[TallyView]
    grids: list[TallyView]
    workers: list[TallyView]
    route: list[list[BoardRowView]]
    rate: RateView
    unsigned: int


class FollowUpStepView(View):
    """One step in the life of a follow-up."""

    step: Step
    on: date
    by: str
    text: str


class FollowUpView(View):
    """One matter until it is closed."""

    follow_up_id: str
    person: PersonBrief
    area: str
    kind: FollowUpKind
    what: str
    source: str
    opened_on: date
    due_on: date
    is_overdue: bool
    state: FollowUpState
    need: Need | None
    referred_to: str
    outcome: str
    closed_on: date | None
    steps: list[FollowUpStepView]
    next_steps: list[Step]
    version: int


class BenefitView(View):
    """One benefit somebody may be entitled to."""

    eligibility_id: str
    person: PersonBrief
    area: str
    benefit: Benefit
    state: ApplicationState
    found_on: date
    told_on: date | None
    note: str
    next_states: list[ApplicationState]
    version: int


class FactView(View):
    """One dated fact."""

    fact_id: str
    kind: FactKind
    on: date
    until: date | None
    words: BilingualView
    evidence: str
    reason: str
    is_voided: bool
    recorded_by: str
    recorded_at_ms: Ms


class StandingView(View):
    """How a person stands, by which facts."""

    person: PersonBrief
    area: str
    status: Status
    tier: Tier
    tier_reason: BilingualView
    re_ask_on: date | None
    facts: list[FactView]


class SpecialView(View):
    """A special period."""

    period_id: str
    kind: SpecialKind
    from_date: date
    until_date: date
    area: str
    words: BilingualView
    level: WarningLevel | None
    is_open: bool
    is_withdrawn: bool
    source: str


class ReturnLogView(View):
    """One step of a return."""

    step: str
    at_ms: Ms
    by: str
    text: str


class ReturnView(View):
    """One village's monthly return; a village without one yet has no id."""

    return_id: str | None
    month: date
    area: str
    state: ReturnState | None
    is_red: bool
    next_step: BilingualView
    records: int
    receipt: str
    digest: str
    log: list[ReturnLogView]
    version: int
