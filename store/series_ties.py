"""Which value of one moment it is: a device that stamps whole seconds says several of one metric, and gives no seq."""

from collections.abc import Iterable

from core.events import Reading, Value

MOST = 100_000
"""Readings without a seq that are remembered at least: what belongs to one second comes within seconds of it. A value
that comes later than that, at the very millisecond of another, passes for the same one delivered again."""

_Key = tuple[str, str, int]
Placed = dict[_Key, tuple[Value, int]]
"""The last value of each moment, and which one it was."""


class Ties:
    """Numbers them from 0 in the journal's order; the same value said again is no further one. For one thread."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._young: Placed = {}
        self._old: Placed = {}

    def placed(self, readings: Iterable[Reading]) -> tuple[list[int], Placed]:
        """Return each reading's number, 0 for one with a seq, and what is to be kept once they are taken."""
        fresh: Placed = {}
        return [0 if one.seq is not None else self._place(one, fresh) for one in readings], fresh

    def keep(self, fresh: Placed) -> None:
        """Know from now on what was taken; without it the same readings get the same numbers again."""
        self._young |= fresh
        if len(self._young) >= self._most:
            self._old, self._young = self._young, {}

    def _place(self, reading: Reading, fresh: Placed) -> int:
        key = (reading.device_id, reading.metric, reading.observed_at_ms)
        known = fresh.get(key) or self._young.get(key) or self._old.get(key)
        number = 0 if known is None else known[1] + (known[0] != reading.value)
        fresh[key] = (reading.value, number)
        return number
