"""What a home remembers whose front door is all that is seen."""

import msgspec

from rules.longest import Longest


class NoDoorState(msgspec.Struct, array_like=True, gc=False):
    """The last movement of the only door that is seen, and how long it stays shut."""

    first_ms: int | None = None
    last_ms: int | None = None
    pauses: Longest = msgspec.field(default_factory=Longest)
