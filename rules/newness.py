"""Which word of an alarm is the newest, where a clock was reset; without it an all-clear at boot hides the alarm."""

from core.events import Flag, Reading
from rules.deadlines import open_key
from rules.emergency import sounds
from rules.signal_words import kind_of
from rules.state import HomeState

_VAGUE = int(Flag.SKEWED | Flag.NO_DEVICE_TIME)
_OF_THE_PAST, _LATE = int(Flag.REPLAY | Flag.REREAD), int(Flag.LATE)


def is_newest_word(reading: Reading, key: str, state: HomeState, backlog_ms: int) -> bool:
    """Return whether a word of an alarm is the newest of its device, and remember how that one was stamped.

    What is kept as it arrived may be older than what comes after it and states its own time: both clocks are off by
    minutes. And what is older than `backlog_ms` on arrival may come from a clock that was set back. There the alarm
    counts, for one told twice is far better than one lost, and of what is live the one that came last.
    """
    known_ms = state.value_ms.get(key)
    is_newest = known_ms is None or _outranks(reading, key, known_ms, state, backlog_ms)
    if is_newest:
        state.emergency.words[key] = (reading.received_at_ms, bool(reading.flags & _VAGUE))
    return is_newest


def _outranks(reading: Reading, key: str, known_ms: int, state: HomeState, backlog_ms: int) -> bool:
    arrived_ms, was_vague = state.emergency.words.get(key, (0, False))
    is_vague, is_alarm = bool(reading.flags & _VAGUE), sounds(reading)
    if is_vague and not is_alarm and reading.received_at_ms == arrived_ms and not was_vague:
        return False  # a broker delivers both at once: what was said at boot may not end the alarm after it
    if reading.observed_at_ms >= known_ms:
        return True
    if reading.flags & _OF_THE_PAST:
        return False
    if is_alarm and reading.received_at_ms - reading.observed_at_ms > backlog_ms:
        # A clock that began anew at a time of its own, or a backlog whose next word takes it back.
        return not _is_told(reading, key, state)
    return (is_vague or was_vague) and (is_alarm or not reading.flags & _LATE)


def _is_told(reading: Reading, key: str, state: HomeState) -> bool:
    """Return whether an alarm is told, and sounded in the word in force: an older one would let an older end be its."""
    detail = f"{reading.metric} {reading.device_id}"
    is_open = open_key(kind_of(detail), detail) in state.open and detail not in state.emergency.doubted_ms
    return is_open and state.values.get(key) is True  # no fall: its device's word ends none
