"""A message as it came, a value as its payload states it before anybody has looked up whose it is, and a refusal."""

from collections.abc import Callable
from typing import NamedTuple

import msgspec

from core.events import TEXT_METRICS, Metric
from core.log import ParkReason

MAX_PAYLOAD_BYTES = 256 * 1024
"""A Zigbee2MQTT `bridge/devices` list of a large home is about 200 kB; more is not a sensor speaking."""

MAX_TEXT_CHARS = 200
"""A name of an alert; longer is prose, and prose may hold personal data."""

PHYSICAL_RANGES: dict[Metric, tuple[float, float]] = {
    Metric.WATER_TOTAL_L: (0.0, 1e9),  # a million cubic metres: beyond any meter of a home
    Metric.WATER_FLOW_L_H: (-1e4, 1e5),  # a burst main is about 10 m3/h; backflow is small
    Metric.POWER_W: (-1e5, 1e5),  # a home's fuse gives way far below 100 kW
    Metric.ENERGY_TOTAL_WH: (0.0, 1e12),
    Metric.TEMPERATURE_C: (-60.0, 150.0),
    Metric.BATTERY_PERCENT: (0.0, 100.0),
}
"""Values outside are a broken sensor or a wrong unit, not a home; any other metric is a truth value or a text."""


class Message(NamedTuple):
    """One MQTT message; `retain` as the broker delivered it, `received_at_ms` UTC."""

    topic: str
    payload: bytes
    retain: bool
    received_at_ms: int


class UnreadableError(Exception):
    """A message that cannot become readings; it is parked under this reason."""

    def __init__(self, reason: ParkReason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


class RawReading(msgspec.Struct, frozen=True):
    """One value under the address its device is registered by; `observed_at_ms` None = the device gave no time.

    A device with several sensors in it names the `part` that speaks; it is filed under `<address>/<part>` where
    somebody registered that, and otherwise, only where it `is_main`, under the address itself.
    """

    address: str
    metric: Metric
    value: bool | float | str
    observed_at_ms: int | None = None
    seq: int | None = None
    is_replay: bool = False
    part: str = ""
    is_main: bool = True


def check_of(metric: Metric) -> Callable[[object], bool | float | str]:
    """Return what gives a value as the metric demands it, or raises UnreadableError(ABSURD_VALUE).

    Keep it: an enum is slow to look up with every value.
    """
    return _CHECKS[metric]


def _truth_check(metric: Metric) -> Callable[[object], bool]:
    def check(value: object) -> bool:
        if value is True or value is False:
            return value
        raise UnreadableError(ParkReason.ABSURD_VALUE, f"{metric} must be true or false, not {value!r:.60}")

    return check


def _text_check(metric: Metric) -> Callable[[object], str]:
    def check(value: object) -> str:
        if isinstance(value, str) and len(value) <= MAX_TEXT_CHARS:
            return value
        raise UnreadableError(
            ParkReason.ABSURD_VALUE,
            f"{metric} must be a text of at most {MAX_TEXT_CHARS} characters, not {value!r:.60}",
        )

    return check


def _number_check(metric: Metric, low: float, high: float) -> Callable[[object], float]:
    def check(value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise UnreadableError(ParkReason.ABSURD_VALUE, f"{metric} must be a number, not {value!r:.60}")
        if low <= value <= high:  # a NaN and a whole number that no float can hold fail here, and raise nothing
            return float(value)
        raise UnreadableError(ParkReason.ABSURD_VALUE, f"{metric} = {value!r:.60} lies outside {low:g}..{high:g}")

    return check


_CHECKS: dict[Metric, Callable[[object], bool | float | str]] = {
    metric: _number_check(metric, *PHYSICAL_RANGES[metric])
    if metric in PHYSICAL_RANGES
    else (_text_check if metric in TEXT_METRICS else _truth_check)(metric)
    for metric in Metric
}
