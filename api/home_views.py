"""What the API and the console show of a home: how it stands, why it rings, how well it is seen; no behaviour."""

from datetime import date
from enum import StrEnum

from pydantic import Field

from api.views import BilingualView, Ms, PersonBrief, View
from registry.homes import DeviceRole, SuspensionReason
from rules.home_mode import HomeMode


class Presence(StrEnum):
    """Whether somebody is in: three values everywhere, since not seen is not away."""

    HOME = "home"
    AWAY = "away"
    UNKNOWN = "unknown"


class SignOfLifeView(View):
    """The last proof of life that the rules accepted."""

    at_ms: Ms
    device_id: str
    grade: str = Field(description="A (strongest) to D, as rules/grading.py grades it")


class HomeView(View):
    """One home: who lives there, when it last showed life, whether we can see it at all."""

    home_id: str
    area: str
    person: PersonBrief | None = None
    mode: HomeMode | None = Field(default=None, description="null: nothing was ever heard of it")
    mode_since_ms: Ms | None = None
    mode_reason: SuspensionReason | None = Field(default=None, description="Of a suspension, as it was declared")
    mode_until_ms: Ms | None = Field(default=None, description="Of a declared mode; null: no end was named")
    learning_day: int | None = Field(default=None, description="1 to 14; null: learned, or judged by fixed limits")
    presence: Presence = Presence.UNKNOWN
    last_sign: SignOfLifeView | None = None
    is_blind: bool = Field(default=False, description="True: nothing can be said about this home, good or bad")
    blind_since_ms: Ms | None = None
    next_deadline_ms: Ms | None = Field(default=None, description="When a rule will next judge, if nothing happens")
    open_alert_id: str | None = None


class DeviceView(View):
    """One device, how long ago it spoke, and what holds against it."""

    device_id: str
    home_id: str
    role: DeviceRole
    room: str = ""
    last_heard_ms: Ms | None = None
    heartbeat_ms: int | None = Field(default=None, description="Longest silence that is normal; null: any silence is")
    learned_limit_ms: int | None = Field(default=None, description="Silence after which it is missed, by its own clock")
    battery_percent: float | None = None
    battery_days_left: int | None = Field(default=None, description="By the way it falls; null: it shows no slope")
    model: str = ""
    maker: str = ""
    firmware: str = ""
    is_silent: bool = False
    is_at_fault: bool = Field(default=False, description="True: stuck, mute, chattering or reached by a pet")
    is_battery_low: bool = False
    troubles: list[BilingualView] = Field(default=[], description="What the rules say of it, one sentence each")


class ReadingView(View):
    """One observation as it was journalled."""

    device_id: str
    metric: str
    value: bool | float | str
    observed_at_ms: Ms
    received_at_ms: Ms
    seq: int | None = None
    flags: list[str] = Field(default=[], description="replay, late, skewed, no_device_time, reread, undated")


class ExplanationView(View):
    """One minute of a home: what was so, on what it rested, what would have come next, and by which rules."""

    home_id: str
    at_ms: Ms
    is_now: bool = Field(description="False: told again from the journal, with today's registry and rules")
    mode: HomeMode | None = Field(default=None, description="null: nothing had been heard of it")
    mode_since_ms: Ms
    mode_reason: SuspensionReason | None = None
    state: list[BilingualView]
    signs: list[BilingualView] = Field(description="The last signs of life with their grade, newest last")
    silence: list[BilingualView] = Field(description="What the silence had used up, of what limit")
    open: list[BilingualView] = Field(description="Findings that held")
    waiting: list[BilingualView] = Field(description="What would have been found, and when, if nothing happened")
    rules_version: int = Field(description="Of the rulebook that judged; 0: what ships with the service")
    judged_by: BilingualView


class CoverageView(View):
    """How long a home was seen on one local day; `seen_min` includes `away_min`."""

    day: date
    seen_min: int | None = Field(description="null: nothing vouches that the home was seen or not")
    blind_min: int | None
    away_min: int


class LimitView(View):
    """One limit of a rule: what it is, what it would be by default, and which layer set it."""

    name: str
    value: str = Field(description="As people write it, e.g. 45 min")
    default: str
    layer: str = Field(description="default, all, area …, tier …, home …, preset …, registry")
    why: BilingualView


class SilenceLimitView(View):
    """How long this home may be silent."""

    is_personal: bool = Field(description="False: fixed limits by day and night")
    learning_day: int | None = Field(default=None, description="1 to 14; null: learned, or fixed limits")
    limit_half_hours: float | None = Field(
        default=None, description="Expected active half hours that may be missed; null: fixed limits"
    )
    budget_first_per_30d: float = Field(description="False calls to the resident that the operator allows in 30 days")
    floor_ms: int
    cap_ms: int
    second_after_ms: int
    from_ms: Ms | None = Field(default=None, description="The last sign of life; null: no silence is counted now")
    due_ms: Ms | None = Field(default=None, description="When the resident will be asked, if nothing happens")
    lasting_ms: list[int] = Field(description="How long a silence that begins at each half hour of today may last")


class HomeRulesView(View):
    """How one home is judged: what cannot be seen in it, its limits and where each comes from."""

    home_id: str
    rules_version: int
    judged_by: BilingualView
    preset: str = Field(default="", description="The preset that applies to it; empty: none was chosen")
    preset_title: BilingualView | None = None
    refusal: str = Field(default="", description="Why its own limits cannot be used; it keeps those it had")
    limits: list[LimitView] = Field(description="Those in force that differ from the default")
    blind_spots: list[BilingualView]
    silence: SilenceLimitView | None = Field(default=None, description="null: no rule has it yet")


class SpanView(View):
    """A stretch in which a sensor showed life, by its strongest grade."""

    from_ms: Ms
    until_ms: Ms
    grade: str


class StripView(View):
    """One sensor's day."""

    device_id: str
    role: DeviceRole
    room: str = ""
    spans: list[SpanView]


class ActiveDayView(View):
    """One local day: which of its half hours any sensor showed life in."""

    day: date
    from_ms: Ms
    half_hours: list[int] = Field(description="Counted from midnight, 0 to 47")
    is_recorded: bool = Field(default=True, description="False: nothing was received of the home up to this day")


class ActivityView(View):
    """One day of every sensor, and four weeks of the home, out of the readings; whether it counts the rules decide."""

    home_id: str
    day: date
    from_ms: Ms
    until_ms: Ms
    strips: list[StripView]
    days: list[ActiveDayView] = Field(description="Oldest first, the chosen day last")
