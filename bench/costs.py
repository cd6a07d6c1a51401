"""What a piece of work costs this process: its own processor time and its memory."""

import gc
import resource
from pathlib import Path
from typing import NamedTuple


class Cost(NamedTuple):
    """Processor microseconds of the rules, and of a bare dict over the same readings, and how many there were."""

    all_rules_us: float = 0.0
    all_bare_us: float = 0.0
    count: int = 0

    def plus(self, other: "Cost") -> "Cost":
        """Return both together."""
        return Cost(
            self.all_rules_us + other.all_rules_us, self.all_bare_us + other.all_bare_us, self.count + other.count
        )

    @property
    def rules_us(self) -> float:
        """Return microseconds of the rules a reading."""
        return self.all_rules_us / self.count

    @property
    def bare_us(self) -> float:
        """Return microseconds of the dict a reading."""
        return self.all_bare_us / self.count


class Stopwatch:
    """Counts this process's own processor time from its making."""

    def __init__(self) -> None:
        self._begin_s = processor_s()

    def us(self) -> float:
        """Return microseconds since its making."""
        return (processor_s() - self._begin_s) * 1e6


def processor_s() -> float:
    """Return the processor time that this process has used, user and system, in seconds."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def resident_bytes() -> int:
    """Return the memory of this process that is really there (Linux)."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
