"""A directory held in memory: the devices a test registers, with their install records."""

from collections.abc import Mapping

from core.ids import DeviceId, HomeId
from registry.homes import Device, DeviceRole


class DirectoryInMemory:
    """Finds what was registered; nothing else."""

    def __init__(self, *addresses: str, records: Mapping[str, dict[str, str]] | None = None) -> None:
        records = records or {}
        self.rejected: set[str] = set()
        self._devices = {address: device_at(address, records.get(address)) for address in [*addresses, *records]}

    def find(self, address: str) -> Device | None:
        return self._devices.get(address)

    def look(self) -> bool:
        return True

    def find_part(self, address: str, part: str) -> Device | None:
        return self._devices.get(f"{address}/{part}")

    def record(self, address: str) -> Mapping[str, str]:
        device = self._devices.get(address)
        return {} if device is None else device.units

    def is_rejected(self, address: str) -> bool:
        return address in self.rejected

    def register(self, *addresses: str) -> None:
        """Register further addresses, as somebody does while messages come in."""
        self._devices |= {address: device_at(address) for address in addresses}


def device_at(address: str, units: dict[str, str] | None = None) -> Device:
    _, home, *name = [*address.split("/"), ""]
    return Device(
        id=DeviceId("/".join([home, *name]).rstrip("/")),
        home_id=HomeId(home),
        address=address,
        role=DeviceRole.INTERIOR_MOTION,
        units=units or {},
    )
