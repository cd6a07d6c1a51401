"""The door: raw messages in, readings worth keeping or parked messages out; a duplicate is let in once."""

from collections import OrderedDict
from collections.abc import Iterable

from core.events import Flag, Reading
from core.limits import LATE_AFTER_MS, MAX_SKEW_MS, OLDEST_OBSERVATION_MS
from core.log import ParkedMessage, ParkReason
from ingest.formats import native
from ingest.formats.zigbee2mqtt import Zigbee2Mqtt
from ingest.ports import DeviceDirectory
from ingest.raw import MAX_PAYLOAD_BYTES, RawReading, UnreadableError

DEDUPE_KEYS = 200_000
"""About two hours at 25 readings/s, or a day's backlog of a hundred homes: far beyond any redelivery; 40 MB."""

FIRST_PLAUSIBLE_MS = 946_684_800_000
"""2000-01-01 UTC: a device that says earlier has lost its clock."""


class Admission:
    """Decodes, resolves, checks and dedupes messages; used by one thread."""

    def __init__(self, directory: DeviceDirectory, known_keys: Iterable[tuple[str, str, int, int]] = ()) -> None:
        self._directory = directory
        self._zigbee2mqtt = Zigbee2Mqtt()
        self._seen = OrderedDict.fromkeys(known_keys)
        self.duplicates = 0
        self.admitted = 0
        self.parked = 0

    def admit(
        self, topic: str, payload: bytes, *, retain: bool, received_at_ms: int
    ) -> tuple[Reading, ...] | ParkedMessage:
        """Return the new readings of one message, possibly none, or the message parked whole with its reason.

        One bad value parks the whole message: half a message would look like a sensor that never spoke.
        """
        try:
            readings = [
                reading
                for raw in self._decode(topic, payload, retain=retain, received_at_ms=received_at_ms)
                if (reading := self._resolve(raw, received_at_ms)) is not None
            ]
        except UnreadableError as error:
            self.parked += 1
            return ParkedMessage(
                received_at_ms=received_at_ms,
                topic=topic,
                payload=payload,
                reason=error.reason,
                detail=error.detail,
                retain=retain,
            )
        return tuple(reading for reading in readings if self._is_new(reading))

    def _decode(self, topic: str, payload: bytes, *, retain: bool, received_at_ms: int) -> tuple[RawReading, ...]:
        if len(payload) > MAX_PAYLOAD_BYTES:
            raise UnreadableError(ParkReason.TOO_LARGE, f"{len(payload)} bytes; the limit is {MAX_PAYLOAD_BYTES}")
        if native.speaks(topic):
            return native.decode(topic, payload, retain=retain)
        if self._zigbee2mqtt.speaks(topic):
            return self._zigbee2mqtt.decode(topic, payload, retain=retain, received_at_ms=received_at_ms)
        raise UnreadableError(ParkReason.UNKNOWN_TOPIC, "no convention that we speak uses this topic")

    def _resolve(self, raw: RawReading, received_at_ms: int) -> Reading | None:
        device = self._directory.find(raw.address)
        if device is None:
            raise UnreadableError(ParkReason.UNKNOWN_DEVICE, f"nobody registered {raw.address}")
        observed_at_ms, flags = self._event_time(raw, received_at_ms)
        return Reading(
            home_id=device.home_id,
            device_id=device.id,
            metric=raw.metric,
            value=raw.value,
            observed_at_ms=observed_at_ms,
            received_at_ms=received_at_ms,
            seq=raw.seq,
            flags=int(flags | (Flag.REPLAY if raw.is_replay else Flag.NONE)),
        )

    def _event_time(self, raw: RawReading, received_at_ms: int) -> tuple[int, Flag]:
        at_ms = raw.observed_at_ms
        if at_ms is None:
            return received_at_ms, Flag.NO_DEVICE_TIME
        if at_ms < FIRST_PLAUSIBLE_MS or at_ms < received_at_ms - OLDEST_OBSERVATION_MS:
            raise UnreadableError(ParkReason.ABSURD_TIME, f"observed at {at_ms} ms: a reset device clock")
        if at_ms > received_at_ms + MAX_SKEW_MS:
            return received_at_ms, Flag.SKEWED
        return at_ms, Flag.LATE if at_ms < received_at_ms - LATE_AFTER_MS else Flag.NONE

    def _is_new(self, reading: Reading) -> bool:
        if reading.key in self._seen:
            self._seen.move_to_end(reading.key)
            self.duplicates += 1
            return False
        self._seen[reading.key] = None
        if len(self._seen) > DEDUPE_KEYS:
            self._seen.popitem(last=False)
        self.admitted += 1
        return True
