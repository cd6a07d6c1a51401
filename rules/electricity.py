"""A home's electricity as a witness: its standby level, the rises above it, and the loads that switch themselves."""

from zoneinfo import ZoneInfo

from core.events import Metric, Reading, Value
from core.localtime import HOUR_MS, MINUTE_MS, from_ms
from rules import power_sketch
from rules.grading import WHOLE_HOME_RISE_W, Grade
from rules.watch import View
from rules.watch_states import ElectricityState

QUARTER_MS = 15 * MINUTE_MS
LONGEST_STEP_MS = 2 * HOUR_MS
"""Registers read more seldom blur a kettle into standby: they say nothing."""

RISE_CERTAINTY = 0.7
"""A rise may be a thermostat's; it counts, and a second sensor makes it sure."""

SLOT_MINUTES = 5
SLOT_SHIFT_MINUTES = 2.5
"""Slots are centred on the clock's fives: a timer set to 06:00 that drifts by a minute stays in one slot."""

TIMER_STEP_MS = 16 * MINUTE_MS
"""A register read once an hour shows no timer: people too get up within the same hour every day."""

TIMER_DAYS = 7
TIMER_SHARE = 0.8
DAYS_IN_MASK = 14
FRESH_DAYS = 3
"""A slot without a rise for so long is no timer's: it is forgotten, and the state stays small."""

_METRICS = frozenset({Metric.POWER_W, Metric.ENERGY_TOTAL_WH})
_MASK = (1 << DAYS_IN_MASK) - 1


def regraded(grade: Grade, reading: Reading, previous: Value | None, previous_ms: int | None, view: View) -> Grade:
    """Return the grade of the newest reading of a whole home's meter; of a second meter or metric the one it has."""
    state, metric = view.state.electricity, reading.metric
    if metric not in _METRICS or state.device_id not in {"", reading.device_id}:
        return grade
    state.device_id = reading.device_id
    if metric is Metric.ENERGY_TOTAL_WH and f"{reading.device_id} {Metric.POWER_W}" in view.state.values:
        return grade
    found = graded(state, reading, previous, previous_ms, view.tz)
    return found if found or metric is Metric.POWER_W else grade


def graded(
    state: ElectricityState, reading: Reading, previous: Value | None, previous_ms: int | None, tz: ZoneInfo
) -> Grade:
    """Take the newest reading of the home's meter in; return B for a rise that a hand may have caused, or nothing."""
    now_w, at_ms = power_w(reading, previous, previous_ms), reading.observed_at_ms
    before_w, state.last_w = state.last_w, now_w
    if now_w is None:
        return Grade.NONE
    rises_ms = [at_ms] if before_w is not None and now_w - before_w >= WHOLE_HOME_RISE_W else []
    if reading.metric is Metric.POWER_W:
        stepped_ms = _into_quarter(state, now_w, at_ms, tz)
    else:
        stepped_ms = at_ms if _is_step(state, now_w, at_ms, tz) else None
    if stepped_ms is not None:
        rises_ms.append(stepped_ms)
    if not rises_ms:
        return Grade.NONE
    known = [_is_timers(state, rise_ms, tz) for rise_ms in rises_ms]
    is_fine = previous_ms is not None and at_ms - previous_ms <= TIMER_STEP_MS
    state.is_timer = all(known) and (is_fine or reading.metric is Metric.POWER_W)
    return Grade.B


def power_w(reading: Reading, previous: Value | None, previous_ms: int | None) -> float | None:
    """Return the power a reading shows, for a register its mean since the reading before; None when it says nothing."""
    if reading.metric is Metric.POWER_W:
        return float(reading.value)
    if previous is None or isinstance(previous, str) or previous_ms is None:
        return None
    lasted_ms = reading.observed_at_ms - previous_ms
    grown_wh = float(reading.value) - float(previous)
    if grown_wh < 0 or not 0 < lasted_ms <= LONGEST_STEP_MS:
        return None
    return grown_wh * HOUR_MS / lasted_ms


def _into_quarter(state: ElectricityState, now_w: float, at_ms: int, tz: ZoneInfo) -> int | None:
    """Add a power to its quarter of an hour; return when the quarter before began if it rose above standby."""
    quarter, closed_ms = at_ms // QUARTER_MS, None
    if quarter > state.quarter:
        begun_ms = state.quarter * QUARTER_MS
        if state.count and _is_step(state, state.sum_w / state.count, begun_ms, tz):
            closed_ms = begun_ms
        state.quarter, state.sum_w, state.count = quarter, 0.0, 0
    state.sum_w, state.count = state.sum_w + now_w, state.count + 1
    return closed_ms


def _is_step(state: ElectricityState, mean_w: float, at_ms: int, tz: ZoneInfo) -> bool:
    """Take a mean power in; return whether it rose above what the home uses by itself."""
    before_w, state.mean_w = state.mean_w, mean_w
    threshold_w = power_sketch.threshold_w(state)
    power_sketch.take(state, mean_w, from_ms(at_ms, tz))
    return threshold_w is not None and before_w is not None and before_w <= threshold_w < mean_w


def _is_timers(state: ElectricityState, at_ms: int, tz: ZoneInfo) -> bool:
    """Note a rise; return whether a timer made it: in this slot of the day on most days, whoever was home."""
    local = from_ms(at_ms, tz)
    minutes = local.hour * 60 + local.minute + local.second / 60 + SLOT_SHIFT_MINUTES
    slot = str(int(minutes // SLOT_MINUTES))
    _turn_days(state, local.date().toordinal())
    mask = state.slots.get(slot, 0)
    state.slots[slot] = mask | 1
    known = min(state.slot_days, DAYS_IN_MASK - 1)
    return known >= TIMER_DAYS and (mask >> 1).bit_count() > TIMER_SHARE * known


def _turn_days(state: ElectricityState, day: int) -> None:
    passed = 0 if state.slot_day is None else day - state.slot_day
    if state.slot_day is None or passed > 0:
        state.slot_day = day
    if passed <= 0:
        return
    state.slot_days = min(DAYS_IN_MASK, state.slot_days + passed)
    turned = {slot: mask << passed & _MASK for slot, mask in state.slots.items()}
    state.slots = {slot: mask for slot, mask in turned.items() if mask & ((1 << FRESH_DAYS + 1) - 1)}
