"""A device with a wrong clock: its messages as they would come, taken in by the very door that takes messages in."""

from collections.abc import Mapping

from app.evaluation.recordings import Recording
from core.events import Metric, Reading
from device_sim.messages import SimEvent, messages_of
from ingest.admission import Admission
from registry.homes import Device


class OneDevice:
    """A directory that knows one device."""

    def __init__(self, device: Device) -> None:
        self._device = device

    def find(self, address: str) -> Device | None:
        """Return the device under its address."""
        return self._device if address == self._device.address else None

    def look(self) -> bool:
        """Return True: nothing of it changes."""
        return True

    def find_part(self, address: str, part: str) -> Device | None:
        """Return nothing: a recorded device is no part of another."""
        _ = address, part
        return None

    def record(self, address: str) -> Mapping[str, str]:
        """Return nothing: our own convention needs no install record."""
        _ = address
        return {}

    def is_rejected(self, address: str) -> bool:
        """Return False: a recorded device is one of ours."""
        _ = address
        return False


def through_admission(recording: Recording, device: Device, from_ms: int, skew_ms: int) -> list[Reading]:
    """Return all readings in order of arrival; those of a device from a moment on carry its clock's own times."""
    own = [r for r in recording.readings if r.device_id == device.id and r.observed_at_ms >= from_ms]
    others = [r for r in recording.readings if not (r.device_id == device.id and r.observed_at_ms >= from_ms)]
    admission = Admission(OneDevice(device))
    events = (SimEvent(r.observed_at_ms + skew_ms, device.id, Metric(r.metric), _plain(r.value)) for r in own)
    taken: list[Reading] = []
    for reading, message in zip(own, messages_of(events), strict=True):
        arrived_ms = reading.received_at_ms
        taken += admission.admit(message.topic, message.payload, retain=False, received_at_ms=arrived_ms).readings
    return sorted([*others, *taken], key=lambda reading: reading.received_at_ms)


def _plain(value: bool | float | str) -> bool | float:  # noqa: FBT001  # a reading's value
    return value if not isinstance(value, str) else False
