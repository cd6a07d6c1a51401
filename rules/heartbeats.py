"""How often a device that promises nothing speaks by itself, learned by the day: its silence can be a finding."""

import msgspec

from core.events import Metric, Reading
from core.localtime import DAY_MS, HOUR_MS, MINUTE_MS
from rules.deafness_state import DeafState, counted_ms
from rules.parameters import RuleParameters

UNPROMPTED = frozenset(
    {
        Metric.ONLINE,
        Metric.BATTERY_PERCENT,
        Metric.TEMPERATURE_C,
        Metric.POWER_W,
        Metric.ENERGY_TOTAL_WH,
        Metric.WATER_TOTAL_L,
    }
)
"""What a device tells of itself whether or not anybody moves; movement and doors say nothing of its clock."""

KEPT_DAYS = 14
LEAST_DAYS = 7
FLOOR_MAINS_MS = 15 * MINUTE_MS
FLOOR_BATTERY_MS = 3 * HOUR_MS
"""A device on a battery may skip a report to save it."""

CAP_MS = 12 * HOUR_MS
"""A device that would be missed later keeps no clock: it speaks when something happens, nobody knows when."""


class Beat(msgspec.Struct, array_like=True, gc=False):
    """The longest pause between two unprompted words, by day: minutes of the last days, and the day under way."""

    heard_ms: int
    day: int
    longest_ms: int = 0
    days: list[int] = []


def note(beats: dict[str, Beat], reading: Reading, log_ms: int, *, is_blind: bool, deaf: DeafState) -> None:
    """Take an unprompted word in; a pause in which nothing of the home was heard is not the device's."""
    if reading.metric not in UNPROMPTED:
        return
    day, beat = log_ms // DAY_MS, beats.get(reading.device_id)
    if beat is None:
        beats[reading.device_id] = Beat(log_ms, day)
        return
    longest_ms = beat.longest_ms if is_blind else max(beat.longest_ms, log_ms - counted_ms(deaf, beat.heard_ms))
    if day != beat.day:
        beat.days = [*beat.days, -(-longest_ms // MINUTE_MS)][-KEPT_DAYS:]
        beat.day, longest_ms = day, 0
    beat.heard_ms, beat.longest_ms = log_ms, longest_ms


def interval_ms(beat: Beat | None) -> int | None:
    """Return how long a device usually pauses at most, or None until it is known.

    The longest day's pause but one: a single outage is no habit.
    """
    if beat is None or len(beat.days) < LEAST_DAYS:
        return None
    return sorted(beat.days)[-2] * MINUTE_MS


def limit_ms(beat: Beat | None, parameters: RuleParameters, *, has_battery: bool) -> int | None:
    """Return how long such a device may be silent, or None where its silence says nothing."""
    usual_ms = interval_ms(beat)
    if usual_ms is None:
        return None
    longest_ms = parameters.missed_heartbeats * usual_ms
    return None if longest_ms > CAP_MS else max(longest_ms, FLOOR_BATTERY_MS if has_battery else FLOOR_MAINS_MS)
