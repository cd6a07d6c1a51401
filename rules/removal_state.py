"""What is remembered of devices that were taken out of the registration, until the rules have taken it up."""

import msgspec


class RemovalState(msgspec.Struct, array_like=True, gc=False):
    """Devices that are no longer listed, or have become something else, and since when."""

    devices: list[str] = []
    at_ms: int = 0
    replaced: list[str] = []  # of those, the ones for which another of the same role came into the same room
