"""Carries the outbox out, gravest first: claims, hands over, looks up, fails over, hangs up; decides no ladder."""

import asyncio
import logging
from collections import deque
from collections.abc import Coroutine, Sequence
from typing import Any

import msgspec

from alerts.attempts import CallNews
from alerts.model import Attempt, AttemptState, PlaceCall
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

MAX_TRIES = 10
"""Over all channels; with doubling waits about two minutes, and the ladder has gone on to the next person by then."""

FIRST_RETRY_MS = 1_000
FAILOVER_MS = 12_000
"""Design: another channel within 15 s; the retry after this would come too late."""

LOOK_UP_AGAIN_MS = 10_000
"""How soon an attempt whose answer was never seen is looked for again."""

LOOK_UP_MOST_MS = 900_000
"""After a quarter of an hour no provider finds a lost request any more, and the ladder is long past it."""

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
            await self._end(attempt, "no number", now_ms)
            return None
        if attempt.state is not AttemptState.NEW:
            return await self._start_look_up(attempt, delivery, now_ms)
        if not delivery.is_wanted:  # queued while somebody took the alert
            news = CallNews(state=AttemptState.CANCELED, at_ms=now_ms, detail="somebody has the alert")
            await self._record(attempt, news, Upkeep(tried=attempt.tried))
            return None
        chosen = self.board.choose(attempt, delivery, now_ms)
        if chosen is None:
            await self._end(attempt, "no channel is left", now_ms)
        if chosen is None or isinstance(chosen, Hold):
            return chosen
        self.board.begin_send(chosen, delivery.to, now_ms)
        self._spawn(self._send(chosen, attempt, delivery), chosen, attempt, now_ms)
        return None

    async def _start_look_up(self, attempt: Attempt, delivery: Delivery, now_ms: int) -> Hold | None:
        channel = self.board.channels.get(attempt.channel)
        if channel is None:
            await self._end(attempt, "its channel is gone", now_ms)
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
            await self._again(claimed, delivery, result, now_ms)
        elif result.news.state is AttemptState.UNKNOWN:
            await self._doubt(claimed, delivery, result, now_ms)
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
            await self._record(attempt, news, Upkeep(tried=attempt.tried))
        elif state is AttemptState.NEW and is_in_doubt:
            await self._never_sent(attempt, delivery, result, now_ms)
        elif state in {AttemptState.NEW, AttemptState.UNKNOWN} and age_ms >= LOOK_UP_MOST_MS and is_in_doubt:
            await self._end(attempt, f"its outcome was never learned: {result.news.detail}", now_ms)
        elif state is AttemptState.UNKNOWN and is_in_doubt:
            await self._doubt(attempt, delivery, result, now_ms)
        else:
            await self._accept(channel, delivery, result, now_ms, is_last=age_ms >= LOOK_UP_MOST_MS)

    async def _again(self, attempt: Attempt, delivery: Delivery, result: SendResult, now_ms: int) -> None:
        """Put it back: to the same channel after a pause, or at once to the next one."""
        wait_ms = FIRST_RETRY_MS if result.retry_after_ms is None else result.retry_after_ms
        asked_for_ms = now_ms + wait_ms - (attempt.first_claimed_at_ms or now_ms)
        tried, is_out = attempt.tried, result.is_misconfigured or asked_for_ms > FAILOVER_MS
        if is_out and self.board.has_another(attempt, delivery.to):
            tried, wait_ms = (*tried, attempt.channel), 0
            self.counts["failed_over"] += 1
        elif attempt.tries >= MAX_TRIES:
            await self._end(attempt, f"gave up: {result.news.detail}", now_ms)
            return
        self.counts["retried"] += 1
        await self._record(attempt, result.news, Upkeep(retry_at_ms=now_ms + wait_ms, tried=tried))

    async def _never_sent(self, attempt: Attempt, delivery: Delivery, result: SendResult, now_ms: int) -> None:
        """Send it after all. By the same channel where only the board is left: what it shows has rung nobody."""
        own = msgspec.structs.replace(attempt, tried=tuple(name for name in attempt.tried if name != attempt.channel))
        if attempt.tries >= MAX_TRIES or self.board.has_another(own, delivery.to, rings=True):
            await self._again(own, delivery, result, now_ms)
            return
        self.counts["retried"] += 1
        retry_at_ms = now_ms + (result.retry_after_ms or FIRST_RETRY_MS)
        await self._record(own, result.news, Upkeep(retry_at_ms=retry_at_ms, tried=own.tried))

    async def _doubt(self, attempt: Attempt, delivery: Delivery, result: SendResult, now_ms: int) -> None:
        """Look for it again later, and meanwhile let another channel carry the same effect in a row of its own."""
        tried = attempt.tried
        if attempt.channel not in tried and delivery.is_wanted and self.board.has_another(attempt, delivery.to):
            tried = (*tried, attempt.channel)
            self.counts["failed_over"] += 1
            await self._outbox.queue_beside(msgspec.structs.replace(attempt, tried=tried), now_ms)
        if attempt.state is not AttemptState.UNKNOWN:
            self.counts["unknown"] += 1
        look_up_at_ms = now_ms + (result.retry_after_ms or LOOK_UP_AGAIN_MS)
        await self._record(attempt, result.news, Upkeep(look_up_at_ms=look_up_at_ms, tried=tried))

    async def _accept(
        self, channel: Channel, delivery: Delivery, result: SendResult, now_ms: int, *, is_last: bool = False
    ) -> None:
        """Write down what the provider says; hang up at once what nobody wants any more."""
        attempt, wait_ms = delivery.attempt, result.retry_after_ms
        look_up_at_ms = None if wait_ms is None or is_last else now_ms + wait_ms
        row = await self._record(attempt, result.news, Upkeep(look_up_at_ms=look_up_at_ms, tried=attempt.tried))
        is_cancelled = row is not None and row.state is AttemptState.CANCELED
        is_ringing = result.news.state in _RINGS and isinstance(attempt.effect, PlaceCall)
        if is_ringing and (is_cancelled or not delivery.is_wanted):
            provider_id = result.news.provider_id or attempt.provider_id
            await channel.cancel(msgspec.structs.replace(attempt, provider_id=provider_id), now_ms=now_ms)

    async def _end(self, attempt: Attempt, detail: str, now_ms: int) -> None:
        news = CallNews(state=AttemptState.FAILED, at_ms=now_ms, detail=detail)
        await self._record(attempt, news, Upkeep(tried=attempt.tried))

    async def _record(self, attempt: Attempt, news: CallNews, upkeep: Upkeep) -> Attempt | None:
        if news.state is AttemptState.FAILED:
            self.counts["failed"] += 1
            _log.warning("attempt %s failed: %s", attempt.id, news.detail)
        return await self._outbox.record(attempt.id, news, upkeep)
