"""What a home remembers of its mornings."""

import msgspec

from rules.longest import Longest


class MorningState(msgspec.Struct, array_like=True, gc=False):
    """When the next morning begins, and how long after that the latest first signs of two months came."""

    next_ms: int | None = None
    firsts: Longest = msgspec.field(default_factory=Longest)
