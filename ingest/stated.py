"""Readings that were kept under another time than they state: each is known by the stated one too."""

from collections.abc import Iterable
from typing import NamedTuple

from core.events import Value
from ingest.window import Key, Recent, Window, is_same


class Moved(NamedTuple):
    """A reading whose own time is not the one that it was kept under."""

    stated: Key
    kept: Key
    value: Value


class Stated:
    """Tables of their own: what a reading states is no place at which another one was kept."""

    def __init__(self, most: int) -> None:
        self._values: Recent[Value] = Recent(most)
        self._kept = Window(most)

    def knows(self, key: Key, value: Value) -> bool:
        """Return whether a reading that states this was kept under another time."""
        known = self._values.get(key)
        return known is not None and is_same(key, known, value)

    def was_moved_to(self, key: Key, value: Value) -> bool:
        """Return whether what was kept under this key stated another time."""
        return self._kept.knows(key, value)

    def keep(self, moved: Iterable[Moved]) -> None:
        """Know these from now on."""
        for stated, kept, value in moved:
            self._values.keep(stated, value)
            self._kept.keep(kept, value)
