"""Readings that were kept under another time than they state, and alarms: by what they state, and since when."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec

from core.events import ALARM_METRICS, Flag, Reading, Value
from core.limits import LATE_AFTER_MS
from ingest.window import Key, Recent, Window

REDELIVERED_WITHIN_MS = 15 * 60_000
"""A busy broker delivers again seconds to minutes after it was answered; whoever states the same time and seq later
than this, and a time that cannot be true, has a clock that stands still and counts from one at each boot."""


_REPLAY, _SKEWED = int(Flag.REPLAY), int(Flag.SKEWED)


class Noted(NamedTuple):
    """A reading by the time that it states and by the one that it is kept under, as it arrived."""

    stated: Key
    kept: Key
    value: Value
    received_at_ms: int


class Stated:
    """Tables of their own: what a reading states is no place at which another one was kept."""

    def __init__(self, most: int, kept: Iterable[Reading] = ()) -> None:
        """`kept` are readings kept before the start, oldest first: of what was moved they no longer say from where."""
        self._arrivals: Recent[Noted] = Recent(most)
        self._alarms: Recent[Noted] = Recent(most)  # their last words, by the moment that they state
        self._last: Recent[Noted] = Recent(most)  # their last words, by device
        self._moved = Window(most)
        self._by_seq: dict[tuple[str, str, int], Reading] = {}  # no more of them than were given
        for reading in kept:
            self._recall(reading)

    def first_ms(self, key: Key, value: Value, received_at_ms: int) -> int | None:
        """Return when the reading arrived that states this and was kept, None when none is known.

        A copy has the same value: a clock and a count that stand still state one time and seq for an alarm, its end
        and the next alarm. Of before the start a seq is enough, for a redelivery's time; but of no alarm or its end:
        a button that boots at each press has one seq for all of them.
        """
        known = self._arrivals.get(key)
        if known is not None:
            return known.received_at_ms if known.value == value else None
        device_id, metric, stated_ms, seq = key
        kept = self._by_seq.get((device_id, metric, seq))
        if kept is None or kept.value != value or abs(stated_ms - kept.observed_at_ms) <= LATE_AFTER_MS:
            return None
        if not is_redelivered(kept.received_at_ms, received_at_ms):
            return None
        del self._by_seq[device_id, metric, seq]  # of one copy: a device that never counts has more to say
        self._arrivals.keep(key, Noted(key, kept.key, value, kept.received_at_ms))  # of no other time from now on
        return kept.received_at_ms

    def stands_still(self, key: Key, value: Value) -> bool:
        """Return whether this word of an alarm comes from a clock that shows one time for more than one event.

        It states the time of another word, by its value or its seq: one that was kept as it arrived, for that reason,
        or one that it would have to stand beside as an alarm of the same moment, which would be told once.
        """
        known = self._alarms.get(_moment(key))
        if known is None or (known.value == value and known.stated == key):
            return False
        return known.kept != known.stated or bool(value)

    def sounds(self, key: Key) -> bool:
        """Return whether the last word of this device and metric, as they arrive, is an alarm."""
        last = self._last.get(_device(key))
        return last is not None and bool(last.value)

    def was_moved_to(self, key: Key, value: Value) -> bool:
        """Return whether what was kept under this key stated another time."""
        return self._moved.knows(key, value)

    def keep(self, noted: Iterable[Noted]) -> None:
        """Know these from now on."""
        for one in noted:
            self._hear(one)
            if one.kept != one.stated:
                self._moved.keep(one.kept, one.value)

    def _recall(self, kept: Reading) -> None:
        if kept.flags & _SKEWED:
            self._moved.keep(kept.key, kept.value)
            if kept.seq is not None and kept.metric not in ALARM_METRICS:
                self._by_seq[kept.device_id, kept.metric, kept.seq] = kept
        if kept.metric in ALARM_METRICS and not kept.flags & _REPLAY:
            self._hear(Noted(kept.key, kept.key, kept.value, kept.received_at_ms))

    def _hear(self, one: Noted) -> None:
        self._arrivals.keep(one.stated, one)
        if one.stated[1] in ALARM_METRICS:
            self._alarms.keep(_moment(one.stated), one)
            last = self._last.get(_device(one.stated))
            if last is None or one.value or last.received_at_ms <= one.received_at_ms:  # not parked before it
                self._last.keep(_device(one.stated), one)


def arrived_by(now_ms: int, kept: Sequence[Reading]) -> Sequence[Reading]:
    """Return readings as they arrived by the clock of now, which may have been set back since the newest of them.

    Their times would come again, and a press within a quarter of an hour of one of them would be its copy.
    """
    ahead_ms = max((one.received_at_ms for one in kept), default=now_ms) - now_ms
    if ahead_ms <= 0:
        return kept
    return [msgspec.structs.replace(one, received_at_ms=one.received_at_ms - ahead_ms) for one in kept]


def _moment(key: Key) -> Key:
    device_id, metric, stated_ms, _ = key
    return device_id, metric, stated_ms, -1


def _device(key: Key) -> Key:
    return key[0], key[1], -1, -1


def is_redelivered(first_ms: int, received_at_ms: int) -> bool:
    """Return whether a copy may have come then of what came first, also of what is read again as it came before it."""
    return abs(received_at_ms - first_ms) <= REDELIVERED_WITHIN_MS
