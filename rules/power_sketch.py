"""How a home's power is spread over a week, in a few hundred bytes, and above which power somebody is active."""

from collections.abc import Sequence
from datetime import datetime

from rules.watch_states import ElectricityState

DAYS_KEPT = 7
DAYS_KNOWN = 3
STANDBY_SHARE = 0.15
"""Between the tenth and the fifth part of a week's quarters of an hour (spec A4.1)."""

LEAST_RISE_W = 60.0
DEVIATIONS = 3.0

SMALL_HOURS = range(1, 5)
SMALL_HOURS_SHARE = 0.9
SMALL_HOURS_MARGIN_W = 30.0
"""While people sleep the refrigerator runs as ever: what it reaches then is no hand's doing."""

FIRST_BIN_W = 4.0
BIN_RATIO = 1.19
BINS = 40
"""From 4 W to 3.5 kW, each bin 19 % wider than the one before."""

MOST = 255


def take(state: ElectricityState, mean_w: float, local: datetime) -> None:
    """Take the mean power of a stretch in; with a new day the threshold is found anew."""
    day = local.date().toordinal()
    if state.day is not None and day > state.day:
        state.days = [*state.days, state.today][-DAYS_KEPT:]
        state.nights = [*state.nights, state.tonight][-DAYS_KEPT:]
        state.today = state.tonight = b""
        state.threshold_w = _threshold_w(state.days, state.nights)
    state.day = day
    state.today = _counted(state.today, mean_w)
    if local.hour in SMALL_HOURS:
        state.tonight = _counted(state.tonight, mean_w)


def threshold_w(state: ElectricityState) -> float | None:
    """Return the power above which somebody has switched something on; None before three days are known."""
    return state.threshold_w if len(state.days) >= DAYS_KNOWN else None


def standby_w(days: Sequence[bytes]) -> tuple[float, float] | None:
    """Return (standby level, median deviation from it in the quieter half of the time); None without a sample."""
    counts = _summed(days)
    total = sum(counts)
    if not total:
        return None
    level_w = _percentile_w(counts, STANDBY_SHARE)
    left, quiet = total / 2, [0] * BINS
    for index, count in enumerate(counts):
        quiet[index] = round(min(count, max(left, 0)))
        left -= count
    by_distance = sorted((abs(_middle_w(index) - level_w), count) for index, count in enumerate(quiet))
    rest = sum(quiet) / 2
    for distance_w, count in by_distance:
        rest -= count
        if rest <= 0:
            return level_w, distance_w
    return level_w, 0.0


def _threshold_w(days: Sequence[bytes], nights: Sequence[bytes]) -> float | None:
    found = standby_w(days)
    if found is None:
        return None
    level_w, deviation_w = found
    above_w = level_w + max(LEAST_RISE_W, DEVIATIONS * deviation_w)
    asleep = _summed(nights)
    if sum(asleep):
        above_w = max(above_w, _percentile_w(asleep, SMALL_HOURS_SHARE) + SMALL_HOURS_MARGIN_W)
    return round(above_w, 1)


def _counted(sketch: bytes, power_w: float) -> bytes:
    counts = bytearray(sketch or bytes(BINS))
    index, edge_w = 0, FIRST_BIN_W
    while index < BINS - 1 and power_w >= edge_w:
        index, edge_w = index + 1, edge_w * BIN_RATIO
    counts[index] = min(MOST, counts[index] + 1)
    return bytes(counts)


def _summed(sketches: Sequence[bytes]) -> list[int]:
    return [sum(sketch[index] for sketch in sketches if sketch) for index in range(BINS)]


def _percentile_w(counts: Sequence[int], share: float) -> float:
    left = share * sum(counts)
    for index, count in enumerate(counts):
        left -= count
        if left <= 0 and count:
            return _middle_w(index)
    return _middle_w(BINS - 1)


def _middle_w(index: int) -> float:
    return FIRST_BIN_W * BIN_RATIO ** (index - 0.5)
