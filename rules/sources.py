"""What all readings of one device and metric of a home have in common: found once, looked up by each; no state."""

from collections.abc import Sequence

import msgspec

from core.events import ALARM_METRICS, LIVENESS_METRICS, Metric
from core.ids import DeviceId
from registry.homes import Device, DeviceRole, Home
from rules.device_silence import heard_by
from rules.grading import GRADED
from rules.heartbeats import UNPROMPTED
from rules.state import HomeState
from rules.watch import Watch
from rules.watches import FOLLOWERS, audience
from rules.water_register import WATER_METRICS

_MAY_SAY_GONE = LIVENESS_METRICS | {Metric.REMOVED}


class Source(msgspec.Struct, frozen=True):
    """One device's metric: under which key it is kept, what hears it, and what its word proves alive."""

    device: Device
    key: str  # of its value in the home's state
    heard: tuple[tuple[DeviceId, str], ...]  # devices that it proves alive, and the key under which each was removed
    is_seeing: bool  # the device is one of those whose silence says something of the person
    is_of_home: bool  # it is the meter of the whole home
    is_water: bool
    is_graded: bool  # it may prove life
    is_unprompted: bool  # the device tells it by itself
    may_say_gone: bool
    is_alarm: bool
    watches: tuple[Watch, ...]  # that hear a reading that is no sign of life
    settled: tuple[Watch, ...]  # the same without those that follow absences: there is none to follow
    of_sign: tuple[Watch, ...]  # that hear a sign of life


def source_of(device: Device, metric: Metric, home: Home, seeing: Sequence[Device]) -> Source:
    """Return what a home's readings of one device and metric have in common; `seeing` are the home's witnesses."""
    watches = audience(device, metric, is_sign=False)
    return Source(
        device=device,
        key=f"{device.id} {metric}",
        heard=tuple((each, f"{each} {Metric.REMOVED}") for each in heard_by(device, home)),
        is_seeing=any(one.id == device.id for one in seeing),
        is_of_home=device.role is DeviceRole.POWER_METER,
        is_water=metric in WATER_METRICS,
        is_graded=metric in GRADED,
        is_unprompted=metric in UNPROMPTED,
        may_say_gone=metric in _MAY_SAY_GONE,
        is_alarm=metric in ALARM_METRICS,
        watches=watches,
        settled=tuple(watch for watch in watches if watch not in FOLLOWERS),
        of_sign=audience(device, metric, is_sign=True),
    )


def is_settled(state: HomeState) -> bool:
    """Return whether nobody is away and every watch that follows absences has noted it and keeps its hours."""
    if state.is_away or state.absence.since_ms is not None or state.reach.since_ms is not None:
        return False
    low_activity = state.low_activity
    has_hours = state.absence.evening_ms is not None and low_activity.midnight_ms is not None
    return has_hours and low_activity.away_from_ms is None and state.night_out.morning_ms is not None
