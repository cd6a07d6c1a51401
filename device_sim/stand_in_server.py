"""Serves a stand-in of a provider on this machine, in the event loop of whoever tests against it."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

STOP_WITHIN_S = 2
"""Requests that hang on purpose must not keep the process alive."""


class StandInServer:
    """Listens on 127.0.0.1 from `start` to `stop`; `base_url` is what a service's `api_base` is set to."""

    def __init__(self, app: FastAPI, *, close: Callable[[], Awaitable[None]], port: int = 0) -> None:
        self._app = app
        self._close = close
        self._port = port
        self._task: asyncio.Task[None] | None = None
        self._server: _Server | None = None
        self.base_url = ""

    async def start(self) -> str:
        """Listen and return the address; raises OSError when the port is taken."""
        listener = socket.create_server(("127.0.0.1", self._port))
        self.base_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        config = uvicorn.Config(
            self._app,
            log_config=None,
            access_log=False,
            lifespan="off",
            ws="none",
            timeout_graceful_shutdown=STOP_WITHIN_S,
        )
        self._server = _Server(config)
        self._task = asyncio.create_task(self._server.serve(sockets=[listener]))
        await self._server.is_ready.wait()
        return self.base_url

    async def stop(self) -> None:
        """Stop listening and close the connections to the service."""
        if self._server is not None and self._task is not None:
            self._server.should_exit = True
            await self._task
        await self._close()


class _Server(uvicorn.Server):
    """A server that shares its process: it leaves signals to whoever owns them and says when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.is_ready = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.is_ready.set()
