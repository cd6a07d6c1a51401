"""What ingest asks of others: a log that keeps its promises, and a directory of registered devices."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from core.events import Reading
from core.log import ParkedMessage, Reread
from registry.homes import Device


class ReadingLog(Protocol):
    """Where readings become durable; the journal fits it."""

    def append(
        self,
        readings: Sequence[Reading],
        parked: Sequence[ParkedMessage] = (),
        *,
        log_time_ms: int,
        is_tick: bool = False,
        rereads: Sequence[Reread] = (),
    ) -> int:
        """Return the entry's seq once it is on the disk, settled rereads with it; raise DurabilityError otherwise.

        NoRoomError, a DurabilityError, says that nothing was written and the same may be tried again later.
        """
        ...

    def recent_readings(self, limit: int) -> list[Reading]:
        """Return about the last `limit` readings, oldest first."""
        ...


class DefinitionStore(Protocol):
    """Where definitions outlast a restart; the definition file fits it."""

    def load(self) -> Iterable[tuple[str, bytes]]:
        """Return (topic, payload) of every definition, in the order in which they came."""
        ...

    def save(self, changes: Mapping[str, tuple[str, bytes]]) -> None:
        """Keep definitions by key; an empty payload deletes. Raises DurabilityError."""
        ...


class DeviceDirectory(Protocol):
    """Who is registered under an address; decides itself when to look again."""

    def find(self, address: str) -> Device | None:
        """Return the device whose messages are filed under the address, or None."""
        ...

    def look(self) -> bool:
        """Look again now, whatever `find` would do; return whether the registry of this moment is known."""
        ...

    def find_part(self, address: str, part: str) -> Device | None:
        """Return the device registered as a part of what the address names, or None; as last known, never looks."""
        ...

    def record(self, address: str) -> Mapping[str, str]:
        """Return what the install record says of a device's properties; as last known, never looks."""
        ...

    def is_rejected(self, address: str) -> bool:
        """Return whether somebody said that the device is none of ours; as last known, never looks."""
        ...
