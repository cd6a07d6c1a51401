"""Readings that were kept under another time than they state, and late alarms: by what they state, and since when."""

from collections.abc import Iterable
from typing import NamedTuple

from core.events import Value
from ingest.window import Key, Recent, Window, is_same


class Noted(NamedTuple):
    """A reading by the time that it states and by the one that it is kept under, as it arrived."""

    stated: Key
    kept: Key
    value: Value
    received_at_ms: int


class Stated:
    """Tables of their own: what a reading states is no place at which another one was kept."""

    def __init__(self, most: int) -> None:
        self._arrivals: Recent[tuple[Value, int]] = Recent(most)
        self._moved = Window(most)

    def first_ms(self, key: Key, value: Value) -> int | None:
        """Return when the reading arrived that states this and was kept, None when none is known."""
        known = self._arrivals.get(key)
        return known[1] if known is not None and is_same(key, known[0], value) else None

    def was_moved_to(self, key: Key, value: Value) -> bool:
        """Return whether what was kept under this key stated another time."""
        return self._moved.knows(key, value)

    def keep(self, noted: Iterable[Noted]) -> None:
        """Know these from now on."""
        for stated, kept, value, received_at_ms in noted:
            self._arrivals.keep(stated, (value, received_at_ms))
            if kept != stated:
                self._moved.keep(kept, value)
