"""A parked message on its way through the committer once more, which settles it with the readings it gives."""

from collections.abc import Callable

from core.log import ParkedMessage

REREAD_AT_ONCE = 200
"""Parked messages that go through the committer between two looks: live messages never wait for more than these."""


class Rereading:
    """Stands in a frame where a connection stands; its acknowledgement says that the outcome is on the disk."""

    def __init__(self, parked: ParkedMessage, on_settled: Callable[[int], None]) -> None:
        self.parked = parked
        self._on_settled = on_settled

    def ack(self, mid: int) -> bool:
        """Tell that the message was read again, whatever came of it."""
        self._on_settled(mid)
        return True
