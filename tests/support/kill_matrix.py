"""Plays one escalation on a service that is killed -9 and started again, beside a phone network that lives on."""

import asyncio
import functools
import multiprocessing
import os
import sys
import tempfile
from multiprocessing import forkserver
from pathlib import Path

import httpx
import msgspec
from alarm_house import FROM, SID, TOKEN, Line, register
from free_port import free_port
from kill_stories import CONTACTS, NOON_MS, PROVIDERS, Escalation, Provider, escalation
from killed_service import NEVER, Life, live
from lockstep_story import play

from alerts.model import Alert, Attempt, TraceLine
from core.ids import AlertId, derived_id
from device_sim.phone_callbacks import CallbackPost
from device_sim.phone_requests import PhoneAccount
from device_sim.phone_server import PhoneServer
from device_sim.phones import PhoneNetwork
from store.cipher import FieldCipher
from store.truth.database import Truth
from visits.model import Visit

TRUTH, KEY = "truth.sqlite", b"k" * 32
MOST_S = 100
"""Of real time for one story on a busy machine; a second or two on an idle one."""

WAIT_S = 30.0
"""For one answer of a child on a busy machine; one that takes longer hangs."""

_PRELOADED = ("killed_service", "warm_application")
"""Loaded once in the server that forks the children: a start then takes tenths of a second, and is a process all the
same, with its own memory, files and sockets."""

_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(list(_PRELOADED))


class Played(msgspec.Struct, frozen=True, kw_only=True):
    """What is left when the story is over: rows of the truth, and what the phone network saw."""

    alerts: list[Alert]
    attempts: dict[str, Attempt]  # by effect key
    trace: list[TraceLine]
    visits: list[Visit]
    calls: list[tuple[str, int]]  # effect key and time of each call that the provider made, in order
    texts: list[str]
    refused: int  # callbacks that the service said no to
    steps: list[str]  # that the last life came to
    deaths: list[str]  # at which steps a life ended


class KilledService:
    """Lives one after the other on the same folder and port; `kills` says at which step each of them ends."""

    def __init__(self, life: Life, kills: tuple[int, ...]) -> None:
        self._life = life
        self._kills = list(kills)
        self._process = None
        self._connection = None
        self.steps: list[str] = []
        self.deaths: list[str] = []

    async def start(self) -> None:
        """Start the next life, and the one after it when it dies before it is ready."""
        while True:
            life = msgspec.structs.replace(self._life, dies_at=self._kills.pop(0) if self._kills else NEVER)
            self._connection, theirs = multiprocessing.Pipe()
            self._process = _processes.Process(target=live, args=(life, theirs), daemon=True)
            self._process.start()
            theirs.close()
            if await self._heard() is not None:
                return

    async def tick(self, now_ms: int) -> int | None:
        """Let it be a time; a service that dies of it is told again after its next start, as its broker would."""
        while True:
            answer = await self._asked("tick", now_ms)
            if answer is not None:
                self.steps = answer[2]
                return answer[1]
            await self.start()

    async def close_alert(self, alert_id: str) -> None:
        """Let the clerk close it, as often as the service dies of it."""
        while await self._asked("close", alert_id) is None:
            await self.start()

    async def revive(self) -> None:
        """Start it again if it is dead; called when a callback has found nobody."""
        await asyncio.to_thread(self._process.join, 0.2)
        if self._process.exitcode is not None:
            await self._heard()  # its last word
            await self.start()

    async def end(self) -> None:
        """SIGKILL at the end too: nothing it would do on its way out may be needed."""
        self._process.kill()
        await asyncio.to_thread(self._process.join)

    async def _asked(self, what: str, about: int | str):
        try:
            self._connection.send((what, about))
        except OSError:  # it is dead already
            await self._heard()
            return None
        return await self._heard()

    async def _heard(self):
        """Return its answer; None when it has died."""
        try:
            while (answer := await asyncio.to_thread(self._received))[0] == "dies":
                self.deaths.append(answer[1])
        except (EOFError, ConnectionResetError):
            await asyncio.to_thread(self._process.join)
            assert self._process.exitcode == -9, f"it ended by itself: {self._process.exitcode}"
            return None
        return answer

    def _received(self):
        assert self._connection.poll(WAIT_S), "the service hangs"
        return self._connection.recv()


class LosingTransport(httpx.AsyncHTTPTransport):
    """Callbacks to a service that is dead are gone: the provider takes them for delivered. It lives again after."""

    def __init__(self, service: KilledService) -> None:
        super().__init__()
        self._service = service

    async def handle_async_request(self, request):
        try:
            return await super().handle_async_request(request)
        except httpx.TransportError:
            await self._service.revive()
            return httpx.Response(204, request=request)


class DeafTransport(httpx.AsyncBaseTransport):
    """The provider believes that every callback came, and none does."""

    async def handle_async_request(self, request):
        return httpx.Response(204, request=request)


def played(folder: Path, story: str, fault: str, kills: tuple[int, ...] = ()) -> Played:
    """Play an escalation under a fault of the provider; each number ends a life at that step of it."""
    return asyncio.run(asyncio.wait_for(story_played(folder, story, fault, kills), MOST_S))


async def story_played(folder: Path, story: str, fault: str, kills: tuple[int, ...]) -> Played:
    """Do the same in an event loop that plays others beside it."""
    _serve_forks()
    provider = PROVIDERS[fault]
    told = escalation(story, provider)
    await asyncio.to_thread(_prepare, folder)
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    post = CallbackPost(TOKEN)
    account = PhoneAccount(account_sid=SID, auth_token=TOKEN, from_number=FROM, callback_base=base)
    phones = PhoneNetwork(account, now_ms=NOON_MS, post=post)
    told.people(phones)
    provider.spoil(phones)
    server = PhoneServer(phones)
    line = Line(api_base=await server.start(), public_base_url=base, request_timeout_s=provider.patience_s)
    service = KilledService(Life(folder=folder, line=line, port=port, findings=(told.finding,)), kills)
    post._pause, post._transport = service.revive, _transport(provider, service)
    try:
        await service.start()
        await _play(told, service, phones)
    finally:
        await service.end()
        await server.stop()
    return await asyncio.to_thread(_left, folder, phones, service)


@functools.cache
def _serve_forks() -> None:
    """Start the server that forks; where modules are it learns from its environment alone, and leaves out others."""
    known = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join(sys.path)
    try:
        forkserver.ensure_running()
    finally:
        del os.environ["PYTHONPATH"]
        if known is not None:
            os.environ["PYTHONPATH"] = known


async def _play(told: Escalation, service: KilledService, phones: PhoneNetwork) -> None:
    from_ms = NOON_MS
    if told.clerk_at_ms is not None:
        await play(service.tick, phones, from_ms=from_ms, until_ms=told.clerk_at_ms)
        await service.close_alert(AlertId(derived_id("alert", told.finding.id)))
        from_ms = told.clerk_at_ms
    await play(service.tick, phones, from_ms=from_ms, until_ms=told.until_ms)


def _transport(provider: Provider, service: KilledService) -> httpx.AsyncBaseTransport | None:
    if provider.never_calls_back:
        return DeafTransport()
    return LosingTransport(service) if provider.loses_while_down else None


def _prepare(folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    (folder / TRUTH).write_bytes(_registered())


@functools.cache
def _registered() -> bytes:
    """Return a truth database in which the home is registered: made once, copied for each story."""
    with tempfile.TemporaryDirectory() as folder:
        truth = Truth(Path(folder) / TRUTH, FieldCipher(KEY))
        register(truth, CONTACTS)
        truth.close()
        return (Path(folder) / TRUTH).read_bytes()


def _left(folder: Path, phones: PhoneNetwork, service: KilledService) -> Played:
    truth = Truth(folder / TRUTH, FieldCipher(KEY))
    with truth.view() as unit:
        alerts = unit.alerts.list(None)
        attempts = {one.id: one for alert in alerts for one in unit.outbox.of_alert(alert.id)}
        trace = [line for alert in alerts for line in unit.alerts.trace(alert.id)]
        visits = [visit for alert in alerts if (visit := unit.visits.of_alert(alert.id)) is not None]
    truth.close()
    made = sorted(phones.calls.values(), key=lambda call: call.made_at_ms)
    return Played(
        alerts=alerts,
        attempts={str(one.key): one for one in attempts.values()},
        trace=trace,
        visits=visits,
        calls=[(str(attempts[_attempt_id(call.status_callback)].key), call.made_at_ms) for call in made],
        texts=[str(attempts[_attempt_id(text.status_callback)].key) for text in phones.texts],
        refused=len(phones.post.refused),
        steps=service.steps,
        deaths=service.deaths,
    )


def _attempt_id(url: str) -> str:
    return url.split("/")[-2]
