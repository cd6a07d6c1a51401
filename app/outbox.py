"""The dispatcher's ports on the truth database: rows of attempts, and who is behind one; blocking work off the loop."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from typing import TypeVar

from alerts.attempts import CallNews
from alerts.messages import sms_text
from alerts.model import Attempt, SendSms
from alerts.ports import Delivery
from app.desk_service import DeskService
from core.ids import AttemptId
from store.truth.database import Truth

T = TypeVar("T")

RING_TIMEOUT_S = 45
"""Design (alerting): one ring lasts 45 s, about nine tones."""


class TruthOutbox:
    """Fits alerts.ports.Outbox and PhoneBook."""

    def __init__(self, truth: Truth, desk: DeskService, executor: Executor) -> None:
        self._truth = truth
        self._desk = desk
        self._executor = executor

    async def due(self, now_ms: int, limit: int) -> Sequence[Attempt]:
        """Return attempts to carry out or to look up, gravest first."""
        return await self._run(lambda: self._due(now_ms, limit))

    async def claim(self, attempt_id: AttemptId, channel: str, now_ms: int) -> Attempt | None:
        """Take an attempt; None when somebody else did or it was cancelled."""
        return await self._run(lambda: self._claim(attempt_id, channel, now_ms))

    async def record(self, attempt_id: AttemptId, news: CallNews, *, retry_at_ms: int | None = None) -> Attempt | None:
        """Write news with what the desk decides about it."""
        return await self._run(lambda: self._desk.news_of(attempt_id, news, retry_at_ms=retry_at_ms))

    async def delivery(self, attempt: Attempt) -> Delivery | None:
        """Return an attempt with its number and text; None when there is no number."""
        return await self._run(lambda: self._delivery(attempt))

    def next_due_ms(self) -> int | None:
        """Return when the next attempt is due; blocking."""
        with self._truth.view() as unit:
            return unit.outbox.next_due_ms()

    def _due(self, now_ms: int, limit: int) -> Sequence[Attempt]:
        with self._truth.view() as unit:
            return unit.outbox.due(now_ms, limit)

    def _claim(self, attempt_id: AttemptId, channel: str, now_ms: int) -> Attempt | None:
        with self._truth.transaction() as unit:
            return unit.outbox.claim(attempt_id, channel, now_ms)

    def _delivery(self, attempt: Attempt) -> Delivery | None:
        with self._truth.view() as unit:
            alert = unit.alerts.get(attempt.alert_id)
            if attempt.contact_id is not None:
                contact = unit.people.contact(attempt.contact_id)
                number = "" if contact is None else contact.phone
            else:
                person = None if alert is None or alert.person_id is None else unit.people.person(alert.person_id)
                number = "" if person is None else person.phone
        if not number:
            return None
        effect = attempt.effect
        text = sms_text(effect.template, effect.variables) if isinstance(effect, SendSms) else ""
        return Delivery(attempt=attempt, to=number, text=text, ring_timeout_s=RING_TIMEOUT_S)

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._executor, work)
