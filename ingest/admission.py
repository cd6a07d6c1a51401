"""The door: raw messages in, readings worth keeping or parked messages out; a duplicate is let in once."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import NamedTuple

import msgspec

from core.events import ALARM_METRICS, Flag, Reading
from core.limits import LATE_AFTER_MS, MAX_SKEW_MS
from core.log import ParkedMessage, ParkReason, Reread, UnknownPart
from core.text import Bilingual
from ingest.event_time import EventTimes
from ingest.formats.announced import MAX_ANNOUNCED
from ingest.formats.conventions import Conventions
from ingest.ports import DefinitionStore, DeviceDirectory
from ingest.raw import Message, RawReading, UnreadableError
from ingest.stated import arrived_by
from ingest.window import Window
from registry.homes import Device
from rules.emergency import is_sounding

DEDUPE_KEYS = 200_000
"""At least half of them: an hour at 25 readings/s, four seconds at 25,000, and twice what can be in flight; 40 MB."""

MAX_QUOTED = 200
"""Characters of an address in the words about it; a topic may have 20,000, and pages show a hundred such words."""


# Plain numbers: an IntFlag costs as much as the rest of a reading.
_REPLAY, _LATE, _SKEWED, _REREAD = map(int, (Flag.REPLAY, Flag.LATE, Flag.SKEWED, Flag.REREAD))


class Admitted(NamedTuple):
    """What one message came to. Both, where only some of the devices it speaks of are registered."""

    readings: tuple[Reading, ...] = ()
    parked: ParkedMessage | None = None


class Admission:
    """Decodes, resolves, checks and dedupes messages; used by one thread."""

    def __init__(
        self,
        directory: DeviceDirectory,
        known: Sequence[Reading] = (),
        topics: Sequence[str] = ("#",),
        definitions: DefinitionStore | None = None,
        *,
        max_announced: int = MAX_ANNOUNCED,
        now_ms: int | None = None,
    ) -> None:
        """`known` are readings already kept, oldest first; `topics` the filters that somebody listens to.

        `now_ms` is the time of the start, where it may be before that of `known`.

        What `definitions` has kept is heard first: a leak that comes before its bridge's list is read all the same.
        """
        self._directory = directory
        self.conventions = Conventions(directory.record, topics, max_announced)
        self._definitions = definitions
        if definitions is not None:
            self._recall(definitions)
        self._seen = Window(DEDUPE_KEYS, ((reading.key, reading.value) for reading in known))
        self._times = EventTimes(self._seen, DEDUPE_KEYS, known if now_ms is None else arrived_by(now_ms, known))
        self.duplicates = 0
        self.admitted = 0
        self.parked = 0
        self.on_announced: Callable[[tuple[str, ...]], None] = _nobody_listens  # told of what to hear beside `topics`
        self._announced = self.conventions.announced.topics

    def admit(self, topic: str, payload: bytes, *, retain: bool, received_at_ms: int) -> Admitted:
        """Return the new readings of one message, possibly none, or the message parked whole with its reason.

        One bad value parks the whole message: half a message would look like a sensor that never spoke.
        """
        readings: list[Reading] = []
        parked = self.take(Message(topic, payload, retain, received_at_ms), readings)
        return Admitted(tuple(readings), parked)

    def take(self, message: Message, readings: list[Reading]) -> ParkedMessage | None:
        """Do the same where every microsecond counts: add the new readings to a list, return what is parked."""
        try:
            parked = self._resolve(message, self.conventions.decode(message), readings)
        except UnreadableError as error:
            return self._park(message, error.reason, error.detail)
        self.parked += parked is not None
        return parked

    def keep_definitions(self) -> None:
        """Keep what messages have told of others since the last time, tell of new topics; raises DurabilityError."""
        announced = self.conventions.announced.topics
        if announced is not self._announced:
            self._announced = announced
            self.on_announced(announced)
        changes = self.conventions.learned.take()
        if changes and self._definitions is not None:
            self._definitions.save(changes)

    def _recall(self, definitions: DefinitionStore) -> None:
        for topic, payload in definitions.load():
            with suppress(UnreadableError):  # it was told and parked when it came
                self.conventions.decode(Message(topic, payload, retain=True, received_at_ms=0))
        self.conventions.learned.take()

    def look_again(self) -> bool:
        """Know the registry of this moment; return False while it cannot be read."""
        return self._directory.look()

    def reread(self, parked: ParkedMessage, now_ms: int) -> tuple[tuple[Reading, ...], Reread]:
        """Read a parked message again; return the readings that it gives now, and what that settles of it.

        Its times are those of its own arrival. What it said of devices that were registered then is kept already.
        """
        message = Message(parked.topic, parked.payload, parked.retain, parked.received_at_ms)
        found: list[Reading] = []
        try:
            still = self._resolve(message, _left_of(parked, self.conventions.decode(message)), found)
        except UnreadableError as error:
            still = msgspec.structs.replace(parked, reason=error.reason, detail=error.detail, unknown=())
            return (), Reread(parked_id=parked.id, still=still)
        left = {(one.address, one.part) for one in still.unknown} if still is not None else set[tuple[str, str]]()
        settled = tuple(part for part in parked.unknown if (part.address, part.part) not in left)
        if still is not None and still.reason is ParkReason.REJECTED_DEVICE:
            still = None  # nobody wants the rest
        readings = tuple(_arrived(reading, now_ms) for reading in found)
        return readings, Reread(parked_id=parked.id, settled=settled, still=still)

    def _resolve(self, message: Message, raws: tuple[RawReading, ...], readings: list[Reading]) -> ParkedMessage | None:
        times = self._times
        if times.noted:  # of a message that was refused
            times.forget()
        found: list[Reading] = []
        copies = 0
        unknown: dict[tuple[str, str], list[RawReading]] | None = None
        received_at_ms = message.received_at_ms
        find, late = self._directory.find, times.late
        earliest_ms, latest_ms = received_at_ms - LATE_AFTER_MS, received_at_ms + MAX_SKEW_MS
        for raw in raws:
            device = find(raw.address) if raw.is_main and not raw.part else self._device(raw)
            if device is not None:
                observed_at_ms, flags = raw.observed_at_ms, 0
                if (
                    observed_at_ms is None
                    or not earliest_ms <= observed_at_ms <= latest_ms
                    or device.id in late
                    or raw.metric in ALARM_METRICS
                ):
                    if (judged := times.of(raw, device.id, received_at_ms, raws)) is None:
                        copies += 1
                        continue
                    observed_at_ms, flags = judged
                if raw.is_replay:
                    flags |= _REPLAY
                found.append(
                    Reading(
                        device.home_id, device.id, raw.metric, raw.value, observed_at_ms, received_at_ms, raw.seq, flags
                    )
                )
            elif raw.is_main or find(raw.address) is None:
                unknown = {} if unknown is None else unknown
                unknown.setdefault((raw.address, raw.part), []).append(raw)
        # After all have been read: one bad time refuses the message whole, and nothing of it may count as seen.
        self._add_new(found, readings)
        self.duplicates += copies
        return None if unknown is None else self._parked_for(message, unknown)

    def _parked_for(self, message: Message, unknown: dict[tuple[str, str], list[RawReading]]) -> ParkedMessage:
        strange = [key for key in unknown if not self._directory.is_rejected(key[0])]
        address, part = (strange or list(unknown))[-1]
        named = _quoted(f"{address}/{part}" if part else address)
        return ParkedMessage(
            received_at_ms=message.received_at_ms,
            topic=message.topic,
            payload=message.payload,
            reason=ParkReason.UNKNOWN_DEVICE if strange else ParkReason.REJECTED_DEVICE,
            detail=str(_strange(named) if strange else _rejected(named)),
            retain=message.retain,
            unknown=tuple(_unknown_part(*key, raws) for key, raws in unknown.items()),
        )

    def _device(self, raw: RawReading) -> Device | None:
        """Return whose value a part of something is: the part's own device, or the main part's whole."""
        if raw.part and (device := self._directory.find_part(raw.address, raw.part)) is not None:
            return device
        return self._directory.find(raw.address) if raw.is_main else None

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

    def _add_new(self, found: list[Reading], readings: list[Reading]) -> None:
        seen, said = self._seen.has, self._seen.has_said
        for reading in found:
            if (said if reading.flags & _SKEWED else seen)(reading.key, reading.value):
                self.duplicates += 1
            else:
                self.admitted += 1
                readings.append(reading)
        if self._times.noted:
            self._times.keep()


def _nobody_listens(_topics: tuple[str, ...]) -> None:
    """Stand in until a session takes its place."""


def _unknown_part(address: str, part: str, raws: Sequence[RawReading]) -> UnknownPart:
    sounding = [raw.metric for raw in raws if raw.metric in ALARM_METRICS and is_sounding(raw.metric, raw.value)]
    metrics, alarms = ([metric.value for metric in found] for found in ([raw.metric for raw in raws], sounding))
    return UnknownPart(address, part, tuple(dict.fromkeys(metrics)), tuple(dict.fromkeys(alarms)))


def _left_of(parked: ParkedMessage, raws: tuple[RawReading, ...]) -> tuple[RawReading, ...]:
    """Return what nobody took of a message when it came; a device that is read in other parts by now is read whole."""
    if not parked.unknown:
        return raws
    left = {(one.address, one.part) for one in parked.unknown}
    told_now = {(raw.address, raw.part) for raw in raws}
    read_otherwise = {address for address, part in left if (address, part) not in told_now}
    return tuple(raw for raw in raws if (raw.address, raw.part) in left or raw.address in read_otherwise)


def _arrived(reading: Reading, now_ms: int) -> Reading:
    """Return a reading of a message that was parked: it comes to the rules now, and is late."""
    late = _LATE if reading.observed_at_ms < now_ms - LATE_AFTER_MS else 0
    return msgspec.structs.replace(reading, received_at_ms=now_ms, flags=reading.flags | late | _REREAD)


def _quoted(address: str) -> str:
    return address if len(address) <= MAX_QUOTED else address[: MAX_QUOTED - 1] + "…"


def _strange(named: str) -> Bilingual:
    return Bilingual(f"{named} 未登记", f"nobody registered {named}")


def _rejected(named: str) -> Bilingual:
    return Bilingual(f"{named} 已拒收", f"{named} was rejected")
