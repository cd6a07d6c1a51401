"""The readings of late, so that one that is delivered again is known; the older half is forgotten at a time."""

from collections.abc import Iterable

from core.events import Value

Key = tuple[str, str, int, int]
"""(device, metric, event time in ms, seq or -1)."""

_NEVER = object()
_NO_SEQ = -1


class Window:
    """Remembers between half of `most` readings and `most`; two plain tables cost half of what an ordered one does."""

    def __init__(self, most: int, kept: Iterable[tuple[Key, Value]] = ()) -> None:
        """`kept` are (key, value) of readings kept before the start, oldest first."""
        self._half = max(1, most // 2)
        self._young: dict[Key, Value] = {}
        self._old: dict[Key, Value] = {}
        for key, value in kept:
            self._keep(key, value)

    def __len__(self) -> int:
        """Return how many readings are remembered."""
        return len(self._young) + len(self._old.keys() - self._young.keys())

    def has(self, key: Key, value: Value) -> bool:
        """Return whether the reading was here before; from now on it was.

        With a stamp of whole seconds and no seq, opened and closed within one second are two readings all the same.
        """
        is_known = self.knows(key, value)
        self._keep(key, value)
        return is_known

    def knows(self, key: Key, value: Value) -> bool:
        """Return the same, and remember nothing."""
        known = self._young.get(key, _NEVER)
        if known is _NEVER:
            known = self._old.get(key, _NEVER)
        return known is not _NEVER and (known == value or key[3] != _NO_SEQ)

    def _keep(self, key: Key, value: Value) -> None:
        young = self._young
        young[key] = value
        if len(young) >= self._half:
            self._old, self._young = young, {}
