"""What the pipeline asks of a time-series store: a projection of the journal with its own durable cursor."""

from collections.abc import Sequence
from typing import Protocol

from core.errors import ShouwangError
from core.log import LogEntry


class RetryLaterError(ShouwangError):
    """The store cannot take it now; nothing is lost, the cursor stands. Try again after `retry_after_ms`."""

    def __init__(self, what: str, *, retry_after_ms: int) -> None:
        super().__init__(f"{what}; trying again in {retry_after_ms} ms")
        self.retry_after_ms = retry_after_ms


class SeriesSink(Protocol):
    """Where readings become curves. Writing the same entries again is harmless."""

    def write(self, entries: Sequence[LogEntry]) -> None:
        """Take the readings of entries in order and move the cursor to the last one's seq, both or neither.

        Raises RetryLaterError when the store cannot take them now, ConfigurationError when a person must act.
        """
        ...

    def cursor(self) -> int:
        """Return the seq of the last entry that was taken; 0 before the first."""
        ...

    def close(self) -> None:
        """Release files and connections; what was taken stays."""
        ...
