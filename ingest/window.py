"""The readings of late, so that one that is delivered again is known; the older half is forgotten at a time."""

from collections.abc import Iterable
from typing import Generic, TypeVar

from core.events import ALARM_METRICS, Value

Key = tuple[str, str, int, int]
"""(device, metric, event time in ms, seq or -1)."""

_NO_SEQ = -1
T = TypeVar("T")


class Recent(Generic[T]):
    """Keeps something for each key: between half of `most` and `most`; two plain tables cost half of an ordered one."""

    def __init__(self, most: int) -> None:
        self._half = max(1, most // 2)
        self._young: dict[Key, T] = {}
        self._old: dict[Key, T] = {}

    def __len__(self) -> int:
        """Return for how many keys something is kept."""
        return len(self._young) + len(self._old.keys() - self._young.keys())

    def get(self, key: Key) -> T | None:
        """Return what was kept last for the key, None for nothing."""
        found = self._young.get(key)
        return self._old.get(key) if found is None else found

    def keep(self, key: Key, what: T) -> None:
        """Keep it in the place of what was kept before."""
        young = self._young
        young[key] = what
        if len(young) >= self._half:
            self._old, self._young = young, {}


class Window(Recent[Value]):
    """Remembers readings by key and value."""

    def __init__(self, most: int, kept: Iterable[tuple[Key, Value]] = ()) -> None:
        """`kept` are (key, value) of readings kept before the start, oldest first."""
        super().__init__(most)
        for key, value in kept:
            self.keep(key, value)

    def has(self, key: Key, value: Value) -> bool:
        """Return whether the reading was here before; from now on it was.

        With a stamp of whole seconds and no seq, opened and closed within one second are two readings all the same.
        """
        is_known = self.knows(key, value)
        self.keep(key, value)
        return is_known

    def has_said(self, key: Key, value: Value) -> bool:
        """Return whether the reading was here with this very value: a count that stands still speaks for no other."""
        known = self.get(key)
        self.keep(key, value)
        return known is not None and known == value

    def knows(self, key: Key, value: Value) -> bool:
        """Return the same, and remember nothing."""
        known = self._young.get(key)
        if known is None:
            known = self._old.get(key)
        return known is not None and is_same(key, known, value)


def is_same(key: Key, known: Value, value: Value) -> bool:
    """Return whether two values under one key are one reading: a seq says so, without one they must be equal.

    An alarm and its end are two whatever the seq: a device that begins to count at each boot has one for both.
    """
    return known == value or (key[3] != _NO_SEQ and key[1] not in ALARM_METRICS)
