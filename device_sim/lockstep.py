"""The publisher that drives the service's clock: readings, a tick, an answer, the next step; judges nothing."""

import asyncio
import logging
import socket
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

import aiomqtt
import msgspec

from core.clock import Clock, SystemClock
from device_sim.messages import SimMessage
from device_sim.pace import Pace
from device_sim.steps import Step, StepPlanner

CLOCK_TOPIC = "shouwang/clock"
SETTLED_TOPIC = "shouwang/clock/settled"

PUBLISH_TOGETHER = 256
"""Messages on their way at once: enough to fill a loopback link, few enough for every broker's receive window."""

FIRST_RETRY_MS, LAST_RETRY_MS = 100, 5_000
"""Waits before the broker is tried again, doubling: a restart takes a second, an outage may take a day."""

CANCEL_AGAIN_S = 0.1
"""A cancelled task ends within one turn of the loop; one that is still there has missed it."""

_log = logging.getLogger(__name__)
_encode = msgspec.json.Encoder().encode


class Actor(Protocol):
    """Somebody outside the service who acts in simulated time: a phone, a clerk."""

    def next_event_ms(self) -> int | None:
        """Return when it will act next, UTC ms; None when it waits for others."""
        ...

    def move_to(self, now_ms: int) -> None:
        """Take note that it is `now_ms` from here on, without acting; called before the service hears of it."""
        ...

    async def advance_to(self, now_ms: int) -> int:
        """Do everything due at or before `now_ms` and return how much it was; the service has settled at that time."""
        ...


class LockstepSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Where the broker stands and how fast time goes. `speed`: simulated seconds per real second, None = no brake."""

    host: str
    port: int
    username: str | None = None
    password: str | None = None
    client_id: str = "shouwang-simulator"
    speed: float | None = None
    resend_after_s: float = 2.0  # a tick without an answer is sent again after this
    tail_ms: int = 2 * 3_600_000  # simulated time after the end in which what is pending may still happen


class LockstepReport(msgspec.Struct, frozen=True):
    """What a run did; an event that was published again counts once."""

    events_published: int
    ticks: int
    resends: int


class Progress(msgspec.Struct, frozen=True):
    """Where a run stands after a settled tick; `next_ms` is what the service waits for."""

    now_ms: int
    events_published: int
    ticks: int
    next_ms: int | None


class _Settled(msgspec.Struct, frozen=True):
    tick: int
    now_ms: int
    next_ms: int | None = None


_decode_settled = msgspec.json.Decoder(_Settled).decode


class Lockstep:
    """Publishes a source in lock-step with the service; outlives the broker's and the service's restarts."""

    def __init__(
        self,
        settings: LockstepSettings,
        source: Iterator[SimMessage],
        actors: Sequence[Actor] = (),
        *,
        start_ms: int | None = None,
        until_ms: int | None = None,
        on_progress: Callable[[Progress], None] | None = None,
        clock: Clock | None = None,
    ) -> None:
        """Time begins at `start_ms` (default: just before the first message) and lasts at least until `until_ms`."""
        self._settings = settings
        self._actors = actors
        self._on_progress = on_progress
        self._clock = clock or SystemClock()
        self._pace = Pace(self._clock, settings.speed)
        self._planner = StepPlanner(
            source,
            start_ms=start_ms,
            until_ms=until_ms,
            tail_ms=settings.tail_ms,
            max_step_ms=self._pace.max_step_ms,
        )
        self._step = self._planner.first()
        self._settled: _Settled | None = None
        self._acting: asyncio.Task[bool] | None = None
        self._events = self._ticks = self._resends = 0
        self._is_outage_logged = False
        self._retry_ms = FIRST_RETRY_MS

    async def run(self) -> LockstepReport:
        """Run until the source has ended and nothing is pending within the tail; tries a lost broker for ever."""
        try:
            while self._step is not None:
                try:
                    await self._run_connected()
                except (aiomqtt.MqttError, OSError) as error:
                    await self._wait_for_broker(error)
        finally:
            if self._acting is not None:
                self._acting.cancel()
        return LockstepReport(events_published=self._events, ticks=self._ticks, resends=self._resends)

    async def _run_connected(self) -> None:
        settings = self._settings
        async with aiomqtt.Client(
            settings.host,
            settings.port,
            username=settings.username,
            password=settings.password,
            identifier=settings.client_id,
            clean_session=True,
            max_inflight_messages=PUBLISH_TOGETHER,
            # A tick is one small packet and everybody waits for it: 40 ms of Nagle's patience would halve the pace.
            socket_options=[(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)],
        ) as client:
            client.pending_calls_threshold = PUBLISH_TOGETHER + 1  # below it, many waiting calls are intended
            await client.subscribe(SETTLED_TOPIC, qos=1)
            self._is_outage_logged, self._retry_ms = False, FIRST_RETRY_MS
            answers: asyncio.Queue[_Settled] = asyncio.Queue()
            driving = asyncio.create_task(self._drive(client, answers))
            await _until_done(driving, asyncio.create_task(_listen(client, answers)))

    async def _drive(self, client: aiomqtt.Client, answers: asyncio.Queue[_Settled]) -> None:
        """Take step after step; one that a lost connection interrupted is taken again from its first message."""
        while (step := self._step) is not None:
            if self._settled is None:
                await self._pace.wait_for(step.now_ms)
                for actor in self._actors:
                    actor.move_to(step.now_ms)
                await _publish_all(client, step.messages)
                self._settled = await self._settle(client, answers, step.now_ms)
                self._events += len(step.messages)
                self._ticks += 1
            if self._acting is None:
                self._acting = asyncio.create_task(self._act(step.now_ms))
            # Shielded: half a phone call must not be lost with the broker's connection.
            has_acted = await asyncio.shield(self._acting)
            next_ms = self._settled.next_ms
            self._step = self._planner.after(step.now_ms, next_ms, self._actors_next_ms(), has_acted=has_acted)
            self._settled = self._acting = None
            self._report(step, next_ms)

    async def _settle(self, client: aiomqtt.Client, answers: asyncio.Queue[_Settled], now_ms: int) -> _Settled:
        number = self._ticks + 1
        while True:
            await client.publish(CLOCK_TOPIC, _encode({"now_ms": now_ms, "tick": number}), qos=1)
            try:
                async with asyncio.timeout(self._settings.resend_after_s):
                    while (settled := await answers.get()).tick != number:
                        pass  # the second answer to a tick that was sent twice
            except TimeoutError:
                self._resends += 1
            else:
                return settled

    async def _act(self, now_ms: int) -> bool:
        """Let everybody act; return whether somebody did, so that the service is to be asked again at once."""
        done = 0
        for actor in self._actors:
            done += await actor.advance_to(now_ms)
        return done > 0

    def _actors_next_ms(self) -> int | None:
        return min((at_ms for actor in self._actors if (at_ms := actor.next_event_ms()) is not None), default=None)

    def _report(self, step: Step, next_ms: int | None) -> None:
        if self._on_progress is not None:
            self._on_progress(Progress(step.now_ms, self._events, self._ticks, next_ms))

    async def _wait_for_broker(self, error: Exception) -> None:
        if not self._is_outage_logged:
            _log.warning("the broker is not reachable and is tried again until it is: %s", error)
            self._is_outage_logged = True
        await self._clock.sleep_until_ms(self._clock.now_ms() + self._retry_ms)
        self._retry_ms = min(self._retry_ms * 2, LAST_RETRY_MS)


async def _listen(client: aiomqtt.Client, answers: asyncio.Queue[_Settled]) -> None:
    async for message in client.messages:
        try:
            answers.put_nowait(_decode_settled(message.payload))
        except msgspec.DecodeError as error:
            _log.warning("an answer on %s could not be read: %s", SETTLED_TOPIC, error)


async def _publish_all(client: aiomqtt.Client, messages: Sequence[SimMessage]) -> None:
    """Return once the broker has taken every message; raises MqttError otherwise."""
    for start in range(0, len(messages), PUBLISH_TOGETHER):
        together = messages[start : start + PUBLISH_TOGETHER]
        tasks = [asyncio.create_task(client.publish(m.topic, m.payload, qos=1)) for m in together]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()


async def _until_done(driving: asyncio.Task[None], listening: asyncio.Task[None]) -> None:
    """Return when the drive has ended; raise what ended it, or the loss of the connection that the listener saw."""
    tasks = (driving, listening)
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        ended = [task for task in tasks if task.done()]
        # Once may not do: Python 3.11's wait_for swallows a cancellation that meets its result.
        while running := [task for task in tasks if not task.done()]:
            for task in running:
                task.cancel()
            await asyncio.wait(running, timeout=CANCEL_AGAIN_S)
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in ended:
        task.result()
