"""Writes a home's day down while it happens: half hours seen, half hours active, silences that ended."""

from core.localtime import DAY_MS, MINUTE_MS
from rules.habits.expected import BIN_MS, ExpectedClock
from rules.habits.memory import GAPS_PER_DAY, LONGEST_GAP_MS, DayLog, Memory

LOGS_KEPT = 3
"""A silence of at most 36 h touches three days; older logs were folded or are of no use."""

LEAST_GAP_MS = 20 * MINUTE_MS
"""Shorter silences are never among the longest of a day."""


def on_sign(memory: Memory, at_ms: int, clock: ExpectedClock, longest_ms: int = LONGEST_GAP_MS) -> None:
    """Take a sign of life of somebody at home; `at_ms` on the wall clock. Silences above `longest_ms` are journeys."""
    from_ms = memory.gap_from_ms
    if memory.is_ringing and from_ms is not None and at_ms - from_ms <= longest_ms:
        memory.alarms += 1  # a journey without a door to prove it is no fault of the limit
    memory.is_ringing = False
    if memory.dark_from_ms is not None:  # heard of while the service is deaf: it says nothing of how long it was quiet
        memory.gap_from_ms = at_ms
        return
    if from_ms is not None and LEAST_GAP_MS <= at_ms - from_ms <= longest_ms:
        gap = (clock.between(from_ms, at_ms), from_ms // MINUTE_MS, (at_ms - from_ms) // MINUTE_MS)
        log = _log(memory, at_ms // DAY_MS)
        log.gaps = sorted([*log.gaps, gap], reverse=True)[:GAPS_PER_DAY]
    is_same_bin = from_ms is not None and from_ms // BIN_MS == at_ms // BIN_MS
    if not is_same_bin or memory.seen_until_ms is None:
        mark_seen(memory, at_ms)
        log = _log(memory, at_ms // DAY_MS)
        log.active |= 1 << (at_ms % DAY_MS // BIN_MS)
    memory.gap_from_ms = at_ms


def mark_seen(memory: Memory, until_ms: int) -> None:
    """Count the half hours up to `until_ms` as seen, from where it was counted last."""
    from_ms = memory.seen_until_ms
    if from_ms is None or until_ms - from_ms > LONGEST_GAP_MS:
        from_ms = until_ms
    for index in range(from_ms // BIN_MS, until_ms // BIN_MS + 1):
        day, bit = divmod(index * BIN_MS, DAY_MS)
        _log(memory, day).seen |= 1 << (bit // BIN_MS)
    memory.seen_until_ms = max(until_ms, from_ms)


def darken(memory: Memory, at_ms: int) -> None:
    """Stop counting: from here on nobody can see. The silence under way goes on when the home is seen again."""
    if memory.seen_until_ms is not None and at_ms > memory.seen_until_ms:
        mark_seen(memory, at_ms)
    memory.seen_until_ms = None
    memory.dark_from_ms = at_ms


def lighten(memory: Memory, at_ms: int) -> None:
    """Go on: the dark stretch is cut out of the silence under way, as it is when the silence is judged."""
    if memory.gap_from_ms is not None and memory.dark_from_ms is not None:
        memory.gap_from_ms += max(at_ms - max(memory.dark_from_ms, memory.gap_from_ms), 0)
    memory.dark_from_ms = None


def pause(memory: Memory, at_ms: int) -> None:
    """Stop counting: from here on nobody is home."""
    if memory.seen_until_ms is not None and at_ms > memory.seen_until_ms:
        mark_seen(memory, at_ms)
    memory.gap_from_ms = memory.seen_until_ms = None
    memory.is_ringing = False


def _log(memory: Memory, day: int) -> DayLog:
    for log in reversed(memory.logs):
        if log.day == day:
            return log
    log = DayLog(day)
    memory.logs = sorted([*memory.logs, log], key=lambda each: each.day)[-LOGS_KEPT:]
    return log
