"""What each watch remembers of a home: one small struct a watch, plain data, a field of HomeState."""

import msgspec

from rules.daily_counts import DailyCounts
from rules.longest import Longest
from rules.recurrence import Recurrence
from rules.water_register import WaterStep


class MainsState(msgspec.Struct, array_like=True, gc=False):
    """Since when the gateway has run on its battery."""

    out_ms: int | None = None


class DoorState(msgspec.Struct, array_like=True, gc=False):
    """Since when each outside door has stood open."""

    open_since_ms: dict[str, int] = {}


class EmergencyState(msgspec.Struct, array_like=True, gc=False):
    """Signals out of an old backlog that are told when nothing newer takes them back: "metric device" -> times."""

    waiting_ms: dict[str, tuple[int, int]] = {}  # since, when it is told
    told_ms: dict[str, int] = {}  # presses and falls that hold, and when they were told
    words: dict[str, tuple[int, bool]] = {}  # "device metric" -> when its newest word arrived; was it stamped by that?
    doubted_ms: dict[str, int] = {}  # alarms that an older word said were over, and when: the next one rings
    claimed_ms: dict[str, int] = {}  # falls that wait, of no retained message, and when they came: signs alone end them


class WaterState(msgspec.Struct, array_like=True, gc=False):
    """The run of water that goes on."""

    since_ms: int | None = None
    seen_ms: int | None = None  # when it was last seen to run
    heard_ms: int | None = None  # newest reading of the meter
    drawn_l: float = 0.0  # since the first reading of the run
    every_ms: int = 0  # how often the meter reports while it runs; 0: too seldom to follow a run
    flow_l_h: float = 0.0
    not_before_ms: int = 0


class RegisterState(msgspec.Struct, array_like=True, gc=False):
    """The last step of the water register, and what it showed before it stepped back."""

    step: WaterStep | None = None  # None: the last reading says nothing of what was used
    is_by_hand: bool = False  # the step rises above the home's base flow
    top_l: dict[str, float] = {}  # device -> litres


class MeterFaultState(msgspec.Struct, array_like=True, gc=False):
    """Since when the register stands, and in how many hours somebody was active since."""

    still_ms: int | None = None
    active_hour: int = 0
    active_hours: int = 0
    ready_ms: int | None = None
    stepped_ms: int | None = None


class LeakState(msgspec.Struct, array_like=True, gc=False):
    """The stretch in which the register has grown in every hour."""

    mark_ms: int | None = None  # the hour under way
    grown_l: float = 0.0
    since_ms: int | None = None
    proven_ms: int = 0  # of the stretch, in steps short enough to speak for each hour
    litres: float = 0.0
    ready_ms: int | None = None


class BurstState(msgspec.Struct, array_like=True, gc=False):
    """The last hour, the last five minutes, and the best hours of the best days of a month."""

    lumps: list[tuple[int, int, float]] = []  # from, to, litres of the last hour; 14 at most
    recent: list[tuple[int, int, float]] = []  # the same of the last five minutes
    since_ms: int | None = None
    ready_ms: int = 0
    limit_l: float = 0.0
    peak_l: float = 0.0
    first_ms: int | None = None
    tops: list[tuple[int, int]] = []  # day, litres of its best hour


class HighWaterState(msgspec.Struct, array_like=True, gc=False):
    """The litres of each of the last 24 hours."""

    hour: int | None = None  # of the last one, counted from the epoch
    hours: list[float] = []
    ready_ms: int | None = None


class LowWaterState(msgspec.Struct, array_like=True, gc=False):
    """Since when less than the least amount was drawn, and the draws that make it up."""

    from_ms: int | None = None
    draws: list[tuple[int, float]] = []  # when, litres
    ready_ms: int | None = None


class AbsenceState(msgspec.Struct, array_like=True, gc=False):
    """The absence that goes on, how long outings last, and who is home in the evening."""

    since_ms: int | None = None
    outings: Longest = msgspec.field(default_factory=Longest)
    evenings: Recurrence = msgspec.field(default_factory=Recurrence)  # days on which somebody was home then
    evening_ms: int | None = None  # the next one
    missed_ms: int | None = None  # the evening at which somebody who always is home was not


class NightOutState(msgspec.Struct, array_like=True, gc=False):
    """How often this person goes out at night."""

    nights: Recurrence = msgspec.field(default_factory=Recurrence)
    is_out_tonight: bool = False
    morning_ms: int | None = None  # the next one
    told_ms: int | None = None  # the exit that was told


class BathroomState(msgspec.Struct, array_like=True, gc=False):
    """Since when the last sign of life is one from the bathroom, and how long stays last."""

    since_ms: int | None = None
    entered_ms: int | None = None  # the first of the signs from there in a row
    first_ms: int | None = None
    stays: Longest = msgspec.field(default_factory=Longest)
    limit_ms: int = 0  # 0: not known yet
    told_ms: int | None = None  # the silence that was told
    first_out: dict[str, int] = {}  # device -> how often it was the first to show somebody who had been there


class StandbyState(msgspec.Struct, array_like=True, gc=False):
    """The least power of each hour of today, and the quiet level of the last days."""

    hour: int | None = None
    least_w: float = 0.0
    hours: list[int] = []
    days: list[int] = []


class StoveState(msgspec.Struct, array_like=True, gc=False):
    """Since when power runs, who was near, and on how many days it ran on like that."""

    plugs_ms: dict[str, int] = {}
    high_ms: int | None = None
    heater_ms: int | None = None
    told_high_ms: int | None = None
    told_heater_ms: int | None = None
    power_ms: int = 0
    kitchen_ms: int | None = None
    other_ms: int | None = None  # newest movement outside the bedroom
    not_before_ms: int = 0
    day: int | None = None
    had_high: bool = False
    had_heater: bool = False
    high_days: Recurrence = msgspec.field(default_factory=Recurrence)
    heater_days: Recurrence = msgspec.field(default_factory=Recurrence)


class ClimateState(msgspec.Struct, array_like=True, gc=False):
    """Since when each degree of cold and heat holds."""

    since_ms: dict[str, int] = {}
    told_ms: int | None = None  # newest reading of a thermometer
    not_before_ms: int = 0


class LowActivityState(msgspec.Struct, array_like=True, gc=False):
    """The day under way and the counts of the days before."""

    day_from_ms: int | None = None
    midnight_ms: int | None = None
    last_bin: int = 0
    bins: int = 0
    away_from_ms: int | None = None
    away_ms: int = 0
    days: DailyCounts = msgspec.field(default_factory=DailyCounts)


class NightToiletState(msgspec.Struct, array_like=True, gc=False):
    """The night under way and the counts of the nights before."""

    morning_ms: int | None = None
    is_started: bool = False
    last_ms: int | None = None
    visits: int = 0
    nights: DailyCounts = msgspec.field(default_factory=DailyCounts)


class WaterBaseState(msgspec.Struct, array_like=True, gc=False):
    """The hours being watched and the rate that was found in them."""

    mark_ms: int | None = None
    grown_l: float = 0.0
    hours: list[float] = []  # litres per hour of the last stretches of about an hour, newest last
    base_l_h: float = 0.0
    excess_l: float = 0.0  # above twice the base, at most EXCESS_KEPT_L


class CameInState(msgspec.Struct, array_like=True, gc=False):
    """The door's last movement while nobody was home, and the last one that nobody came in by."""

    door_ms: int | None = None
    told_ms: int | None = None
    door_only_ms: int | None = None
    not_before_ms: int = 0
    first_in: dict[str, int] = {}  # device -> how often it was the first to show somebody who came in


class ChatterState(msgspec.Struct, array_like=True, gc=False):
    """Toggles of each sensor in the minute under way, and until when a chattering one is not believed."""

    toggles: dict[str, tuple[int, int, int]] = {}  # since, how many, minutes of chatter before
    until_ms: dict[str, int] = {}


class Witness(msgspec.Struct, array_like=True, gc=False):
    """How often one sensor shows life while two others do, and for how many quarters of an hour it has not."""

    quarter: int = 0  # of its last event, counted from the epoch
    total: int = 0  # thousandths of quarters, with a half-life of 30 days
    active: int = 0
    missed: int = 0


class WitnessState(msgspec.Struct, array_like=True, gc=False):
    """Every sensor as a witness of the others, and the open doors that were judged."""

    quarter: int = 0
    first_ms: int | None = None
    devices: dict[str, Witness] = {}
    told_open_ms: dict[str, int] = {}


class ReachState(msgspec.Struct, array_like=True, gc=False):
    """What moves while nobody is home: of the absence under way, and of those that the door began and ended."""

    since_ms: int | None = None
    absence: dict[str, tuple[int, int]] = {}  # how many events, the last one
    events: dict[str, int] = {}
    away_ms: int = 0
    reached: list[str] = []  # sensors whose signs alone prove nobody


class SeenDay(msgspec.Struct, array_like=True, gc=False):
    """How much of one local day was seen, not seen, and seen while nobody was home."""

    ordinal: int
    seen_ms: int = 0
    blind_ms: int = 0
    away_ms: int = 0


class CoverageState(msgspec.Struct, array_like=True, gc=False):
    """What the stretch under way is, since when, and the days so far."""

    kind: int = 0
    from_ms: int | None = None
    days: list[SeenDay] = []


class ElectricityState(msgspec.Struct, array_like=True, gc=False):
    """The whole home's meter: the power under way, a week of it as sketches, and the slots in which it rises."""

    device_id: str = ""
    last_w: float | None = None
    is_timer: bool = False  # the last rise came as a timer's does
    alone_ms: int | None = None  # since when nothing but rises of power has spoken for the person
    quarter: int = 0  # of an hour under way, counted from the epoch
    sum_w: float = 0.0
    count: int = 0
    mean_w: float | None = None  # of the last quarter that ended
    day: int | None = None
    today: bytes = b""  # counts per bin of power
    tonight: bytes = b""
    days: list[bytes] = []
    nights: list[bytes] = []
    threshold_w: float | None = None
    slots: dict[str, int] = {}  # slot of the day -> a bit a day, today lowest
    slot_day: int | None = None
    slot_days: int = 0


class VisitorState(msgspec.Struct, array_like=True, gc=False):
    """More than one person has moved, since when, and until when that is taken to hold."""

    since_ms: int | None = None
    until_ms: int = 0
    hour: int | None = None  # under way, counted from the epoch
    changes: int = 0  # of room in it
    room: str = ""
    hours: int = 0  # with movement, so far
    usual: float = 1.0  # changes in the liveliest hour in twenty
