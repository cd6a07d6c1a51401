"""A directory held in memory: the devices a test registers, or every address of one home."""

from core.ids import DeviceId, HomeId
from registry.homes import Device, DeviceRole


class DirectoryInMemory:
    """Finds what was registered; nothing else."""

    def __init__(self, *addresses: str) -> None:
        self._devices = {address: device_at(address) for address in addresses}

    def find(self, address: str) -> Device | None:
        return self._devices.get(address)


def device_at(address: str) -> Device:
    _, home, *name = [*address.split("/"), ""]
    return Device(
        id=DeviceId("/".join([home, *name]).rstrip("/")),
        home_id=HomeId(home),
        address=address,
        role=DeviceRole.INTERIOR_MOTION,
    )
