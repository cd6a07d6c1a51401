"""Who keeps a folder's broker running: one process at a time, and a command stands down for a service."""

import os
from collections.abc import Callable
from pathlib import Path

from app import broker_words, file_lock
from app.file_lock import FileLock
from core.errors import ConfigurationError

OWNER_FILE = "owner.lock"
"""Held for as long as somebody keeps the broker running; the system gives it back when that process is killed."""

HEIR_FILE = "heir.lock"
"""Held by a service that waits for the other: a signal could meet a stranger with that number, in a container too."""

STANDS_DOWN_WITHIN_S = 20.0
"""The command looks each second and stops its broker within two; a starved machine takes several times as long."""


class Ownership:
    """This process's claim to one folder's broker."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._owner = FileLock(folder / OWNER_FILE)
        self._heir = FileLock(folder / HEIR_FILE)

    def take(self, *, takes_over: bool, goes_on: Callable[[], bool]) -> None:
        """Become the owner; raises ConfigurationError while another process is.

        With `takes_over` a command that runs it alone is asked to stand down, and waited for while `goes_on`.
        """
        is_ours = self._owner.take()
        if not is_ours and takes_over:
            self._heir.take(STANDS_DOWN_WITHIN_S, goes_on=goes_on)
            try:
                is_ours = self._owner.take(STANDS_DOWN_WITHIN_S, goes_on=goes_on)
            finally:
                self._heir.release()
        if is_ours:
            self._owner.note(str(os.getpid()))
        elif goes_on():
            raise self._refusal(takes_over=takes_over)

    def release(self) -> None:
        """Leave the broker to the next; harmless for whoever does not own it."""
        self._owner.release()

    def is_wanted(self) -> bool:
        """Return whether a service waits to take it over; not where it cannot be told: nobody else keeps it running."""
        try:
            return file_lock.is_held(self._folder / HEIR_FILE)
        except OSError:
            return False

    def _refusal(self, *, takes_over: bool) -> ConfigurationError:
        number = broker_words.text_of(self._folder / OWNER_FILE).strip()
        kill = f"kill -9 {number}" if number.isdigit() else "kill -9"
        if takes_over:
            return ConfigurationError(
                "shouwang broker 单独运行着消息服务器，没有让出 it runs the broker alone and does not stand down"
                f" ({STANDS_DOWN_WITHIN_S:g} s)",
                where=str(self._folder),
                remedy=f"结束它再启动 end it, then start again: {kill}; 其消息服务器会被接管 its broker is taken over",
            )
        return ConfigurationError(
            "消息服务器已由另一进程保持运行 another process keeps this broker running"
            + (f": {number}" if number.isdigit() else ""),
            where=str(self._folder),
            remedy="无需另行启动 start none beside it; 由服务接管 let the service take it over: shouwang serve",
        )


def is_owned(folder: Path) -> bool:
    """Return whether a process keeps the broker of a folder running."""
    return file_lock.is_held(folder / OWNER_FILE)
