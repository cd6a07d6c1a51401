"""What people do that looks like a fault and is none: holidays, visitors, a night in which the clocks go forward."""

import random

import msgspec

from app.evaluation.faults import Case, in_order, late_ms
from app.evaluation.recordings import Recording, reading_of
from core.events import Metric, Reading
from core.localtime import DAY_MS, HOUR_MS, MINUTE_MS
from registry.homes import DeviceRole
from rules.parameters import RuleParameters
from rules.rooms import MOTION_ROLES


def holiday(recording: Recording, _chance: random.Random, _parameters: RuleParameters) -> Case | None:
    """Let everybody leave by the door for two weeks."""
    door = next((d for d in recording.home.devices if d.role is DeviceRole.OUTSIDE_DOOR), None)
    if door is None:
        return None
    from_ms, _ = late_ms(recording)
    until_ms = from_ms + 14 * DAY_MS
    kept = [r for r in recording.readings if r.metric is Metric.ONLINE or not from_ms <= r.observed_at_ms < until_ms]
    for at_ms in (from_ms, until_ms - 5_000):
        kept += [reading_of(door, Metric.OPEN, True, at_ms), reading_of(door, Metric.OPEN, False, at_ms + 3_000)]
    return Case(readings=in_order(kept), from_ms=from_ms, is_pure_fault=False)


def visitors(recording: Recording, chance: random.Random, _parameters: RuleParameters) -> Case | None:
    """Let somebody else be there for three hours on every third day, moving about in every room."""
    rooms = [device for device in recording.home.devices if device.role in MOTION_ROLES]
    if len(rooms) < 2:  # noqa: PLR2004  # a visitor is told by two rooms at once
        return None
    from_ms, last_ms = late_ms(recording)
    more: list[Reading] = []
    for day_ms in range(from_ms, last_ms - DAY_MS, 3 * DAY_MS):
        for minute in range(180):
            device, at_ms = chance.choice(rooms), day_ms + minute * MINUTE_MS + chance.randrange(50_000)
            more += [reading_of(device, Metric.MOTION, True, at_ms)]
            more += [reading_of(device, Metric.MOTION, False, at_ms + 2_000)]
    return Case(readings=in_order([*recording.readings, *more]), from_ms=from_ms, is_pure_fault=False)


def clocks_forward(recording: Recording, _chance: random.Random, _parameters: RuleParameters) -> Case:
    """Let everybody live an hour earlier by the sun from a night on, as when the clocks go forward."""
    from_ms, _ = late_ms(recording)
    moved = [
        msgspec.structs.replace(r, observed_at_ms=r.observed_at_ms - HOUR_MS, received_at_ms=r.received_at_ms - HOUR_MS)
        if r.observed_at_ms >= from_ms + HOUR_MS
        else r
        for r in recording.readings
        if not from_ms <= r.observed_at_ms < from_ms + HOUR_MS
    ]
    return Case(readings=moved, from_ms=from_ms, is_pure_fault=False)
