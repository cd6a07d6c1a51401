"""The door: raw messages in, readings worth keeping or parked messages out; a duplicate is let in once."""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import NamedTuple

from core.events import Flag, Reading
from core.limits import LATE_AFTER_MS, MAX_SKEW_MS, OLDEST_OBSERVATION_MS
from core.log import ParkedMessage, ParkReason
from ingest.clocks import Clocks
from ingest.formats.conventions import Conventions
from ingest.ports import DefinitionStore, DeviceDirectory
from ingest.raw import Message, RawReading, UnreadableError
from registry.homes import Device

DEDUPE_KEYS = 200_000
"""About two hours at 25 readings/s, or a day's backlog of a hundred homes: far beyond any redelivery; 40 MB."""

FIRST_PLAUSIBLE_MS = 946_684_800_000
"""2000-01-01 UTC: a device that says earlier has lost its clock."""


# Plain numbers: an IntFlag costs as much as the rest of a reading.
_REPLAY, _LATE, _SKEWED, _NO_DEVICE_TIME = map(int, (Flag.REPLAY, Flag.LATE, Flag.SKEWED, Flag.NO_DEVICE_TIME))


class Admitted(NamedTuple):
    """What one message came to. Both, where only some of the devices it speaks of are registered."""

    readings: tuple[Reading, ...] = ()
    parked: ParkedMessage | None = None


class Admission:
    """Decodes, resolves, checks and dedupes messages; used by one thread."""

    def __init__(
        self,
        directory: DeviceDirectory,
        known_keys: Iterable[tuple[str, str, int, int]] = (),
        topics: Sequence[str] = ("#",),
        definitions: DefinitionStore | None = None,
    ) -> None:
        """`known_keys` are those of readings already kept; `topics` the filters that somebody listens to.

        What `definitions` has kept is heard first: a leak that comes before its bridge's list is read all the same.
        """
        self._directory = directory
        self.conventions = Conventions(directory.record, topics)
        self._definitions = definitions
        self._clocks = Clocks()
        if definitions is not None:
            self._recall(definitions)
        self._seen = OrderedDict.fromkeys(known_keys)
        self.duplicates = 0
        self.admitted = 0
        self.parked = 0

    def admit(self, topic: str, payload: bytes, *, retain: bool, received_at_ms: int) -> Admitted:
        """Return the new readings of one message, possibly none, or the message parked whole with its reason.

        One bad value parks the whole message: half a message would look like a sensor that never spoke.
        """
        message = Message(topic, payload, retain, received_at_ms)
        try:
            return self._resolved(message, self.conventions.decode(message))
        except UnreadableError as error:
            return Admitted((), self._park(message, error.reason, error.detail))

    def keep_definitions(self) -> None:
        """Keep what messages since the last time have told of others; raises DurabilityError."""
        changes = self.conventions.learned.take()
        if changes and self._definitions is not None:
            self._definitions.save(changes)

    def _recall(self, definitions: DefinitionStore) -> None:
        for topic, payload in definitions.load():
            with suppress(UnreadableError):  # it was told and parked when it came
                self.conventions.decode(Message(topic, payload, retain=True, received_at_ms=0))
        self.conventions.learned.take()

    def _resolved(self, message: Message, raws: tuple[RawReading, ...]) -> Admitted:
        readings: list[Reading] = []
        unknown = ""
        for raw in raws:
            device = self._device(raw)
            if device is not None:
                readings.append(self._reading(raw, device, message.received_at_ms))
            elif raw.is_main or self._directory.find(raw.address) is None:
                unknown = f"{raw.address}/{raw.part}" if raw.part else raw.address
        parked = self._park(message, ParkReason.UNKNOWN_DEVICE, f"nobody registered {unknown}") if unknown else None
        return Admitted(tuple(reading for reading in readings if self._is_new(reading)), parked)

    def _device(self, raw: RawReading) -> Device | None:
        if raw.part and (device := self._directory.find_part(raw.address, raw.part)) is not None:
            return device
        return self._directory.find(raw.address) if raw.is_main else None

    def _reading(self, raw: RawReading, device: Device, received_at_ms: int) -> Reading:
        observed_at_ms, flags = self._event_time(raw, device, received_at_ms)
        return Reading(
            home_id=device.home_id,
            device_id=device.id,
            metric=raw.metric,
            value=raw.value,
            observed_at_ms=observed_at_ms,
            received_at_ms=received_at_ms,
            seq=raw.seq,
            flags=flags | _REPLAY if raw.is_replay else flags,
        )

    def _park(self, message: Message, reason: ParkReason, detail: str) -> ParkedMessage:
        self.parked += 1
        return ParkedMessage(
            received_at_ms=message.received_at_ms,
            topic=message.topic,
            payload=message.payload,
            reason=reason,
            detail=detail,
            retain=message.retain,
        )

    def _event_time(self, raw: RawReading, device: Device, received_at_ms: int) -> tuple[int, int]:
        at_ms = raw.observed_at_ms
        if at_ms is None:
            return received_at_ms, _NO_DEVICE_TIME
        if at_ms < FIRST_PLAUSIBLE_MS or at_ms < received_at_ms - OLDEST_OBSERVATION_MS:
            raise UnreadableError(ParkReason.ABSURD_TIME, f"observed at {at_ms} ms: a reset device clock")
        if at_ms > received_at_ms + MAX_SKEW_MS:
            return received_at_ms, _SKEWED
        behind_ms = 0 if raw.is_replay else self._clocks.behind_ms(device.id, raw.metric, at_ms, received_at_ms)
        at_ms += behind_ms
        late = _LATE if at_ms < received_at_ms - LATE_AFTER_MS else 0
        return at_ms, late | _SKEWED if behind_ms else late

    def _is_new(self, reading: Reading) -> bool:
        key = reading.key
        if key in self._seen:
            self._seen.move_to_end(key)
            self.duplicates += 1
            return False
        self._seen[key] = None
        if len(self._seen) > DEDUPE_KEYS:
            self._seen.popitem(last=False)
        self.admitted += 1
        return True
