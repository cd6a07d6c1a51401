"""The door: raw messages in, readings worth keeping or parked messages out; a duplicate is let in once."""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import NamedTuple

import msgspec

from core.events import Flag, Reading
from core.limits import LATE_AFTER_MS, MAX_SKEW_MS, OLDEST_OBSERVATION_MS
from core.log import ParkedMessage, ParkReason, Reread, UnknownPart
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

    def reread(self, parked: ParkedMessage, now_ms: int) -> tuple[tuple[Reading, ...], Reread]:
        """Read a parked message again; return the readings that it gives now, and what that settles of it.

        Its times are those of its own arrival. What it said of devices that were registered then is kept already.
        """
        message = Message(parked.topic, parked.payload, parked.retain, parked.received_at_ms)
        self._directory.find("")  # an address that nobody has is looked up at once: this reads by today's registry
        try:
            raws = self.conventions.decode(message)
            readings, unknown = self._told(_left_of(parked, raws), message.received_at_ms, now_ms)
        except UnreadableError as error:
            still = msgspec.structs.replace(parked, reason=error.reason, detail=error.detail, unknown=())
            return (), Reread(parked_id=parked.id, still=still)
        settled = tuple(part for part in parked.unknown if (part.address, part.part) not in unknown)
        still = self._parked_for(message, unknown) if unknown else None
        if still is not None and still.reason is ParkReason.REJECTED_DEVICE:
            still = None  # nobody wants the rest
        new = tuple(reading for reading in readings if self._is_new(reading))
        return new, Reread(parked_id=parked.id, settled=settled, still=still)

    def _resolved(self, message: Message, raws: tuple[RawReading, ...]) -> Admitted:
        readings, unknown = self._told(raws, message.received_at_ms, message.received_at_ms)
        if not unknown:
            return Admitted(tuple(reading for reading in readings if self._is_new(reading)))
        self.parked += 1
        parked = self._parked_for(message, unknown)
        return Admitted(tuple(reading for reading in readings if self._is_new(reading)), parked)

    def _told(
        self, raws: Iterable[RawReading], received_at_ms: int, now_ms: int
    ) -> tuple[list[Reading], dict[tuple[str, str], list[str]]]:
        """Return the readings of registered devices, and the metrics of the others by address and part."""
        readings: list[Reading] = []
        unknown: dict[tuple[str, str], list[str]] = {}
        for raw in raws:
            device = self._device(raw)
            if device is not None:
                readings.append(self._reading(raw, device, received_at_ms, now_ms))
            elif raw.is_main or self._directory.find(raw.address) is None:
                unknown.setdefault((raw.address, raw.part), []).append(raw.metric.value)
        return readings, unknown

    def _parked_for(self, message: Message, unknown: dict[tuple[str, str], list[str]]) -> ParkedMessage:
        strange = [key for key in unknown if not self._directory.is_rejected(key[0])]
        address, part = (strange or list(unknown))[-1]
        named = f"{address}/{part}" if part else address
        return ParkedMessage(
            received_at_ms=message.received_at_ms,
            topic=message.topic,
            payload=message.payload,
            reason=ParkReason.UNKNOWN_DEVICE if strange else ParkReason.REJECTED_DEVICE,
            detail=f"nobody registered {named}" if strange else f"{named} was rejected",
            retain=message.retain,
            unknown=tuple(UnknownPart(*key, tuple(dict.fromkeys(metrics))) for key, metrics in unknown.items()),
        )

    def _device(self, raw: RawReading) -> Device | None:
        if raw.part and (device := self._directory.find_part(raw.address, raw.part)) is not None:
            return device
        return self._directory.find(raw.address) if raw.is_main else None

    def _reading(self, raw: RawReading, device: Device, received_at_ms: int, now_ms: int) -> Reading:
        observed_at_ms, flags = self._event_time(raw, device, received_at_ms)
        if observed_at_ms < now_ms - LATE_AFTER_MS:
            flags |= _LATE
        return Reading(
            home_id=device.home_id,
            device_id=device.id,
            metric=raw.metric,
            value=raw.value,
            observed_at_ms=observed_at_ms,
            received_at_ms=now_ms,
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
        return at_ms + behind_ms, _SKEWED if behind_ms else 0

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


def _left_of(parked: ParkedMessage, raws: tuple[RawReading, ...]) -> tuple[RawReading, ...]:
    """Return what nobody took of a message when it came; a device that is read in other parts by now is read whole."""
    if not parked.unknown:
        return raws
    left = {(one.address, one.part) for one in parked.unknown}
    told_now = {(raw.address, raw.part) for raw in raws}
    read_otherwise = {address for address, part in left if (address, part) not in told_now}
    return tuple(raw for raw in raws if (raw.address, raw.part) in left or raw.address in read_otherwise)
