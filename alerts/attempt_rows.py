"""What becomes of an attempt that was not sent or is in doubt: again, elsewhere, beside, or over; it sends nothing."""

import logging

import msgspec

from alerts.attempts import CallNews
from alerts.model import Attempt, AttemptState
from alerts.ports import Delivery, Outbox, SendResult, Upkeep
from alerts.switchboard import Switchboard

MAX_TRIES = 10
"""Over all channels; with doubling waits about two minutes, and the ladder has gone on to the next person by then."""

FIRST_RETRY_MS = 1_000
FAILOVER_MS = 12_000
"""Design: another channel within 15 s; the retry after this would come too late."""

LOOK_UP_AGAIN_MS = 10_000
"""How soon an attempt whose answer was never seen is looked for again."""

_log = logging.getLogger(__name__)


class AttemptRows:
    """Writes what the dispatcher learned about its attempts, with what comes next; `counts` are its figures."""

    def __init__(self, outbox: Outbox, board: Switchboard, counts: dict[str, int]) -> None:
        self._outbox = outbox
        self._board = board
        self._counts = counts

    async def again(self, attempt: Attempt, delivery: Delivery, result: SendResult, now_ms: int) -> None:
        """Put it back: to the same channel after a pause, or at once to the next one.

        The board is the next one only for a channel that cannot ring as it is set up: what it shows rings nobody.
        """
        wait_ms = FIRST_RETRY_MS if result.retry_after_ms is None else result.retry_after_ms
        asked_for_ms = now_ms + wait_ms - (attempt.first_claimed_at_ms or now_ms)
        tried, is_out = attempt.tried, result.is_misconfigured or asked_for_ms > FAILOVER_MS
        if is_out and self._board.has_another(attempt, delivery.to, rings=not result.is_misconfigured):
            tried, wait_ms = (*tried, attempt.channel), 0
            self._counts["failed_over"] += 1
        elif attempt.tries >= MAX_TRIES:
            await self.end(attempt, f"gave up: {result.news.detail}", now_ms)
            return
        elif is_out and self._board.has_another(attempt, delivery.to):
            await self._queue_beside(attempt, now_ms)
            tried = (*tried, *self._board.shown_by)
        self._counts["retried"] += 1
        await self.record(attempt, result.news, Upkeep(retry_at_ms=now_ms + wait_ms, tried=tried))

    async def never_sent(self, attempt: Attempt, delivery: Delivery, result: SendResult, now_ms: int) -> None:
        """Send it after all; by the same channel where only the board is left."""
        shown = self._board.shown_by if delivery.besides else ()
        tried = tuple(dict.fromkeys(name for name in (*attempt.tried, *shown) if name != attempt.channel))
        own = msgspec.structs.replace(attempt, tried=tried)
        if attempt.tries >= MAX_TRIES or self._board.has_another(own, delivery.to, rings=True):
            await self.again(own, delivery, result, now_ms)
            return
        self._counts["retried"] += 1
        retry_at_ms = now_ms + (result.retry_after_ms or FIRST_RETRY_MS)
        await self.record(own, result.news, Upkeep(retry_at_ms=retry_at_ms, tried=tried))

    async def doubt(self, attempt: Attempt, delivery: Delivery, result: SendResult, now_ms: int) -> None:
        """Look for it again later, and meanwhile let another channel carry the same effect in a row of its own."""
        tried = attempt.tried
        if attempt.channel not in tried and delivery.is_wanted and self._board.has_another(attempt, delivery.to):
            tried = await self._queue_beside(attempt, now_ms)
        if attempt.state is not AttemptState.UNKNOWN:
            self._counts["unknown"] += 1
        look_up_at_ms = now_ms + (result.retry_after_ms or LOOK_UP_AGAIN_MS)
        await self.record(attempt, result.news, Upkeep(look_up_at_ms=look_up_at_ms, tried=tried))

    async def show_beside(self, attempt: Attempt, later: tuple[str, ...], now_ms: int) -> None:
        """Let the board show a call in a row of its own, and leave this one to the channels that ring."""
        await self._outbox.queue_beside(msgspec.structs.replace(attempt, tried=(*attempt.tried, *later)), now_ms)
        news = CallNews(state=AttemptState.NEW, at_ms=now_ms)
        await self.record(attempt, news, Upkeep(tried=(*attempt.tried, *self._board.shown_by)))

    async def end(self, attempt: Attempt, detail: str, now_ms: int) -> None:
        """Give it up; the ladder goes on to the next person at once where nobody else is being rung."""
        news = CallNews(state=AttemptState.FAILED, at_ms=now_ms, detail=detail)
        await self.record(attempt, news, Upkeep(tried=attempt.tried))

    async def record(self, attempt: Attempt, news: CallNews, upkeep: Upkeep) -> Attempt | None:
        """Write news and upkeep, and return the row as it stands."""
        if news.state is AttemptState.FAILED:
            self._counts["failed"] += 1
            _log.warning("attempt %s failed: %s", attempt.id, news.detail)
        return await self._outbox.record(attempt.id, news, upkeep)

    async def _queue_beside(self, attempt: Attempt, now_ms: int) -> tuple[str, ...]:
        """Queue its effect for the channels that are left; return what those are not to try."""
        tried = (*attempt.tried, attempt.channel)
        self._counts["failed_over"] += 1
        await self._outbox.queue_beside(msgspec.structs.replace(attempt, tried=tried), now_ms)
        return tried
