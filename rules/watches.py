"""The watches of every home, in the order in which they see a reading."""

from functools import cache

from core.events import Metric
from registry.homes import Device, DeviceRole
from rules.absence import AbsenceWatch
from rules.bathroom import BathroomWatch
from rules.burst import BurstWatch
from rules.came_in import CameInWatch
from rules.climate import ClimateWatch
from rules.deafness import DeafnessWatch
from rules.door import DoorWatch
from rules.emergency import EmergencyWatch, FallWatch
from rules.health import BatteryWatch, ChatterWatch, TamperWatch
from rules.leak import LeakWatch
from rules.low_activity import LowActivityWatch
from rules.mains import MainsWatch
from rules.meter_fault import MeterFaultWatch
from rules.morning import MorningWatch
from rules.mute import MuteWatch
from rules.night_out import NightOutWatch
from rules.night_toilet import NightToiletWatch
from rules.no_door import NoDoorWatch
from rules.reach import ReachWatch
from rules.register import RegisterWatch
from rules.removal import RemovalWatch
from rules.stove import StoveWatch
from rules.stuck import StuckWatch
from rules.suspension import SuspensionWatch
from rules.visitor import VisitorWatch
from rules.watch import Watch
from rules.water import WaterWatch
from rules.water_cycle import WaterCycleWatch
from rules.water_day import HighWaterWatch, LowWaterWatch

WATCHES: tuple[Watch, ...] = (
    EmergencyWatch(),
    FallWatch(),
    DoorWatch(),
    AbsenceWatch(),
    CameInWatch(),
    WaterCycleWatch(),  # before the register's: it reads the step that is not yet taken in
    RegisterWatch(),  # before every watch that counts litres
    WaterWatch(),
    BurstWatch(),
    LeakWatch(),
    HighWaterWatch(),
    LowWaterWatch(),
    MeterFaultWatch(),
    NoDoorWatch(),
    NightOutWatch(),
    BathroomWatch(),
    StoveWatch(),
    ClimateWatch(),
    LowActivityWatch(),
    NightToiletWatch(),
    MorningWatch(),
    MainsWatch(),
    StuckWatch(),
    BatteryWatch(),
    ChatterWatch(),
    TamperWatch(),
    MuteWatch(),
    ReachWatch(),
    VisitorWatch(),
    SuspensionWatch(),
    RemovalWatch(),
    DeafnessWatch(),
)
BY_NAME = {watch.name: watch for watch in WATCHES}

WAITING = tuple(watch for watch in WATCHES if type(watch).deadlines is not Watch.deadlines)
"""The watches that wait for anything at all."""

FOLLOWERS = frozenset(watch for watch in WATCHES if watch.follows_absences)
"""The watches that a reading which is no sign of life tells nothing, while nobody is away and they have noted it."""


def audience(device: Device, metric: Metric, *, is_sign: bool) -> tuple[Watch, ...]:
    """Return the watches that a reading is told to, in the order in which they see it."""
    return _audience(device.role, metric, is_sign=is_sign)


@cache  # roles times metrics
def _audience(role: DeviceRole, metric: Metric, *, is_sign: bool) -> tuple[Watch, ...]:
    return tuple(
        watch
        for watch in WATCHES
        if (is_sign and watch.hears_signs) or (metric in watch.metrics and (is_sign or not watch.needs_sign))
        if watch.roles is None or role in watch.roles
    )
