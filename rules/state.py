"""What the partition remembers of one home; plain data, so that a snapshot is one encode."""

import msgspec

from core.events import Value
from core.ids import DeviceId
from rules.battery_trend import BatteryTrend
from rules.deafness_state import DeafState
from rules.findings import Finding
from rules.habits.memory import Memory
from rules.heartbeats import Beat
from rules.morning_state import MorningState
from rules.no_door_state import NoDoorState
from rules.removal_state import RemovalState
from rules.stuck_state import StuckState
from rules.suspension_state import SuspensionState
from rules.used_up import NOTHING_USED, UsedUp
from rules.watch_states import (
    AbsenceState,
    BathroomState,
    BurstState,
    CameInState,
    ChatterState,
    ClimateState,
    CoverageState,
    DoorState,
    ElectricityState,
    EmergencyState,
    HighWaterState,
    LeakState,
    LowActivityState,
    LowWaterState,
    MainsState,
    MeterFaultState,
    NightOutState,
    NightToiletState,
    ReachState,
    RegisterState,
    StandbyState,
    StoveState,
    VisitorState,
    WaterBaseState,
    WaterState,
    WitnessState,
)
from rules.water_cycle_state import WaterCycleState

SURE = 1.0
COUNTS = 0.7
"""The least certainty with which a sign resets the inactivity clock."""

DOUBTFUL = 0.2
"""A sensor that a pet or the sun reaches: alone its signs prove nobody."""


class Sign(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One sign of life."""

    at_ms: int
    device_id: DeviceId
    metric: str
    grade: str
    certainty: float = SURE  # that a person caused it


class Open(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A finding that holds, and the sign it still needs before its alert may be withdrawn."""

    finding: Finding
    is_weakly_cleared: bool = False


class HomeState(msgspec.Struct, array_like=True, gc=False):
    """Everything a home's rules know; times are UTC ms on the log's clock or event time, as named."""

    started_ms: int
    values: dict[str, Value] = {}  # "device metric" -> last value by event time
    value_ms: dict[str, int] = {}  # its event time
    late_values: dict[str, Value] = {}  # last value of a backlog that arrives behind a newer one
    heard_ms: dict[str, int] = {}  # device -> log time it was last heard
    offline_ms: dict[str, int] = {}  # device -> log time at which its last will or its bridge said that it is gone
    signs: list[Sign] = []  # newest last, at most SIGNS_KEPT
    last_dry_sign_ms: int | None = None  # newest sign that is neither water nor power that a machine may switch
    # inactivity: what the silence used up before clock_from_ms, frozen while blind
    clock_from_ms: int | None = None
    used: UsedUp = NOTHING_USED
    habits: Memory = msgspec.field(default_factory=Memory)
    lesson_due_ms: int | None = None  # when yesterday will be learned; None until the first sign
    is_blind: bool = False
    dark_from_ms: int | None = None  # the last blind stretch, so that a late sign does not count it as silence
    last_word_ms: int | None = None  # when it was really last seen before that stretch
    seen_again_ms: int | None = None
    quiet_from_ms: int | None = None  # the same silence for limits of minutes: moments in the dark are left out
    blind_used: float = 0.0  # share of the blind limit that dark stretches had used when the home was seen again
    # presence
    is_away: bool = False
    away_since_ms: int | None = None
    exit_ms: int | None = None  # a possible exit that nothing inside has contradicted yet
    reentry_ms: int | None = None  # the door moved anew before an exit was proven: perhaps somebody came back in
    pulses_ms: list[int] = []  # of the motion stand-in, since the last sign inside
    inside_ms: int | None = None  # newest sign inside
    door_ms: int | None = None  # newest edge or pulse of a way out
    return_door_ms: int | None = None  # last door edge while away
    return_signs: list[Sign] = []  # recent signs while away
    lone_signs: list[Sign] = []  # signs while away that came apart
    home_since_ms: int | None = None  # when the last absence ended
    was_return_by_door: bool = False  # it ended as absences do: the door, then a sign inside
    came_in: CameInState = msgspec.field(default_factory=CameInState)
    chatter: ChatterState = msgspec.field(default_factory=ChatterState)
    witnesses: WitnessState = msgspec.field(default_factory=WitnessState)
    reach: ReachState = msgspec.field(default_factory=ReachState)
    coverage: CoverageState = msgspec.field(default_factory=CoverageState)
    electricity: ElectricityState = msgspec.field(default_factory=ElectricityState)
    visitor: VisitorState = msgspec.field(default_factory=VisitorState)
    removal: RemovalState = msgspec.field(default_factory=RemovalState)
    suspension: SuspensionState = msgspec.field(default_factory=SuspensionState)
    watched_from_ms: int | None = None  # when the last suspension or test ended: no rule counts what was before
    # hazards
    mains: MainsState = msgspec.field(default_factory=MainsState)
    stuck: StuckState = msgspec.field(default_factory=StuckState)
    register: RegisterState = msgspec.field(default_factory=RegisterState)
    water_base: WaterBaseState = msgspec.field(default_factory=WaterBaseState)
    water_cycle: WaterCycleState = msgspec.field(default_factory=WaterCycleState)
    water: WaterState = msgspec.field(default_factory=WaterState)
    meter_fault: MeterFaultState = msgspec.field(default_factory=MeterFaultState)
    leak: LeakState = msgspec.field(default_factory=LeakState)
    burst: BurstState = msgspec.field(default_factory=BurstState)
    high_water: HighWaterState = msgspec.field(default_factory=HighWaterState)
    low_water: LowWaterState = msgspec.field(default_factory=LowWaterState)
    door: DoorState = msgspec.field(default_factory=DoorState)
    emergency: EmergencyState = msgspec.field(default_factory=EmergencyState)
    absence: AbsenceState = msgspec.field(default_factory=AbsenceState)
    no_door: NoDoorState = msgspec.field(default_factory=NoDoorState)
    night_out: NightOutState = msgspec.field(default_factory=NightOutState)
    bathroom: BathroomState = msgspec.field(default_factory=BathroomState)
    standby: StandbyState = msgspec.field(default_factory=StandbyState)
    stove: StoveState = msgspec.field(default_factory=StoveState)
    climate: ClimateState = msgspec.field(default_factory=ClimateState)
    low_activity: LowActivityState = msgspec.field(default_factory=LowActivityState)
    morning: MorningState = msgspec.field(default_factory=MorningState)
    night_toilet: NightToiletState = msgspec.field(default_factory=NightToiletState)
    open: dict[str, Open] = {}  # "kind detail" -> the finding that holds
    back_ms: dict[str, int] = {}  # device -> log time at which its last fault was over
    fewer_until_ms: int | None = None  # a sensor that the habits were learned with was taken away: relearned until then
    # devices
    beats: dict[str, Beat] = {}  # device -> how often it speaks by itself
    batteries: dict[str, BatteryTrend] = {}  # device -> how its battery has fallen
    deaf: DeafState = msgspec.field(default_factory=DeafState)  # when the service itself heard nothing
    # what a home that is seen again is given, from then on, to show who came in
    settle_ms: int = 0
    settle_given_ms: int = 0  # in all, within the seen time below
    settle_seen_ms: int = 0
