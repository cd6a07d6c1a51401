"""A disk of a few megabytes that a test can fill for real, and give its room back."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


class SmallDisk:
    """A mounted tmpfs; `fill` takes all but some room, `give_back` frees it again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._filler = folder / "filler"

    def fill(self, *, leave: int = 0) -> None:
        block = b"\0" * 4096
        with self._filler.open("ab", buffering=0) as file:
            try:
                while file.write(block) == len(block):
                    pass
            except OSError:
                pass
        if leave:
            with self._filler.open("r+b") as file:
                file.truncate(self._filler.stat().st_size - leave)

    def give_back(self) -> None:
        self._filler.unlink()


@contextmanager
def small_disk(folder: Path, megabytes: int = 6) -> Iterator[SmallDisk]:
    """Give such a disk; skips the test where this process may not mount one."""
    folder.mkdir()
    asked = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"a disk of its own cannot be mounted here: {done.stderr.strip()}")
    try:
        yield SmallDisk(folder)
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)
