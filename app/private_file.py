"""Files written whole or not at all, however the process or the machine ends; only their owner reads them."""

import os
import tempfile
from pathlib import Path

from store.folders import sync_folder

UNFINISHED = ".shouwang-"
_SUFFIX = ".new"

LEFT_BEHIND_S = 3600.0
"""A file takes milliseconds to write: what has stood unfinished for an hour has nobody who writes it any more."""


def write_private(path: Path, data: bytes, mode: int = 0o600) -> None:
    """Put a file in place of what stands there; it is on the disk when this returns.

    Of writers at once each puts a whole file there and the last one's stays. `mode` is for what another service's
    user has to read. Raises OSError, and leaves what stood there, when the disk does not take it.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, name = tempfile.mkstemp(_SUFFIX, UNFINISHED, path.parent)  # a name of its own, and for its owner only
    fresh = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
            now_s = os.fstat(file.fileno()).st_mtime
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)  # it is there only where something failed
    _clear(path.parent, now_s - LEFT_BEHIND_S)
    sync_folder(path.parent)


def _clear(folder: Path, before_s: float) -> None:
    """Remove what writers left that were killed; by the disk's own times, and never what is being written now."""
    for left in folder.glob(f"{UNFINISHED}*{_SUFFIX}"):
        try:
            if left.stat().st_mtime < before_s:
                left.unlink()
        except OSError:  # another writer was first, or it is another user's: the file itself is in place
            continue
