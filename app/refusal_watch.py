"""Follows the embedded broker's log for what it refused: no device is told of it, and nobody would ever know."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from app.refusals import Refusal, Refusals
from core.localtime import HOUR_MS
from core.text import Bilingual

LOOK_EVERY_MS = 5_000

LOOK_BYTES = 1_000_000
"""Read in one look, some 7,000 refusals; what is beyond is read by the next look, in the rotated file too."""

NOTICE_MS = HOUR_MS
"""A device that is still refused tries again within the hour; one that was mended is silent."""


class RefusalWatch:
    """Looks in rounds, used by one thread at a time; what it found is read by any."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._file: BinaryIO | None = None
        self._now_ms = 0
        self.refusals = Refusals()

    def look(self, now_ms: int) -> None:
        """Read what is new in the log; blocking."""
        self._now_ms = now_ms
        room = LOOK_BYTES
        while room > 0:
            self._file = self._file or self._opened()
            if self._file is None:
                return
            words = self._read(self._file, room)
            room -= len(words)
            self.refusals.take(words.decode(errors="replace").splitlines(), now_ms)
            if not words:
                if not self._is_rotated(self._file):
                    return
                self.close()  # the rest of the file that was rotated away has been read

    def close(self) -> None:
        """Close the log."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def notices(self) -> list[str]:
        """Return that the broker refused something lately, without saying what: `told` has the reason."""
        lately = [one for one in self.latest() if self._now_ms - one.last_ms < NOTICE_MS]
        return [str(told(lately))] if lately else []

    def latest(self) -> list[Refusal]:
        """Return the latest refusals, the latest first."""
        return self.refusals.latest()

    def _opened(self) -> BinaryIO | None:
        try:
            return self._log.open("rb")
        except FileNotFoundError:  # between the old file and the new one
            return None

    def _read(self, file: BinaryIO, room: int) -> bytes:
        """Return whole lines; one that is longer than a look is passed over."""
        at = file.tell()
        words = file.read(room)
        end = words.rfind(b"\n") + 1
        if not end and len(words) == LOOK_BYTES:
            return words
        file.seek(at + end)
        return words[:end]

    def _is_rotated(self, file: BinaryIO) -> bool:
        try:
            named = self._log.stat()
        except FileNotFoundError:
            return False
        held = os.fstat(file.fileno())
        return (held.st_dev, held.st_ino) != (named.st_dev, named.st_ino) or named.st_size < file.tell()


def refused_lately(log: Path) -> list[Refusal]:
    """Return what the end of a log tells, the latest first; for whoever looks once."""
    found = Refusals()
    if log.exists():
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - LOOK_BYTES))
            found.take(file.read(LOOK_BYTES).decode(errors="replace").splitlines(), 0)
    return found.latest()


def told(refused: Sequence[Refusal]) -> Bilingual:
    """Return how much was refused and where the topics stand: one may hold a name, and every account reads this."""
    count = sum(one.count for one in refused)
    return Bilingual(
        f"代理拒绝了{count}条消息或订阅，内容未保留；主题与处理办法见 /parked 或 shouwang parked list",
        f"the broker refused {count} messages or subscriptions, of which nothing is kept;"
        " topics and what mends it: /parked or shouwang parked list",
    )
