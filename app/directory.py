"""The directory of registered devices that ingest asks; looks again only when the registry has changed."""

from registry.homes import Device
from store.truth.database import Truth


class RegistryDirectory:
    """Finds a device by its address; used by one thread (the committer's)."""

    def __init__(self, truth: Truth) -> None:
        self._truth = truth
        self._version = -1
        self._devices: dict[str, Device] = {}

    def find(self, address: str) -> Device | None:
        """Return the device, or None when nobody registered the address up to this moment."""
        device = self._devices.get(address)
        if device is not None:
            return device
        with self._truth.view() as unit:
            version = unit.people.version()
            if version != self._version:
                self._devices = {device.address: device for home in unit.people.homes() for device in home.devices}
                self._version = version
        return self._devices.get(address)
