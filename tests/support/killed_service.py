"""The alerting half of a service in a process of its own, which kills itself -9 at the n-th step it comes to.

Steps are crossed before and after each commit of the truth, after each tick that the journal has kept, before and after
each request to the provider and each callback: after a request means that the provider has answered and nobody has
read it, after a callback that all is committed and the provider has not been answered. Nothing of this is in the code that ships: the stores, the SDK's transport and the
HTTP application are wrapped here.
"""

import asyncio
import os
import signal
import socket
import threading
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from pathlib import Path

import msgspec
import uvicorn
from alarm_house import AlarmHouse, Line

from alerts.channels.twilio_http import BoundedHttpClient
from alerts.model import Outcome
from app.server import QuietServer
from core.errors import ConflictError
from rules.findings import Finding
from store.journal import Journal
from store.truth.database import Truth

NEVER = -1


class Life(msgspec.Struct, frozen=True, kw_only=True):
    """One life of the service, from its start to its end."""

    folder: Path
    line: Line
    port: int
    findings: tuple[Finding, ...]
    dies_at: int = NEVER


class Steps:
    """Counts the steps a life comes to, and ends it at the one that was asked for."""

    def __init__(self, dies_at: int, connection: Connection) -> None:
        self._dies_at = dies_at
        self._connection = connection
        self._lock = threading.Lock()
        self.names: list[str] = []

    def reach(self, name: str) -> None:
        with self._lock:
            self.names.append(name)
            if len(self.names) - 1 == self._dies_at:
                self._connection.send(("dies", name))
                os.kill(os.getpid(), signal.SIGKILL)
                signal.pause()  # the signal comes before this thread does anything more

    def take(self) -> list[str]:
        with self._lock:
            return list(self.names)


def truth_of(steps: Steps):
    class SteppedTruth(Truth):
        @contextmanager
        def transaction(self):
            with super().transaction() as unit:
                yield unit
                steps.reach("before a commit")
            steps.reach("after a commit")

    return SteppedTruth


def journal_of(steps: Steps):
    class SteppedJournal(Journal):
        def append(self, readings, parked=(), **told):
            seq = super().append(readings, parked, **told)
            steps.reach("after a tick is written")
            return seq

    return SteppedJournal


class SteppedTransport(BoundedHttpClient):
    """The SDK's transport; it says which request it is without the number that is in it."""

    def __init__(self, line: Line, steps: Steps) -> None:
        super().__init__(api_base=line.api_base, timeout_s=line.request_timeout_s, use_environment=False)
        self._steps = steps

    def request(self, method, uri, **more):
        name = f"{method} {uri.rsplit('/', 1)[1][:2]}"
        self._steps.reach(f"before the request {name}")
        try:
            return super().request(method, uri, **more)
        finally:
            self._steps.reach(f"after the request {name}")


def stepped(app, steps: Steps):
    async def application(scope, receive, send):
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        what = scope["path"].rsplit("/", 1)[1]

        async def answer(message):
            if message["type"] == "http.response.start":
                steps.reach(f"after the callback {what}, not answered yet")
            await send(message)

        steps.reach(f"before the callback {what}")
        await app(scope, receive, answer)

    return application


def live(life: Life, connection: Connection) -> None:
    """Be the service: says "ready", then answers each ("tick", now_ms) with ("settled", next_ms, steps so far)."""
    asyncio.run(_live(life, connection))


async def _live(life: Life, connection: Connection) -> None:
    steps = Steps(life.dies_at, connection)
    house = AlarmHouse(life.folder, life.line, life.findings, truth=truth_of(steps), journal=journal_of(steps))
    house.api._client.http_client = SteppedTransport(life.line, steps)
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", life.port))
    listener.listen()
    config = uvicorn.Config(stepped(house.app, steps), log_config=None, access_log=False, lifespan="off", ws="none")
    server = QuietServer(config)
    serving = asyncio.create_task(server.serve_on(listener))
    await house.start()
    connection.send(("ready",))
    while (asked := await asyncio.to_thread(connection.recv))[0] != "end":
        if asked[0] == "close":
            with suppress(ConflictError):  # it was closed just before the death
                house.desk.close(asked[1], Outcome.SEEN_WELL, "", who="account:li")
            connection.send(("closed",))
        else:
            next_ms = await house.ticked(asked[1])
            connection.send(("settled", next_ms, steps.take()))
    server.should_exit = True
    await serving
    await house.close()
