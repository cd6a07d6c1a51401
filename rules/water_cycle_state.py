"""What a home remembers of water that is drawn over and over the same."""

import msgspec


class WaterDraw(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The beginning of one run of water."""

    at_ms: int
    size: float  # litres of the first step, or litres an hour of a flow
    pause_ms: int  # since the draw before; 0: the first one
    blur_ms: int  # how far its time may be off: the meter's own interval


class WaterCycleState(msgspec.Struct, array_like=True, gc=False):
    """The last draw, how many in a row were like the one before, and which one a hand must have made."""

    last: WaterDraw | None = None
    alike: int = 0
    run_ms: int | None = None  # the draw that the ones alike go on from
    proof_ms: int | None = None  # the last draw that no machine made
