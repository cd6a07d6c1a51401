"""Deaf ticks that found no room in the journal, kept in a file beside it whose bytes are there before that."""

import logging
import os
import zlib
from collections.abc import Iterator
from pathlib import Path

import msgspec

SIZE = 512
"""Written in place: a full disk takes it, and so small a piece is whole, or its checksum says that it is not."""

SPANS_KEPT = 8
"""Kills while the disk is full, of which each begins a span."""

EVERY_MS = 60_000
"""As often as the service writes them."""

PAUSE_MS = 300_000
"""No tick was tried for longer: the service did not run. As in rules/deafness."""

MOST = 20_000
"""Ticks written at once, two weeks of a full disk: half a megabyte."""

_decode = msgspec.json.Decoder(list[tuple[int, int]]).decode
_log = logging.getLogger(__name__)


class OwedTicks:
    """Guarded by the journal's writer; without its file it remembers as long as the process lives."""

    def __init__(self, journal: Path, log_time_ms: int) -> None:
        """Read what is owed since before the start; what the journal has gone past was written."""
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

    def times_ms(self, after_ms: int) -> Iterator[int]:
        """Yield the log time of each, none before `after_ms`, the last ones where there are too many."""
        times = [
            at_ms for from_ms, until_ms in self._spans for at_ms in (*range(from_ms, until_ms, EVERY_MS), until_ms)
        ]
        return (max(at_ms, after_ms) for at_ms in times[-MOST:])

    def owe(self, at_ms: int) -> None:
        """Remember one that was refused."""
        if self._spans and at_ms - self.until_ms <= PAUSE_MS:
            self._spans[-1] = self._spans[-1][0], max(at_ms, self.until_ms)
        else:
            self._spans = [*self._spans, (at_ms, at_ms)][-SPANS_KEPT:]
        self._keep()

    def paid(self) -> None:
        """Forget them: they are in the journal."""
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


def _read(path: Path) -> list[tuple[int, int]]:
    crc, _, body = path.read_bytes().partition(b" ")
    body = body.rstrip()
    if crc != b"%08x" % zlib.crc32(body):
        return []
    try:
        return _decode(body)
    except msgspec.DecodeError:
        return []
