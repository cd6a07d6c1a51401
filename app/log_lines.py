"""Lines of the log with local time and its offset, as everything else shows it; UTC without a word was taken for it."""

import logging
from typing import Any

from core.errors import DurabilityError
from core.localtime import DEFAULT_ZONE_NAME, from_ms, zone

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class LocalLines(logging.Formatter):
    """Writes 2026-11-30 04:12:36+08:00 before a line."""

    def __init__(self, zone_name: str = DEFAULT_ZONE_NAME) -> None:
        super().__init__(FORMAT)
        self._zone = zone(zone_name)

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: ARG002, N802  # the base's
        """Return the time at which it was logged."""
        return from_ms(int(record.created * 1000), self._zone).isoformat(" ", "seconds")

    def formatException(self, ei: Any) -> str:  # noqa: ANN401, N802  # the base's
        """Return what happened: the words alone of a disk that did not keep something, which name file and remedy."""
        return f"    {ei[1]}" if isinstance(ei[1], DurabilityError) else super().formatException(ei)


def log_in_zone(zone_name: str) -> None:
    """Let the lines of this process show that zone's time from now on, where the command line has set them up."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler.formatter, LocalLines):
            handler.setFormatter(LocalLines(zone_name))
