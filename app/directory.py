"""The directory of registered devices that ingest asks; looks again only when the registry has changed."""

import logging
from collections.abc import Mapping
from types import MappingProxyType

from core.clock import monotonic_s
from core.errors import DurabilityError
from registry.homes import Device
from store.truth.database import Truth

LOOK_AGAIN_S = 1.0
"""How long a changed device may be taken for what it was; an address that nobody knows is looked up each time."""

_NOTHING: Mapping[str, str] = MappingProxyType({})
_log = logging.getLogger(__name__)


class RegistryDirectory:
    """Finds a device by its address; used by one thread (the committer's).

    While the registry cannot be read it goes by what it knew last: a sensor that spoke may not be silent for the rules
    because the database was busy.
    """

    def __init__(self, truth: Truth, look_again_s: float = LOOK_AGAIN_S) -> None:
        """Read the registry once; raises DurabilityError when even that cannot be."""
        self._truth = truth
        self._look_again_s = look_again_s
        self._version = -1
        self._looked_s = float("-inf")
        self._devices: dict[str, Device] = {}
        self._rejected: frozenset[str] = frozenset()
        self._is_stale = False
        self._read()

    def find(self, address: str) -> Device | None:
        """Return the device, or None when nobody registered the address up to this moment."""
        if monotonic_s() - self._looked_s >= self._look_again_s:
            self.look()
        device = self._devices.get(address)
        if device is not None or self._is_stale:
            return device
        self.look()
        return self._devices.get(address)

    def find_part(self, address: str, part: str) -> Device | None:
        """Return the part's device as last known, or None."""
        return self._devices.get(f"{address}/{part}")

    def record(self, address: str) -> Mapping[str, str]:
        """Return the install record of the device as last known; empty for a device without one."""
        device = self._devices.get(address)
        return _NOTHING if device is None else device.units

    def is_rejected(self, address: str) -> bool:
        """Return whether somebody rejected the device, as last known."""
        return address in self._rejected

    def look(self) -> bool:
        """Read the registry now, however soon after the last time; return whether it could be read."""
        try:
            self._read()
        except DurabilityError as error:
            if not self._is_stale:
                _log.warning("the registry cannot be read, devices are known as they were last: %s", error)
            self._is_stale, self._looked_s = True, monotonic_s()
        else:
            self._is_stale = False
        return not self._is_stale

    def _read(self) -> None:
        with self._truth.view() as unit:
            version = unit.people.version()
            if version != self._version:
                self._devices = {device.address: device for home in unit.people.homes() for device in home.devices}
                self._rejected = unit.devices.rejected()
                self._version = version
        self._looked_s = monotonic_s()
