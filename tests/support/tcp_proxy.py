"""A TCP proxy between a client and a broker: it cuts, falls silent, delays and corrupts, as a town's network does."""

import asyncio
import threading
from collections.abc import Callable

from app.broker import Accounts


class TcpProxy:
    """Forwards to a broker until it is told to do worse. What it does concerns what the broker sends."""

    def __init__(self, broker) -> None:
        self.host = "127.0.0.1"
        self.port = 0
        self.accounts: Accounts = broker.accounts
        self.connections = 0
        self.forwarded = 0  # bytes from the broker
        self._target = (broker.host, broker.port)
        self._cut_after: int | None = None
        self._spoil: Callable[[bytes], bytes] = bytes
        self._is_silent = False
        self._delay_s = 0.0
        self._writers: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        assert self._ready.wait(10)

    def cut(self) -> None:
        """Break every connection now."""
        self._loop.call_soon_threadsafe(self._cut)

    def cut_after(self, count: int) -> None:
        """Break the connection in the middle of a packet: after so many more bytes from the broker."""
        self._cut_after = count

    def fall_silent(self) -> None:
        """Swallow everything, both ways, and keep the connections open: a router that lost its way."""
        self._is_silent = True

    def speak_again(self) -> None:
        self._is_silent = False

    def delay(self, seconds: float) -> None:
        """Let whatever the broker sends wait for so long."""
        self._delay_s = seconds

    def corrupt(self, spoil: Callable[[bytes], bytes]) -> None:
        """Change the next bytes from the broker, once."""
        self._spoil = spoil

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, self.host, 0))
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        server.close()
        self._cut()
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self._loop.close()

    def _cut(self) -> None:
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    async def _serve(self, from_client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            from_broker, to_broker = await asyncio.open_connection(*self._target)
        except OSError:
            to_client.transport.abort()
            return
        both = {to_client, to_broker}
        self._writers |= both
        await asyncio.gather(self._up(from_client, to_broker), self._down(from_broker, to_client))
        for writer in both:
            writer.transport.abort()
        self._writers -= both

    async def _up(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        try:
            while data := await source.read(65_536):
                if not self._is_silent:
                    target.write(data)
                    await target.drain()
        except OSError:
            pass
        target.transport.abort()

    async def _down(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        try:
            while data := await source.read(65_536):
                if self._is_silent:
                    continue
                if self._delay_s:
                    await asyncio.sleep(self._delay_s)
                spoil, self._spoil = self._spoil, bytes
                data = spoil(data)
                if self._cut_after is not None and len(data) >= self._cut_after:
                    target.write(data[: self._cut_after])
                    self._cut_after = None
                    await target.drain()
                    break
                if self._cut_after is not None:
                    self._cut_after -= len(data)
                target.write(data)
                self.forwarded += len(data)
                await target.drain()
        except OSError:
            pass
        target.close()
