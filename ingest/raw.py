"""A value as a payload states it, before anybody has looked up whose it is; and how a message is refused."""

import math

import msgspec

from core.events import Metric
from core.log import ParkReason

MAX_PAYLOAD_BYTES = 256 * 1024
"""A Zigbee2MQTT `bridge/devices` list of a large home is about 200 kB; more is not a sensor speaking."""

PHYSICAL_RANGES: dict[Metric, tuple[float, float]] = {
    Metric.WATER_TOTAL_L: (0.0, 1e9),  # a million cubic metres: beyond any meter of a home
    Metric.WATER_FLOW_L_H: (-1e4, 1e5),  # a burst main is about 10 m3/h; backflow is small
    Metric.POWER_W: (-1e5, 1e5),  # a home's fuse gives way far below 100 kW
    Metric.ENERGY_TOTAL_WH: (0.0, 1e12),
    Metric.TEMPERATURE_C: (-60.0, 150.0),
    Metric.BATTERY_PERCENT: (0.0, 100.0),
}
"""Values outside are a broken sensor or a wrong unit, not a home; every other metric is a truth value."""


class UnreadableError(Exception):
    """A message that cannot become readings; it is parked under this reason."""

    def __init__(self, reason: ParkReason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


class RawReading(msgspec.Struct, frozen=True, kw_only=True):
    """One value under the address its device is registered by; `observed_at_ms` None = the device gave no time."""

    address: str
    metric: Metric
    value: bool | float
    observed_at_ms: int | None = None
    seq: int | None = None
    is_replay: bool = False


def checked_value(metric: Metric, value: object) -> bool | float:
    """Return the value as its metric demands it; raises UnreadableError(ABSURD_VALUE)."""
    limits = PHYSICAL_RANGES.get(metric)
    if limits is None:
        if isinstance(value, bool):
            return value
        raise UnreadableError(ParkReason.ABSURD_VALUE, f"{metric} must be true or false, not {value!r:.60}")
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise UnreadableError(ParkReason.ABSURD_VALUE, f"{metric} must be a finite number, not {value!r:.60}")
    low, high = limits
    if not low <= value <= high:
        raise UnreadableError(ParkReason.ABSURD_VALUE, f"{metric} = {value} lies outside {low:g}..{high:g}")
    return float(value)
