"""When something was observed: what a device states, where that can be true, and whether it is only told again."""

from collections.abc import Container

from core.events import Flag
from core.ids import DeviceId
from core.limits import LATE_AFTER_MS, MAX_SKEW_MS, OLDEST_OBSERVATION_MS
from core.log import ParkReason
from ingest.clocks import Clocks
from ingest.raw import RawReading, UnreadableError
from ingest.stated import Moved, Stated
from ingest.window import Key, Window

FIRST_PLAUSIBLE_MS = 946_684_800_000
"""2000-01-01 UTC: a device that says earlier has lost its clock."""

# Plain numbers: an IntFlag costs as much as the rest of a reading.
_LATE, _SKEWED, _NO_DEVICE_TIME = map(int, (Flag.LATE, Flag.SKEWED, Flag.NO_DEVICE_TIME))


class EventTimes:
    """Judges the times of one message after the other; what it learns of one counts once the message is kept."""

    def __init__(self, seen: Window, most: int) -> None:
        """`seen` are the readings that were kept, by the times they were kept under; `most` as it remembers."""
        self._seen = seen
        self._stated = Stated(most)
        self._clocks = Clocks()
        self.moved: list[Moved] = []  # what was put right in the message in hand
        self.late: Container[DeviceId] = self._clocks.late  # whose clocks are in question, also when they seem right

    def forget(self) -> None:
        """Forget the message in hand: it was refused."""
        self.moved.clear()

    def keep(self) -> None:
        """Know the message in hand by the times it states from now on: its readings are kept."""
        self._stated.keep(self.moved)
        self.moved.clear()

    def of(self, raw: RawReading, device_id: DeviceId, received_at_ms: int) -> tuple[int, int] | None:
        """Return the time to keep it under and flags, None when it is known already; raises UnreadableError."""
        at_ms = raw.observed_at_ms
        if at_ms is None:
            return received_at_ms, _NO_DEVICE_TIME
        if at_ms < FIRST_PLAUSIBLE_MS or at_ms < received_at_ms - OLDEST_OBSERVATION_MS:
            raise UnreadableError(ParkReason.ABSURD_TIME, f"observed at {at_ms} ms: a reset device clock")
        stated: Key = (device_id, raw.metric, at_ms, -1 if raw.seq is None else raw.seq)
        if self._is_known(stated, raw):
            # Delivered again, and late: that says nothing of the device's clock, and to put its time right would make
            # another reading of it. Under load a broker does so for hundreds of messages it was given an answer for.
            return None
        if at_ms > received_at_ms + MAX_SKEW_MS:
            if raw.seq is not None:  # a clock that stands still states one time for every event
                self._move(stated, raw, received_at_ms)
            return received_at_ms, _SKEWED
        behind_ms = 0 if raw.is_replay else self._clocks.behind_ms(device_id, raw.metric, at_ms, received_at_ms)
        if behind_ms:
            self._move(stated, raw, at_ms + behind_ms)
        at_ms += behind_ms
        late = _LATE if at_ms < received_at_ms - LATE_AFTER_MS else 0
        return at_ms, late | _SKEWED if behind_ms else late

    def _is_known(self, stated: Key, raw: RawReading) -> bool:
        if self._stated.knows(stated, raw.value):
            return True
        # What was put right and kept at this very time stated another one: it is no reason to drop this.
        return self._seen.knows(stated, raw.value) and not self._stated.was_moved_to(stated, raw.value)

    def _move(self, stated: Key, raw: RawReading, kept_ms: int) -> None:
        device_id, metric, _, seq = stated
        self.moved.append(Moved(stated, (device_id, metric, kept_ms, seq), raw.value))
