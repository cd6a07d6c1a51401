"""Tells whether a folder takes files now, by writing one: a disk's own figures know of no quota and of no fault."""

import errno
from contextlib import suppress
from pathlib import Path

from app.private_file import write_private

ROOM_FILE = "room"
ROOM_BYTES = 262_144
"""A broker's configuration, the beginning of its log and of its store's index; with less it would take nothing."""

_OF_THE_DISK = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO})
"""A process that has no descriptor left cannot write either, and knows nothing of the disk."""


def no_room(folder: Path) -> str:
    """Return why the folder takes nothing; empty while it does."""
    try:
        write_private(folder / ROOM_FILE, bytes(ROOM_BYTES))
    except OSError as error:
        return f"{folder}: {error.strerror}" if error.errno in _OF_THE_DISK else ""
    finally:
        with suppress(OSError):  # one that stands there from before can stay: what takes nothing gives nothing back
            (folder / ROOM_FILE).unlink(missing_ok=True)
    return ""
