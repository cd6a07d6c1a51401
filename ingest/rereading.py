"""A parked message on its way through the committer once more, which settles it with the readings it gives."""

import logging
from collections.abc import Callable, Iterator, Sequence

from core.events import Reading
from core.log import ParkedMessage, Reread
from ingest.admission import Admission

REREAD_AT_ONCE = 200
"""Parked messages that go through the committer between two looks: live messages never wait for more than these."""

_log = logging.getLogger(__name__)


class Rereading:
    """Stands in a frame where a connection stands; its acknowledgement says that the outcome is on the disk."""

    def __init__(self, parked: ParkedMessage, on_settled: Callable[[int], None]) -> None:
        self.parked = parked
        self._on_settled = on_settled

    def ack(self, mid: int) -> bool:
        """Tell that the message was read again, whatever came of it."""
        self._on_settled(mid)
        return True


def read_again(
    admission: Admission, messages: Sequence[ParkedMessage], now_ms: int, entry_readings: int
) -> Iterator[tuple[list[Reading], list[Reread]]]:
    """Yield (readings, outcomes) for an entry each: a message is settled in the one that holds its readings."""
    readings: list[Reading] = []
    outcomes: list[Reread] = []
    for one in messages:
        try:
            told, outcome = admission.reread(one, now_ms)
        except Exception:  # noqa: BLE001  # one message's task ends here: it stays parked as it is
            _log.exception("a parked message could not be read again")
            continue
        readings.extend(told)
        outcomes.append(outcome)
        if len(readings) >= entry_readings:
            yield readings, outcomes
            readings, outcomes = [], []
    if outcomes:
        yield readings, outcomes
