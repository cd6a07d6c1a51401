"""How much memory the service may take, and how many homes may stay awake in it; sets no limit itself."""

import os
from pathlib import Path

from rules.shelf import AWAKE_HOMES

CONTROL_GROUP = Path("/sys/fs/cgroup/memory.max")
"""What a container, or a unit of systemd, is held to; "max" where it is held to nothing."""

AWAKE_SHARE = 20
AWAKE_BYTES = 32 * 1024
"""One part in twenty may go to homes that are awake. One takes so much: 29 KB were measured after three months."""

MOST_AWAKE = 2_048
"""Each is packed for every snapshot of the rules, at 80 us (bench/engine.py): a sixth of a second in which nothing is
taken in. With more homes that speak in turn, waking them costs a tenth of a processor at 500 messages a second."""


def limit_bytes(control_group: Path = CONTROL_GROUP) -> int:
    """Return what this process may take, bytes: the machine's memory, or less where it is held to less."""
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        return min(machine, int(control_group.read_text("ascii")))
    except (OSError, ValueError):
        return machine


def awake_homes(memory_bytes: int) -> int:
    """Return how many homes may stay awake with so much memory; what a village needs in any case."""
    return min(max(memory_bytes // AWAKE_SHARE // AWAKE_BYTES, AWAKE_HOMES), MOST_AWAKE)
