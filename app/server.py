"""uvicorn without its signal handlers: the service's owner decides when it stops."""

import socket
from collections.abc import Generator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI


class QuietServer(uvicorn.Server):
    """Serves on a socket that is open already, so that the port is known before anything else starts."""

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Leave signals to the process."""
        yield

    async def serve_on(self, listener: socket.socket) -> None:
        """Serve until `should_exit`."""
        await self.serve(sockets=[listener])


def quiet_server(app: FastAPI) -> QuietServer:
    """Return a server of an application that ends within a second of being told."""
    return QuietServer(
        uvicorn.Config(app, log_level="warning", access_log=False, timeout_graceful_shutdown=1, lifespan="off")
    )
