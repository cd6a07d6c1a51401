"""Carries the outbox out, gravest first: claims, hands over, looks up, fails over, hangs up; decides no ladder."""

import asyncio
import logging
from collections import deque
from collections.abc import Coroutine, Sequence
from typing import Any

import msgspec

from alerts.attempt_rows import LOOK_UP_AGAIN_MS, AttemptRows
from alerts.attempts import CallNews
from alerts.model import Attempt, AttemptState, PlaceCall, SendSms
from alerts.ports import Channel, Delivery, Outbox, PhoneBook, SendResult, Upkeep
from alerts.routing import Routes
from alerts.switchboard import Hold, Switchboard
from alerts.waiting_line import WaitingLine
from core.clock import Clock
from core.ids import AttemptId
from rules.findings import Priority

DUE_LIMIT = 2_048
"""Rows read at a time: a thousand alerts at once, each with a call and a text; what is behind is less grave."""

HANG_UPS_KEPT = 1_000
"""Calls to hang up that no connection was free for: far more than can ring at once."""

SHOWN_MOST_MS = 120_000
"""A call that the board shows waits so long for a provider: then the ladder rings the next person, and a provider that
is back must not ring one phone for every round it missed."""

TEXT_SHOWN_MOST_MS = 900_000
"""A text may be later: it asks to take calls or to ring the desk back, and limits of a number last so long."""

LOOK_UP_MOST_MS = 900_000
"""After a quarter of an hour no provider finds a lost request any more, and the ladder is long past it."""

LATER_STEP = "a later step has rung this phone"
"""Why a call is cancelled that comes too late: the ladder has gone on."""

_IN_DOUBT = frozenset({AttemptState.CLAIMED, AttemptState.UNKNOWN})
_RINGS = frozenset({AttemptState.SUBMITTED, AttemptState.RINGING})
_log = logging.getLogger(__name__)


class Dispatcher:
    """One per service; it owns every attempt between its row and its provider.

    `start_due` starts what can be started and does not wait for slow providers; `drain` waits until all is done.
    """

    def __init__(
        self, outbox: Outbox, phone_book: PhoneBook, *, channels: Sequence[Channel], routes: Routes, clock: Clock
    ) -> None:
        self._outbox = outbox
        self._phone_book = phone_book
        self._clock = clock
        self.board = Switchboard(channels, routes)
        self._in_hand: set[AttemptId] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._hang_ups: deque[Attempt] = deque(maxlen=HANG_UPS_KEPT)
        self._line = WaitingLine()
        self._faulty_until_ms: dict[AttemptId, int] = {}
        self.faults = 0
        self.counts = {"sent": 0, "failed": 0, "unknown": 0, "retried": 0, "looked_up": 0, "failed_over": 0}
        self._rows = AttemptRows(outbox, self.board, self.counts)

    async def drain(self, now_ms: int) -> None:
        """Carry out all that is due; returns when nothing is left that can be done now."""
        while await self.start_due(now_ms) or self._tasks or self._line.has_more():
            if self._tasks:
                await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)

    async def start_due(self, now_ms: int) -> int:
        """Start what is due, gravest first, and return how much; what is slow goes on beside."""
        started = 0
        self._line.begin(now_ms)
        self._faulty_until_ms = {key: at_ms for key, at_ms in self._faulty_until_ms.items() if at_ms > now_ms}
        for attempt in await self._outbox.due(now_ms, DUE_LIMIT):
            if attempt.id in self._in_hand or attempt.id in self._faulty_until_ms or self._line.skips(attempt.id):
                continue
            hold = await self._started(attempt, now_ms)
            if hold is None:
                started += 1
            else:
                self._line.waits(attempt.id, hold)
        return started + self._start_hang_ups(now_ms)

    async def _started(self, attempt: Attempt, now_ms: int) -> Hold | None:
        try:
            return await self._start(attempt, now_ms)
        except Exception:  # noqa: BLE001  # this attempt ends here; one that cannot be read must not keep all others
            self._note_fault(attempt, now_ms)
            return None

    async def hang_up(self, attempts: Sequence[Attempt], now_ms: int) -> None:
        """Stop calls that still ring although somebody has the alert; too late is harmless. Does not wait."""
        self._hang_ups.extend(one for one in attempts if one.provider_id and one.channel in self.board.channels)
        self._start_hang_ups(now_ms)

    def next_wake_ms(self) -> int | None:
        """Return when an attempt that was held back may go."""
        waits = (self._line.next_ms(), *self._faulty_until_ms.values())
        return min((at_ms for at_ms in waits if at_ms is not None), default=None)

    async def close(self) -> None:
        """End at once; what was under way stays claimed and is looked up after the next start."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _start(self, attempt: Attempt, now_ms: int) -> Hold | None:
        delivery = await self._phone_book.delivery(attempt)
        if delivery is None:
            await self._rows.end(attempt, "no number", now_ms)
            return None
        if attempt.state is not AttemptState.NEW:
            return await self._start_look_up(attempt, delivery, now_ms)
        if moot := self._moot(attempt, delivery, now_ms):
            news = CallNews(state=AttemptState.CANCELED, at_ms=now_ms, detail=moot)
            await self._rows.record(attempt, news, Upkeep(tried=attempt.tried))
            return None
        engaged_until_ms = self.board.engaged_until_ms(attempt, delivery, now_ms)
        chosen = Hold(engaged_until_ms) if engaged_until_ms else self.board.choose(attempt, delivery, now_ms)
        if chosen is None:
            await self._rows.end(attempt, "no channel is left", now_ms)
        if chosen is None or isinstance(chosen, Hold):
            return await self._held(chosen, attempt, now_ms)
        if not chosen.traits.rings and (later := self.board.rings_later(attempt, delivery.to)):
            await self._rows.show_beside(attempt, later, now_ms)
            return None
        self.board.begin_send(chosen, delivery.to, now_ms)
        self._spawn(self._send(chosen, attempt, delivery), chosen, attempt, now_ms)
        return None

    def _moot(self, attempt: Attempt, delivery: Delivery, now_ms: int) -> str:
        """Return why nobody needs an attempt any more, or ""."""
        if not delivery.is_wanted:  # queued while somebody took the alert
            return "somebody has the alert"
        return LATER_STEP if self.board.is_overtaken(attempt, delivery, now_ms) else ""

    async def _held(self, hold: Hold | None, attempt: Attempt, now_ms: int) -> Hold | None:
        """Return the hold, or give up a call or text that the board shows while no provider may be asked."""
        is_shown = any(name in attempt.tried for name in self.board.shown_by)
        most_ms = TEXT_SHOWN_MOST_MS if isinstance(attempt.effect, SendSms) else SHOWN_MOST_MS
        is_late = now_ms - attempt.effect.not_before_ms >= most_ms
        if hold is None or hold.busy_channel or not (is_shown and is_late):
            return hold
        await self._rows.end(attempt, "no provider could be asked in time; the board shows it", now_ms)
        return None

    async def _start_look_up(self, attempt: Attempt, delivery: Delivery, now_ms: int) -> Hold | None:
        channel = self.board.channels.get(attempt.channel)
        if channel is None:
            await self._rows.end(attempt, "its channel is gone", now_ms)
            return None
        if not self.board.has_room(channel, attempt.effect.priority):
            return Hold(None)
        self._spawn(self._look_up(channel, attempt, delivery), channel, attempt, now_ms)
        return None

    def _start_hang_ups(self, now_ms: int) -> int:
        started = 0
        for _ in range(len(self._hang_ups)):
            attempt = self._hang_ups.popleft()
            channel = self.board.channels[attempt.channel]
            if attempt.id in self._in_hand or not self.board.has_room(channel, Priority.P3):
                self._hang_ups.append(attempt)
                continue
            self._spawn(channel.cancel(attempt, now_ms=now_ms), channel, attempt, now_ms, priority=Priority.P3)
            started += 1
        return started

    def _spawn(
        self,
        work: Coroutine[Any, Any, None],
        channel: Channel,
        attempt: Attempt,
        now_ms: int,
        *,
        priority: Priority | None = None,
    ) -> None:
        priority = attempt.effect.priority if priority is None else priority
        self._in_hand.add(attempt.id)
        self.board.begin(channel, priority)

        async def carried_out() -> None:
            try:
                await work
            except Exception:  # noqa: BLE001  # the task ends here; the row stays and is looked up
                self._note_fault(attempt, now_ms)
            finally:
                self._in_hand.discard(attempt.id)
                self.board.end(channel, priority)

        task = asyncio.create_task(carried_out())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _note_fault(self, attempt: Attempt, now_ms: int) -> None:
        self.faults += 1
        self._faulty_until_ms[attempt.id] = now_ms + LOOK_UP_AGAIN_MS
        _log.exception("attempt %s could not be carried out", attempt.id)

    async def _send(self, channel: Channel, attempt: Attempt, delivery: Delivery) -> None:
        try:
            now_ms = self._clock.now_ms()
            claimed = await self._outbox.claim(attempt.id, channel.name, now_ms, to=delivery.to)
            if claimed is None:
                return
            self.counts["sent"] += 1
            delivery = msgspec.structs.replace(delivery, attempt=claimed)
            result = await channel.send(delivery, now_ms=now_ms)
        finally:
            self.board.end_send(channel, delivery.to)
        now_ms = self._clock.now_ms()
        self.board.learn(channel, result, now_ms)
        if result.is_misconfigured:
            _log.error("the channel %s is misconfigured: %s", channel.name, result.news.detail)
        if result.news.state is AttemptState.NEW:
            await self._rows.again(claimed, delivery, result, now_ms)
        elif result.news.state is AttemptState.UNKNOWN:
            await self._rows.doubt(claimed, delivery, result, now_ms)
        else:
            await self._accept(channel, delivery, result, now_ms)

    async def _look_up(self, channel: Channel, attempt: Attempt, delivery: Delivery) -> None:
        self.counts["looked_up"] += 1
        result = await channel.look_up(delivery, now_ms=self._clock.now_ms())
        now_ms = self._clock.now_ms()
        if result.is_misconfigured:
            self.board.learn(channel, result, now_ms)
        state, age_ms = result.news.state, now_ms - (attempt.claimed_at_ms or attempt.created_at_ms)
        is_in_doubt = attempt.state in _IN_DOUBT
        if state is AttemptState.NEW and is_in_doubt and (self.board.is_carried(delivery) or not delivery.is_wanted):
            news = CallNews(state=AttemptState.CANCELED, at_ms=now_ms, detail=f"never sent: {result.news.detail}")
            await self._rows.record(attempt, news, Upkeep(tried=attempt.tried))
        elif state is AttemptState.NEW and is_in_doubt:
            await self._rows.never_sent(attempt, delivery, result, now_ms)
        elif state in {AttemptState.NEW, AttemptState.UNKNOWN} and age_ms >= LOOK_UP_MOST_MS and is_in_doubt:
            await self._rows.end(attempt, f"its outcome was never learned: {result.news.detail}", now_ms)
        elif state is AttemptState.UNKNOWN and is_in_doubt:
            await self._rows.doubt(attempt, delivery, result, now_ms)
        else:
            await self._accept(channel, delivery, result, now_ms, is_last=age_ms >= LOOK_UP_MOST_MS)

    async def _accept(
        self, channel: Channel, delivery: Delivery, result: SendResult, now_ms: int, *, is_last: bool = False
    ) -> None:
        """Write down what the provider says; hang up at once what nobody wants any more."""
        attempt, wait_ms = delivery.attempt, result.retry_after_ms
        look_up_at_ms = None if wait_ms is None or is_last else now_ms + wait_ms
        row = await self._rows.record(attempt, result.news, Upkeep(look_up_at_ms=look_up_at_ms, tried=attempt.tried))
        is_cancelled = row is not None and row.state is AttemptState.CANCELED
        is_ringing = result.news.state in _RINGS and isinstance(attempt.effect, PlaceCall)
        if is_ringing and (is_cancelled or not delivery.is_wanted):
            provider_id = result.news.provider_id or attempt.provider_id
            await channel.cancel(msgspec.structs.replace(attempt, provider_id=provider_id), now_ms=now_ms)
