"""Tells the live pages and the terminal that something happened; a slow reader gets only the latest."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence

from alerts.model import TraceLine

Listener = Callable[[Sequence[TraceLine]], None]


class Changes:
    """A version that grows with every change, from any thread; subscribers live on one event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._version = 0
        self._waiters: set[asyncio.Event] = set()
        self._listeners: list[Listener] = []
        self._is_closed = False

    def listen(self, listener: Listener) -> None:
        """Have a function told every story line, on the loop's thread."""
        self._listeners.append(listener)

    def tell(self, lines: Sequence[TraceLine] = ()) -> None:
        """Say that something changed; from any thread."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._tell, tuple(lines))

    def close(self) -> None:
        """End every subscription, so that open pages end before their server does; on the loop's thread."""
        self._is_closed = True
        for waiter in self._waiters:
            waiter.set()

    async def subscribe(self) -> AsyncIterator[int]:
        """Yield the version now, then each newer one; ends when the service does."""
        changed = asyncio.Event()
        self._waiters.add(changed)
        try:
            while not self._is_closed:
                changed.clear()
                yield self._version
                if not self._is_closed:  # while the reader had it in hand
                    await changed.wait()
        finally:
            self._waiters.discard(changed)

    def _tell(self, lines: tuple[TraceLine, ...]) -> None:
        self._version += 1
        for waiter in self._waiters:
            waiter.set()
        for listener in self._listeners:
            listener(lines)
