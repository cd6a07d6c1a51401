"""Deaf ticks that the journal owes: what found no room, in a file beside it, and what the clock leapt over."""

import logging
import os
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec

from core.clock import Leap

SIZE = 512
"""Written in place: a full disk takes it, and so small a piece is whole, or its checksum says that it is not."""

SPANS_KEPT = 8
"""Kills while the disk is full, of which each begins a span."""

EVERY_MS = 60_000
"""As often as the service writes them."""

PAUSE_MS = 300_000
"""No tick was tried for longer: the service did not run. As in rules/deafness."""

MOST = 20_000
"""Ticks written at once, two weeks of a full disk or ten of a leap: half a megabyte."""

Leaps = Callable[[], Sequence[Leap]]

_decode = msgspec.json.Decoder(list[tuple[int, int]]).decode
_log = logging.getLogger(__name__)


def no_leaps() -> Sequence[Leap]:
    """Return none: for a journal that nothing is written to, or whose writers' clock is a recording's."""
    return ()


class OwedTicks:
    """Guarded by the journal's writer; without its file it remembers as long as the process lives."""

    def __init__(self, journal: Path, log_time_ms: int, leaps: Leaps = no_leaps) -> None:
        """Read what is owed since before the start; what the journal has gone past was written.

        `leaps` are those of the writers' clock.
        """
        self._leapt = _LeaptTicks(leaps)
        self._path = journal.with_name(f"{journal.name}-owed")
        self._spans: list[tuple[int, int]] = []
        try:
            if self._path.exists():
                self._spans = [one for one in _read(self._path) if one[1] > log_time_ms]
            else:
                self._write()
        except OSError as error:
            _log.warning("deaf ticks without room will not outlast a restart: %s", error)

    @property
    def until_ms(self) -> int:
        """Return the log time of the last one; 0 for none."""
        return self._spans[-1][1] if self._spans else 0

    def times_ms(self, after_ms: int, log_time_ms: int) -> Iterator[int]:
        """Yield the log time of each before an entry, none before `after_ms`; of too many the last ones."""
        times = [at_ms for span in self._spans for at_ms in _ticks_ms(*span)]
        times = sorted((*times, *self._leapt.times_ms(after_ms, log_time_ms)))
        return (max(at_ms, after_ms) for at_ms in times[-MOST:])

    def owe(self, at_ms: int) -> None:
        """Remember one that was refused, and what was leapt over before it: nobody else knows of that after a kill."""
        for from_ms, until_ms in (*self._leapt.spans_ms(at_ms), (at_ms, at_ms)):
            if self._spans and from_ms - self.until_ms <= PAUSE_MS:
                self._spans[-1] = self._spans[-1][0], max(until_ms, self.until_ms)
            else:
                self._spans = [*self._spans, (from_ms, until_ms)][-SPANS_KEPT:]
        self._leapt.paid()
        self._keep()

    def paid(self) -> None:
        """Forget them: they are in the journal."""
        self._leapt.paid()
        if self._spans:
            self._spans = []
            self._keep()

    def _keep(self) -> None:
        try:
            self._write()
        except OSError as error:
            _log.warning("deaf ticks without room will not outlast a restart: %s", error)

    def _write(self) -> None:
        body = msgspec.json.encode(self._spans)
        file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            os.pwrite(file, (b"%08x " % zlib.crc32(body) + body).ljust(SIZE), 0)
            os.fsync(file)
        finally:
            os.close(file)


class _LeaptTicks:
    """A kill before they are written, or found no room, makes of it time in which nothing ran."""

    def __init__(self, leaps: Leaps) -> None:
        """Ask `leaps` at each entry; what lies before the first is no concern of this journal's."""
        self._leaps = leaps
        self._seen = self._meant = max(leaps(), default=Leap(0, 0, 0)).number

    def times_ms(self, after_ms: int, log_time_ms: int) -> Sequence[int]:
        """Return their log times; an entry whose time was taken before a leap leaves it to the next one."""
        spans = self.spans_ms(log_time_ms)
        return [at_ms for from_ms, until_ms in spans for at_ms in _ticks_ms(max(from_ms, after_ms), until_ms)]

    def spans_ms(self, log_time_ms: int) -> Sequence[tuple[int, int]]:
        """Return what was leapt over before an entry and is not paid."""
        new = [one for one in self._leaps() if one.number > self._seen and one.until_ms <= log_time_ms]
        self._meant = max(new, default=Leap(self._seen, 0, 0)).number
        return [(one.from_ms, one.until_ms) for one in new]

    def paid(self) -> None:
        """Know them as written, or as owed."""
        self._seen = self._meant


def _ticks_ms(from_ms: int, until_ms: int) -> Sequence[int]:
    """Return the times of ticks over a leap: of one of weeks further apart, but never so that nothing seems to run."""
    every_ms = min(max(-(-(until_ms - from_ms) // (MOST - 1)), EVERY_MS), PAUSE_MS)
    from_ms = max(from_ms, until_ms - (MOST - 1) * every_ms)
    return (*range(from_ms, until_ms, every_ms), until_ms)


def _read(path: Path) -> list[tuple[int, int]]:
    crc, _, body = path.read_bytes().partition(b" ")
    body = body.rstrip()
    if crc != b"%08x" % zlib.crc32(body):
        return []
    try:
        return _decode(body)
    except msgspec.DecodeError:
        return []
