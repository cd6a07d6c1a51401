"""The least service that keeps the lock-step: hears readings and ticks, answers each tick, may fall silent or vanish."""

import asyncio
import json
import socket
from collections.abc import Callable
from contextlib import asynccontextmanager

import aiomqtt

from app.broker import EmbeddedBroker
from device_sim.lockstep import LockstepSettings
from device_sim.messages import SimMessage


class SettlingService:
    """Keeps what it heard over its own restarts, as a journal would."""

    def __init__(self, broker: EmbeddedBroker, next_ms: Callable[[int], int | None] = lambda _now: None) -> None:
        self.broker = broker
        self.next_ms = next_ms
        self.heard: list[tuple[str, bytes]] = []  # in order, duplicates and ticks included
        self.ticks: list[tuple[int, int]] = []  # (number, now_ms), duplicates included
        self.ignored = 0  # ticks still to be left without an answer
        self._all_ignored = asyncio.Event()
        self.ignored_for_good = 0  # so many more after those: it is about to vanish
        self.answers = 1  # how often each tick is answered

    @property
    def readings(self) -> list[tuple[str, bytes]]:
        return [heard for heard in self.heard if heard[0].startswith("care/")]

    @property
    def times(self) -> list[int]:
        """The times it was told, each once."""
        return list(dict.fromkeys(now_ms for _, now_ms in self.ticks))

    async def deaf_to(self, ticks: int) -> None:
        """Leave the next ticks without an answer, and return when that many have come; the next run answers again."""
        self._all_ignored.clear()
        self.ignored = ticks
        self.ignored_for_good = 1_000_000
        await self._all_ignored.wait()

    @asynccontextmanager
    async def running(self):
        """Serve until the block ends; returns once it is subscribed. Its session stays with the broker."""
        ready = asyncio.Event()
        task = asyncio.create_task(self._serve(ready))
        waiting = asyncio.create_task(ready.wait())
        await asyncio.wait((task, waiting), return_when=asyncio.FIRST_COMPLETED)
        try:
            yield self
        finally:
            self.ignored = self.ignored_for_good = 0
            waiting.cancel()
            while not task.done():  # Python 3.11's wait_for swallows a cancellation that meets its result
                task.cancel()
                await asyncio.wait([task], timeout=0.1)
            await asyncio.gather(task, waiting, return_exceptions=True)

    async def _serve(self, ready: asyncio.Event) -> None:
        account = self.broker.accounts.ingest
        while True:
            try:
                async with aiomqtt.Client(
                    self.broker.host,
                    self.broker.port,
                    username=account.username,
                    password=account.password,
                    identifier="service",
                    clean_session=False,
                    socket_options=[(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)],
                ) as client:
                    await client.subscribe([("care/#", 1), ("shouwang/clock", 1)])
                    ready.set()
                    async for message in client.messages:
                        await self._take(client, message.topic.value, bytes(message.payload))
            except aiomqtt.MqttError:
                await asyncio.sleep(0.05)  # the broker restarts; nothing else tells when it is back

    async def _take(self, client: aiomqtt.Client, topic: str, payload: bytes) -> None:
        self.heard.append((topic, payload))
        if topic != "shouwang/clock":
            return
        tick = json.loads(payload)
        self.ticks.append((tick["tick"], tick["now_ms"]))
        if self.ignored:
            self.ignored -= 1
            if not self.ignored:
                self._all_ignored.set()
                self.ignored = self.ignored_for_good
            return
        answer = json.dumps(tick | {"next_ms": self.next_ms(tick["now_ms"])}).encode()
        for _ in range(self.answers):
            await client.publish("shouwang/clock/settled", answer, qos=1, timeout=1)  # or the broker is gone


class ScriptedActor:
    """Acts at given times and writes down when it did."""

    def __init__(self, *times_ms: int) -> None:
        self.waiting = sorted(times_ms)
        self.acted: list[tuple[int, int]] = []  # (due, done at)
        self.told: list[int] = []

    def next_event_ms(self) -> int | None:
        return self.waiting[0] if self.waiting else None

    def move_to(self, now_ms: int) -> None:
        self.told.append(now_ms)

    async def advance_to(self, now_ms: int) -> int:
        due = [at_ms for at_ms in self.waiting if at_ms <= now_ms]
        self.waiting = [at_ms for at_ms in self.waiting if at_ms > now_ms]
        self.acted += [(at_ms, now_ms) for at_ms in due]
        return len(due)


def settings_for(broker: EmbeddedBroker, **more) -> LockstepSettings:
    """Return settings of the simulator's account; a tick is sent again soon, so that tests need not wait."""
    account = broker.accounts.simulator
    return LockstepSettings(
        host=broker.host,
        port=broker.port,
        username=account.username,
        password=account.password,
        **({"resend_after_s": 0.3} | more),
    )


def motions(*times_ms: int, home: str = "h1") -> list[SimMessage]:
    """Return one motion message for each time."""
    return [
        SimMessage(at_ms, f"care/{home}/pir/event", json.dumps({"ts": at_ms, "seq": seq, "motion": True}).encode())
        for seq, at_ms in enumerate(times_ms, start=1)
    ]
