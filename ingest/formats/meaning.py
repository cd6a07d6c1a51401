"""What a property stands for: a metric, its scale and its polarity, from discovery or from the install record."""

from collections.abc import Callable, Mapping
from functools import lru_cache

import msgspec

from core.events import LIVENESS_METRICS, TEXT_METRICS, Metric
from core.log import ParkReason
from ingest.raw import PHYSICAL_RANGES, UnreadableError, check_of

_LITRES = {"L": 1.0, "l": 1.0, "m³": 1e3, "m3": 1e3, "mL": 1e-3, "gal": 3.785411784, "ft³": 28.316846592}
_LITRES_AN_HOUR = {
    "L/h": 1.0, "l/h": 1.0, "m³/h": 1e3, "m3/h": 1e3, "L/min": 60.0, "l/min": 60.0, "L/s": 3.6e3, "l/s": 3.6e3,
    "m³/s": 3.6e6, "m3/s": 3.6e6, "gal/min": 227.12470704,
}  # fmt: skip
UNITS: dict[str, tuple[Metric, float]] = {
    **{unit: (Metric.WATER_TOTAL_L, scale) for unit, scale in _LITRES.items()},
    **{unit: (Metric.WATER_FLOW_L_H, scale) for unit, scale in _LITRES_AN_HOUR.items()},
    **{unit: (Metric.POWER_W, scale) for unit, scale in {"mW": 1e-3, "W": 1.0, "kW": 1e3}.items()},
    **{
        unit: (Metric.ENERGY_TOTAL_WH, scale)
        for unit, scale in {"mWh": 1e-3, "Wh": 1.0, "kWh": 1e3, "MWh": 1e6, "J": 1 / 3600, "kJ": 1 / 3.6}.items()
    },
    **dict.fromkeys(("°C", "Cel", "C"), (Metric.TEMPERATURE_C, 1.0)),
    **dict.fromkeys(("°F", "F"), (Metric.TEMPERATURE_C, 5 / 9)),
    **dict.fromkeys(("%", "%EL"), (Metric.BATTERY_PERCENT, 1.0)),
}
"""What a unit measures here, and the factor to our own unit; a unit that is not here is never guessed."""

_FAHRENHEIT = frozenset({"°F", "F"})
_NO_TRUTHS = PHYSICAL_RANGES.keys() | TEXT_METRICS
_WORDS: dict[object, bool] = {
    text: truth for truth, texts in {True: ("ON", "on", "true", "1"), False: ("OFF", "off", "false", "0")}.items()
    for text in texts
}  # fmt: skip
MAX_MEANINGS = 1_024
"""Texts of install records kept parsed; a town has a few dozen different ones."""

LARGEST = 1e18
"""No quantity of a home is larger in any unit; a larger number is left as it is, and its check refuses it."""

Check = Callable[[object], bool | float | str]

Records = Callable[[str], Mapping[str, str]]
"""From an address to the install record of the device registered there; empty where there is none."""


class Meaning(msgspec.Struct, frozen=True):
    """`value = (given + offset) * scale` for a number; a truth value may be upside down."""

    metric: Metric
    scale: float = 1.0
    is_inverted: bool = False
    offset: float = 0.0
    is_truth: bool = False  # made from the metric, as `check` is: an enum is slow to look up with every value
    check: Check = check_of(Metric.ONLINE)

    def __post_init__(self) -> None:
        """Look up once what every value asks of the metric."""
        msgspec.structs.force_setattr(self, "is_truth", self.metric not in _NO_TRUTHS)
        msgspec.structs.force_setattr(self, "check", check_of(self.metric))

    def value_of(self, given: object) -> bool | float | str:
        """Return the canonical value; raises UnreadableError(ABSURD_VALUE)."""
        if self.is_truth:
            truth = truth_of(given)
            return self.check(given) if truth is None else truth is not self.is_inverted
        is_scaled = self.scale != 1.0 or self.offset
        if is_scaled and isinstance(given, int | float) and not isinstance(given, bool) and -LARGEST < given < LARGEST:
            given = round((given + self.offset) * self.scale, 6)
        return self.check(given)


def truth_of(given: object) -> bool | None:
    """Return what true, 1, ON and their opposites say; None for anything else."""
    if isinstance(given, bool):
        return given
    if isinstance(given, str):
        return _WORDS.get(given)
    return bool(given) if isinstance(given, int | float) and given in {0, 1} else None


def in_unit(metric: Metric, unit: object, name: str) -> Meaning:
    """Return how a number of this unit becomes the metric; raises UnreadableError(UNKNOWN_UNIT)."""
    known = UNITS.get(unit) if isinstance(unit, str) else None
    if known is None or known[0] is not metric:
        raise no_unit(name, unit)
    return Meaning(metric, known[1], offset=-32.0 if unit in _FAHRENHEIT else 0.0)


def no_unit(name: str, unit: object = None) -> UnreadableError:
    """Return the refusal of a number whose unit nobody stated, or stated in a way that we do not know."""
    stated = f"unit {unit}" if unit else "unit not stated"
    detail = f"{name:.60}: {stated:.60}; the device's discovery or the install record says"
    return UnreadableError(ParkReason.UNKNOWN_UNIT, detail)


@lru_cache(maxsize=MAX_MEANINGS)
def meaning_of(text: str) -> Meaning:
    """Return what a line of an install record means; raises UnreadableError(UNKNOWN_MEANING).

    "open", "not open": a truth value and its polarity. "m³", "kWh": a unit. "10 L": ten litres a pulse.
    """
    word = text.removeprefix("not ").strip()
    if word in set(Metric):
        metric = Metric(word)
        if metric not in PHYSICAL_RANGES and metric not in TEXT_METRICS | LIVENESS_METRICS | {Metric.REMOVED}:
            return Meaning(metric, is_inverted=text.startswith("not "))
    amount, _, unit = word.rpartition(" ")
    known = UNITS.get(unit)
    if known is None or text.startswith("not ") or not _is_amount(amount):
        raise UnreadableError(
            ParkReason.UNKNOWN_MEANING, f'install record: {text!r:.60} is neither "open", "not open", "m³" nor "10 L"'
        )
    offset = -32.0 if unit in _FAHRENHEIT else 0.0
    return Meaning(known[0], known[1] * (float(amount) if amount else 1.0), offset=offset)


class Installed:
    """Install records by address: what an electrician wrote down of the properties of one device."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def meaning(self, address: str, name: str, part: str = "") -> Meaning | None:
        """Return what the record of the part, or of the device, says of a property; raises UnreadableError."""
        text = self._records(f"{address}/{part}").get(name) if part else None
        if text is None:
            text = self._records(address).get(name)
        return None if text is None else meaning_of(text)

    def factor(self, address: str, name: str, part: str = "") -> Meaning | None:
        """Return what a step is worth, "10 L": discovery may know a unit, what hangs on a counter it cannot know."""
        text = self._records(f"{address}/{part}").get(name) if part else None
        text = text or self._records(address).get(name, "")
        return meaning_of(text) if _is_amount(text.rpartition(" ")[0]) and " " in text else None

    def record(self, address: str) -> Mapping[str, str]:
        """Return the whole record of a device; empty when nobody wrote one."""
        return self._records(address)


def unstated(what: str) -> UnreadableError:
    """Return the refusal of a property of which nobody said what it stands for."""
    return UnreadableError(
        ParkReason.UNKNOWN_MEANING, f"{what:.80}: its meaning is in no install record and no discovery"
    )


def _is_amount(text: str) -> bool:
    if not text:
        return True
    try:
        return 0 < float(text) < 1e9  # noqa: PLR2004  # a pulse of a million cubic metres is no pulse
    except ValueError:
        return False
