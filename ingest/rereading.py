"""A parked message on its way through the committer once more, which settles it with the readings it gives."""

import logging
from collections.abc import Callable, Iterator, Sequence

from core.events import Reading
from core.log import ParkedMessage, Reread
from ingest.admission import Admission
from ingest.framing import Frame
from ingest.lanes import Batch

REREAD_AT_ONCE = 200
"""Parked messages that go through the committer between two looks: live messages never wait for more than these."""

OnSettled = Callable[[int, bool], None]
"""Is told a message's id and whether it was read; False: the registry could not be, and it stays as it was."""

_log = logging.getLogger(__name__)


class Rereading:
    """Stands where a connection stands; its acknowledgement says that an outcome is on the disk."""

    def __init__(self, messages: Sequence[ParkedMessage], on_settled: OnSettled) -> None:
        self._messages = {one.id: one for one in messages}
        self._left: set[int] = set()
        self._on_settled = on_settled

    def messages_of(self, frames: Sequence[Frame]) -> list[ParkedMessage]:
        """Return the messages that some frames stand for."""
        return [self._messages[frame[0]] for frame in frames]

    def leave(self, frames: Sequence[Frame]) -> None:
        """Know that the messages behind some frames were not read: their acknowledgement says so."""
        self._left.update(frame[0] for frame in frames)

    def ack(self, packet_ids: Sequence[int]) -> bool:
        """Tell that messages were read again, whatever came of it, or that they could not be."""
        for parked_id in packet_ids:
            self._on_settled(parked_id, parked_id not in self._left)
        return True


def batch_of(messages: Sequence[ParkedMessage], on_settled: OnSettled) -> Batch:
    """Return parked messages as one connection's batch."""
    frames = [(one.id, one.topic, one.payload, one.retain) for one in messages]
    return Batch(Rereading(messages, on_settled), 0, frames)


def read_again(
    admission: Admission, given: Sequence[tuple[Rereading, Sequence[Frame]]], now_ms: int, entry_readings: int
) -> Iterator[tuple[list[Reading], list[Reread]]]:
    """Yield (readings, outcomes) for an entry each: a message is settled in the one that holds its readings.

    One that is given twice is read once. While the registry cannot be read none is, and whoever gave them is told.
    """
    if given and not admission.look_again():
        for rereading, frames in given:
            rereading.leave(frames)
        return
    readings: list[Reading] = []
    outcomes: list[Reread] = []
    for one in {one.id: one for rereading, frames in given for one in rereading.messages_of(frames)}.values():
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
