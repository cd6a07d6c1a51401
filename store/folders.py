"""Lets names in a folder outlast a power loss; a file's own content is its writer's to sync."""

import os
from pathlib import Path


def sync_folder(folder: Path) -> None:
    """Return once what was made, renamed or removed in a folder is on the disk, before all that follows."""
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
