"""Carries the outbox out: claims an attempt, hands it to a channel, records what became of it; decides nothing."""

import asyncio
import logging
from collections.abc import Sequence

from alerts.attempts import CallNews
from alerts.model import Attempt, AttemptState, SendSms
from alerts.ports import Channel, Delivery, Outbox, PhoneBook, SendResult
from core.ids import AttemptId

BATCH = 32
"""Attempts in hand at once: more than one alert's step ever makes, fewer than a provider's connection limit."""

MAX_TRIES = 6
"""With doubling waits about a minute in all; the ladder has gone on to the next person by then."""

FIRST_RETRY_MS = 1_000
LOOK_UP_AGAIN_MS = 10_000
"""How soon an attempt whose answer was never seen is looked for again."""

_log = logging.getLogger(__name__)


class Dispatcher:
    """One per service; it owns every attempt between its row and its provider."""

    def __init__(
        self, outbox: Outbox, phone_book: PhoneBook, *, voice: Sequence[Channel], sms: Sequence[Channel]
    ) -> None:
        self._outbox = outbox
        self._phone_book = phone_book
        self._voice = tuple(voice)
        self._sms = tuple(sms)
        self._channels = {channel.name: channel for channel in (*voice, *sms)}
        self._in_hand: set[AttemptId] = set()
        self._look_up_at_ms: dict[AttemptId, int] = {}
        self._tried: dict[AttemptId, set[str]] = {}
        self.counts = {"sent": 0, "failed": 0, "unknown": 0, "retried": 0, "looked_up": 0}

    async def drain(self, now_ms: int) -> None:
        """Carry out all that is due; returns when nothing is left that can be done now."""
        while True:
            due = [one for one in await self._outbox.due(now_ms, BATCH) if self._is_ready(one, now_ms)]
            if not due:
                return
            self._in_hand.update(attempt.id for attempt in due)
            try:
                await asyncio.gather(*(self._carry_out(attempt, now_ms) for attempt in due))
            finally:
                self._in_hand.difference_update(attempt.id for attempt in due)

    async def hang_up(self, attempts: Sequence[Attempt], now_ms: int) -> None:
        """Stop calls that still ring although somebody has the alert; too late is harmless."""
        for attempt in attempts:
            channel = self._channels.get(attempt.channel)
            if channel is not None and attempt.provider_id:
                await channel.cancel(attempt, now_ms=now_ms)

    def next_look_up_ms(self) -> int | None:
        """Return when an attempt in doubt is looked up again."""
        return min(self._look_up_at_ms.values(), default=None)

    def _is_ready(self, attempt: Attempt, now_ms: int) -> bool:
        return attempt.id not in self._in_hand and self._look_up_at_ms.get(attempt.id, 0) <= now_ms

    async def _carry_out(self, attempt: Attempt, now_ms: int) -> None:
        delivery = await self._phone_book.delivery(attempt)
        if delivery is None:
            await self._record(attempt, CallNews(state=AttemptState.FAILED, at_ms=now_ms, detail="no number"), None)
            return
        if attempt.state is AttemptState.NEW:
            result = await self._sent(attempt, delivery, now_ms)
        else:
            # CLAIMED here means that the service died between the claim and the answer: never blindly repeated.
            result = await self._looked_up(attempt, delivery, now_ms)
        if result is not None:
            await self._settle(attempt, result, now_ms)

    async def _sent(self, attempt: Attempt, delivery: Delivery, now_ms: int) -> SendResult | None:
        channel = self._channel_for(attempt)
        if channel is None:
            news = CallNews(state=AttemptState.FAILED, at_ms=now_ms, detail="no channel is left")
            return SendResult(news=news)
        claimed = await self._outbox.claim(attempt.id, channel.name, now_ms)
        if claimed is None:
            return None
        self.counts["sent"] += 1
        return await channel.send(
            Delivery(attempt=claimed, to=delivery.to, text=delivery.text, ring_timeout_s=delivery.ring_timeout_s),
            now_ms=now_ms,
        )

    async def _looked_up(self, attempt: Attempt, delivery: Delivery, now_ms: int) -> SendResult | None:
        channel = self._channels.get(attempt.channel)
        if channel is None:
            return SendResult(
                news=CallNews(state=AttemptState.NEW, at_ms=now_ms, detail="its channel is gone"), retry_after_ms=0
            )
        self.counts["looked_up"] += 1
        return await channel.look_up(delivery, now_ms=now_ms)

    async def _settle(self, attempt: Attempt, result: SendResult, now_ms: int) -> None:
        state = result.news.state
        self._look_up_at_ms.pop(attempt.id, None)
        if state is AttemptState.UNKNOWN:
            self.counts["unknown"] += 1
            self._look_up_at_ms[attempt.id] = now_ms + (result.retry_after_ms or LOOK_UP_AGAIN_MS)
        if result.is_misconfigured and self._has_another(attempt):
            _log.error("a channel is misconfigured, failing over: %s", result.news.detail)
            result = SendResult(news=_again(result.news), retry_after_ms=0)
            state = AttemptState.NEW
        if state is AttemptState.NEW:
            if attempt.tries + 1 >= MAX_TRIES:
                news = CallNews(state=AttemptState.FAILED, at_ms=now_ms, detail=f"gave up: {result.news.detail}")
                await self._record(attempt, news, None)
                return
            self.counts["retried"] += 1
            wait_ms = FIRST_RETRY_MS * 2**attempt.tries if result.retry_after_ms is None else result.retry_after_ms
            await self._record(attempt, result.news, now_ms + wait_ms)
            return
        await self._record(attempt, result.news, None)

    async def _record(self, attempt: Attempt, news: CallNews, retry_at_ms: int | None) -> None:
        if news.state is AttemptState.FAILED:
            self.counts["failed"] += 1
            _log.warning("attempt %s failed: %s", attempt.id, news.detail)
        await self._outbox.record(attempt.id, news, retry_at_ms=retry_at_ms)

    def _channel_for(self, attempt: Attempt) -> Channel | None:
        channels = self._sms if isinstance(attempt.effect, SendSms) else self._voice
        tried = self._tried.get(attempt.id, set())
        return next((channel for channel in channels if channel.name not in tried), None)

    def _has_another(self, attempt: Attempt) -> bool:
        channel = self._channel_for(attempt)
        if channel is not None:
            self._tried.setdefault(attempt.id, set()).add(channel.name)
        if self._channel_for(attempt) is not None:
            return True
        self._tried.pop(attempt.id, None)
        return False


def _again(news: CallNews) -> CallNews:
    return CallNews(state=AttemptState.NEW, at_ms=news.at_ms, detail=news.detail)
