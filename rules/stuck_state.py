"""What the watch of stuck motion sensors remembers."""

import msgspec


class StuckState(msgspec.Struct, array_like=True, gc=False):
    """Since when each motion sensor has shown movement."""

    on_since_ms: dict[str, int] = {}
