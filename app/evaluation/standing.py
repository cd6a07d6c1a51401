"""What a home still says once nothing in it is caused by a person: its own deadlines, and meters that stand."""

from collections.abc import Iterator

from core.events import Metric, Reading
from core.localtime import HOUR_MS
from registry.homes import Device, DeviceRole, Home
from rules.findings import Finding
from rules.home import HomeRules

METER_EVERY_MS = HOUR_MS
"""How often a water meter reports that promises no heartbeat."""


def told_after(rules: HomeRules, metered: Home, until_ms: int) -> Iterator[Finding]:
    """Yield what the home tells up to a moment; `metered` is the home with its meters' own pace."""
    while True:
        deadline = rules.next_deadline()
        due_ms = until_ms + 1 if deadline is None else deadline.due_ms
        reading = _standing(rules, metered)
        if reading is not None and reading.observed_at_ms <= min(due_ms, until_ms):
            yield from rules.apply(reading, reading.observed_at_ms)
        elif deadline is not None and due_ms <= until_ms:
            yield from rules.fire(deadline)
        else:
            return


def _standing(rules: HomeRules, metered: Home) -> Reading | None:
    """Return the next reading of a standing water meter that a rule waits for; None when no rule does.

    Only the rule of too little water speaks on a reading alone; every other one has a deadline of its own.
    """
    state, parameters = rules.state.low_water, rules.parameters
    if not parameters.low_water_hours or state.from_ms is None or state.ready_ms is not None:
        return None
    full_ms = state.from_ms + parameters.low_water_hours * HOUR_MS
    meters = (device for device in metered.devices if device.role is DeviceRole.WATER_METER)
    found = [reading for meter in meters if (reading := _next_reading(rules, meter, full_ms)) is not None]
    return min(found, key=lambda reading: reading.observed_at_ms, default=None)


def _next_reading(rules: HomeRules, meter: Device, full_ms: int) -> Reading | None:
    every_ms = meter.heartbeat_ms or METER_EVERY_MS
    for metric in (Metric.WATER_TOTAL_L, Metric.WATER_FLOW_L_H):
        key = f"{meter.id} {metric}"
        last, last_ms = rules.state.values.get(key), rules.state.value_ms.get(key)
        if last is None or last_ms is None:
            continue
        is_flowing = metric is Metric.WATER_FLOW_L_H and last != 0  # it says first that the flow has stopped
        reports = 1 if is_flowing else max(1, -((last_ms - full_ms) // every_ms))
        at_ms = last_ms + reports * every_ms
        return Reading(meter.home_id, meter.id, metric, last if metric is Metric.WATER_TOTAL_L else 0.0, at_ms, at_ms)
    return None
