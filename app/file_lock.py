"""A lock on a file: held by one process, given back by the system when that is killed; it tells nobody who holds it."""

import fcntl
import threading
from collections.abc import Callable
from pathlib import Path
from typing import IO

from core.clock import monotonic_s

TRY_S = 1.0
"""Whoever only looks whether it is held has it shared for microseconds: that alone keeps nobody from taking it."""

_POLL_S = 0.02


class FileLock:
    """Of this process while it is held; a child process that it starts does not inherit it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[str] | None = None

    @property
    def is_held(self) -> bool:
        """Return whether it is ours."""
        return self._file is not None

    def take(self, wait_s: float = TRY_S, *, goes_on: Callable[[], bool] = lambda: True) -> bool:
        """Return whether it is ours, after `wait_s` at most and while `goes_on`; raises OSError without a file."""
        if self._file is not None:
            return True
        file, pause, until_s = self._path.open("a"), threading.Event(), monotonic_s() + wait_s
        while not _locked(file, fcntl.LOCK_EX):
            if monotonic_s() >= until_s or not goes_on():
                file.close()
                return False
            pause.wait(_POLL_S)
        self._file = file
        return True

    def note(self, words: str) -> None:
        """Leave a word in the file for whoever finds it held; a disk that is full takes none, which harms nothing."""
        if self._file is None:
            return
        try:
            self._file.truncate(0)
            self._file.write(words)
            self._file.flush()
        except OSError:
            return

    def release(self) -> None:
        """Give it back; harmless when it is not ours."""
        file, self._file = self._file, None
        if file is not None:
            file.close()


def is_held(path: Path) -> bool:
    """Return whether some process holds it, this one too."""
    if not path.exists():
        return False
    with path.open() as file:
        return not _locked(file, fcntl.LOCK_SH)


def _locked(file: IO[str], how: int) -> bool:
    try:
        fcntl.flock(file, how | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
