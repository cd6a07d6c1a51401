"""What each watch remembers of a home: one small struct a watch, plain data, a field of HomeState."""

import msgspec


class MainsState(msgspec.Struct):
    """Since when the gateway has run on its battery."""

    out_ms: int | None = None
