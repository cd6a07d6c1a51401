"""When something was observed: what a device states, where that can be true, and whether it is only told again."""

from collections.abc import Container, Iterable, Sequence

from core.events import ALARM_METRICS, TIMELESS_METRICS, Flag, Metric, Reading
from core.ids import DeviceId
from core.limits import LATE_AFTER_MS, MAX_SKEW_MS, OLDEST_OBSERVATION_MS
from core.log import ParkReason
from ingest.clocks import Clocks
from ingest.raw import RawReading, UnreadableError
from ingest.stated import Noted, Stated, is_redelivered
from ingest.window import Key, Window

FIRST_PLAUSIBLE_MS = 946_684_800_000
"""2000-01-01 UTC: a device that says earlier has lost its clock."""

_HAZARDS = ALARM_METRICS - {Metric.SOS, Metric.DEVICE_ALERT}
_SHOWS_NOBODY = TIMELESS_METRICS | {Metric.TEMPERATURE_C}

# Plain numbers: an IntFlag costs as much as the rest of a reading.
_LATE, _SKEWED, _NO_DEVICE_TIME = map(int, (Flag.LATE, Flag.SKEWED, Flag.NO_DEVICE_TIME))
_UNDATED = int(Flag.SKEWED | Flag.REPLAY | Flag.UNDATED)


class EventTimes:
    """Judges the times of one message after the other; what it learns of one counts once the message is kept."""

    def __init__(self, seen: Window, most: int, known: Iterable[Reading] = ()) -> None:
        """`seen` are the readings that were kept, by the times they were kept under; `most` as it remembers.

        `known` are those of before the start, oldest first.
        """
        self._seen = seen
        self._stated = Stated(most, known)
        self._clocks = Clocks()
        self.noted: list[Noted] = []  # of the message in hand
        self.late: Container[DeviceId] = self._clocks.late  # whose clocks are in question, also when they seem right

    def forget(self) -> None:
        """Forget the message in hand: it was refused."""
        self.noted.clear()

    def keep(self) -> None:
        """Know the message in hand by the times it states from now on: its readings are kept."""
        self._stated.keep(self.noted)
        self.noted.clear()

    def of(
        self, raw: RawReading, device_id: DeviceId, received_at_ms: int, message: Sequence[RawReading]
    ) -> tuple[int, int] | None:
        """Return the time to keep it under and flags, None when it is known already.

        Raises UnreadableError for a time before any buffer's, unless its `message` tells an alarm or may end one:
        nobody sets a parked button's clock in time to hear it.
        """
        at_ms, is_word = raw.observed_at_ms, raw.metric in ALARM_METRICS and not raw.is_replay
        seq = -1 if raw.seq is None else raw.seq
        if at_ms is None:
            if is_word:
                self._note((device_id, raw.metric, received_at_ms, seq), raw, received_at_ms, received_at_ms)
            return received_at_ms, _NO_DEVICE_TIME
        is_absurd = _is_absurd(at_ms, received_at_ms)
        if is_absurd and not (
            _is_of_hazards(message) or any(self._may_be_alarm(one, raw, device_id) for one in message)
        ):
            raise UnreadableError(ParkReason.ABSURD_TIME, f"observed at {at_ms} ms: a reset device clock")
        stated: Key = (device_id, raw.metric, at_ms, seq)
        if is_absurd or at_ms > received_at_ms + MAX_SKEW_MS:
            return self._by_arrival(stated, raw, received_at_ms)
        if is_word and self._stated.stands_still(stated, raw.value):
            return self._by_arrival(stated, raw, received_at_ms)
        first_ms = self._stated.first_ms(stated, raw.value, received_at_ms)
        if first_ms is not None or self._was_kept(stated, raw):
            # Delivered again, and late: that says nothing of the device's clock, and to put its time right would make
            # another reading of it. Under load a broker does so for hundreds of messages it was given an answer for.
            is_event = is_word and self._is_event(stated, raw, first_ms, received_at_ms)
            return self._by_arrival(stated, raw, received_at_ms) if is_event else None
        behind_ms = 0 if raw.is_replay else self._clocks.behind_ms(device_id, raw.metric, at_ms, received_at_ms)
        late = _LATE if at_ms + behind_ms < received_at_ms - LATE_AFTER_MS else 0
        if behind_ms or is_word:
            self._note(stated, raw, at_ms + behind_ms, received_at_ms)
        return at_ms + behind_ms, late | _SKEWED if behind_ms else late

    def _may_be_alarm(self, one: RawReading, raw: RawReading, device_id: DeviceId) -> bool:
        """Return whether a part of a message is an alarm, or the end of one: all else of a reset clock is parked.

        "No alarm" beside a movement of 1979 would make the device heard and the movement not: a home that is seen and
        silent, where nobody can tell when anything was.
        """
        if one.metric not in ALARM_METRICS:
            return False
        is_others = (one.address, one.part) != (raw.address, raw.part)  # of a pack: its last word is another's
        return is_others or bool(one.value) or self._stated.sounds((device_id, one.metric, -1, -1))

    def _is_event(self, stated: Key, raw: RawReading, first_ms: int | None, received_at_ms: int) -> bool:
        """Return whether a word of an alarm that is known by what it states is no copy.

        A clock that runs never states a time twice: a copy, however late, if it runs. An alarm was noted when it came:
        what is known of one that was not is what the broker had kept of it, which rings nobody.
        """
        if first_ms is None:
            return bool(raw.value)
        if is_redelivered(first_ms, received_at_ms):
            return False
        return bool(raw.value) or self._stated.sounds(stated)  # or the next alarm were one that is told already

    def _by_arrival(self, stated: Key, raw: RawReading, received_at_ms: int) -> tuple[int, int] | None:
        """Judge what states a time that cannot be true: clocks that stand still state one for every event.

        An alarm counts each time: the button that boots at each press, with one date and one seq, has no other way to
        say that it was pressed again, and a press that is told twice costs a call.
        """
        is_word = raw.metric in ALARM_METRICS and not raw.is_replay
        if raw.seq is not None and not (is_word and raw.value):
            first_ms = self._stated.first_ms(stated, raw.value, received_at_ms)
            if first_ms is not None and is_redelivered(first_ms, received_at_ms):
                return None
        if raw.seq is not None or is_word:
            self._note(stated, raw, received_at_ms, received_at_ms)
        if raw.metric not in TIMELESS_METRICS and _is_absurd(stated[2], received_at_ms):
            # A gateway that was reset flushes what it had kept: nobody moved just now because of that.
            return received_at_ms, _UNDATED
        return received_at_ms, _SKEWED

    def _was_kept(self, stated: Key, raw: RawReading) -> bool:
        # What was put right and kept at this very time stated another one: it is no reason to drop this.
        return self._seen.knows(stated, raw.value) and not self._stated.was_moved_to(stated, raw.value)

    def _note(self, stated: Key, raw: RawReading, kept_ms: int, received_at_ms: int) -> None:
        device_id, metric, _, seq = stated
        self.noted.append(Noted(stated, (device_id, metric, kept_ms, seq), raw.value, received_at_ms))


def _is_of_hazards(message: Sequence[RawReading]) -> bool:
    """Return whether a message tells of smoke, gas, CO or water and of nobody who moved.

    Its "no alarm" is heard also where the alarm is not known, from before a restart or as the broker had kept it: the
    alarm would never end, and the next one would count as told.
    """
    told = {one.metric for one in message}
    return not told.isdisjoint(_HAZARDS) and told <= _SHOWS_NOBODY


def _is_absurd(at_ms: int, received_at_ms: int) -> bool:
    return at_ms < FIRST_PLAUSIBLE_MS or at_ms < received_at_ms - OLDEST_OBSERVATION_MS
