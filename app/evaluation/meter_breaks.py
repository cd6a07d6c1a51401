"""Water registers that go wrong: one that stands while people live on, one that begins anew."""

import random
from collections.abc import Callable

import msgspec

from app.evaluation.faults import A_DAY_MORE_MS, BEATS_MS, Case, broken_case, late_ms
from app.evaluation.recordings import Recording
from core.events import Metric, Reading
from registry.homes import Device, DeviceRole
from rules.parameters import RuleParameters


def frozen(recording: Recording, _chance: random.Random, parameters: RuleParameters) -> Case | None:
    """Let the register stand; somebody else must see that people live on."""
    meter = _register(recording)
    if meter is None:
        return None
    from_ms, last_ms = late_ms(recording)
    held = _values_from(recording, meter, from_ms, lambda first, _value: first)
    if recording.is_metered:
        why = "nothing but the meter sees the home: a register that stands says what an empty home says"
        return Case(readings=held, from_ms=from_ms, is_pure_fault=False, why_unnoticed=why)
    within_ms = parameters.meter_frozen_ms + A_DAY_MORE_MS
    return broken_case(held, meter, from_ms=from_ms, until_ms=last_ms, within_ms=within_ms)


def begun_anew(recording: Recording, _chance: random.Random, _parameters: RuleParameters) -> Case | None:
    """Put a new meter in, which begins at nought."""
    meter = _register(recording)
    if meter is None:
        return None
    from_ms, last_ms = late_ms(recording)
    anew = _values_from(recording, meter, from_ms, lambda first, value: max(value - first, 0.0))
    return broken_case(anew, meter, from_ms=from_ms, until_ms=last_ms, within_ms=BEATS_MS)


def _register(recording: Recording) -> Device | None:
    meters = {device.id: device for device in recording.home.devices if device.role is DeviceRole.WATER_METER}
    counted = (r.device_id for r in recording.readings if r.metric is Metric.WATER_TOTAL_L and r.device_id in meters)
    found = next(counted, None)
    return None if found is None else meters[found]


def _values_from(
    recording: Recording, meter: Device, from_ms: int, shown: Callable[[float, float], float]
) -> list[Reading]:
    """Return the readings with those of a register from a moment on as `shown(the first of them, its own)`."""
    found: list[Reading] = []
    first: float | None = None
    for reading in recording.readings:
        is_broken = reading.device_id == meter.id and reading.metric is Metric.WATER_TOTAL_L
        if not is_broken or reading.observed_at_ms < from_ms:
            found.append(reading)
            continue
        value = float(reading.value)
        first = value if first is None else first
        found.append(msgspec.structs.replace(reading, value=shown(first, value)))
    return found
