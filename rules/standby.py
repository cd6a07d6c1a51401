"""What a home's meter shows when nobody has switched anything on: a low percentile of a week's quiet hours."""

from core.localtime import DAY_MS, HOUR_MS
from rules.watch_states import StandbyState

DAYS_KEPT = 7
DAYS_KNOWN = 3
QUIET_SHARE = 5
"""Every fifth hour of a day is quiet: its least power is standby, refrigerator and all."""


def take(state: StandbyState, power_w: float, at_ms: int) -> None:
    """Take a reading in; at the end of a day find the level anew."""
    hour, day = at_ms // HOUR_MS, at_ms // DAY_MS
    if hour != state.hour:
        if state.hour is not None:
            state.hours.append(round(state.least_w))
            if day != state.hour * HOUR_MS // DAY_MS:
                quiet_w = sorted(state.hours)[len(state.hours) // QUIET_SHARE]
                state.days = [*state.days, quiet_w][-DAYS_KEPT:]
                state.hours = []
        state.hour, state.least_w = hour, power_w
    state.least_w = min(state.least_w, power_w)


def level_w(state: StandbyState) -> int | None:
    """Return the level, None before it is known."""
    return sorted(state.days)[len(state.days) // 2] if len(state.days) >= DAYS_KNOWN else None
