"""Device time stamps as payloads write them; refuses a local time without its zone."""

from datetime import UTC, datetime, timedelta

from core.log import ParkReason
from ingest.raw import UnreadableError

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)

FIRST_EPOCH_MS = 100_000_000_000
"""Epoch numbers below this are seconds (as milliseconds they would lie before March 1973)."""


def device_time_ms(stamp: object) -> int:
    """Return UTC ms of an ISO 8601 text with a zone, or of an epoch number in s or ms; raises UnreadableError."""
    if isinstance(stamp, str):
        try:
            return (datetime.fromisoformat(stamp) - _EPOCH) // _MS
        except (ValueError, OverflowError, TypeError) as error:  # a TypeError: it has no zone
            raise UnreadableError(ParkReason.ABSURD_TIME, f"not a time with a zone: {stamp!r:.60}") from error
    if isinstance(stamp, int | float) and not isinstance(stamp, bool) and abs(stamp) < 1e15:  # noqa: PLR2004  # year 33658
        return int(stamp * 1000) if stamp < FIRST_EPOCH_MS else int(stamp)
    raise UnreadableError(ParkReason.ABSURD_TIME, f"not a time: {stamp!r:.60}")
