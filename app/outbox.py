"""The dispatcher's ports on the truth database: rows of attempts, and who is behind one; blocking work off the loop."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from typing import TypeVar

from alerts.attempts import CallNews
from alerts.lifecycle import ENDED
from alerts.messages import call_variables, script_without_keys, sms_text
from alerts.model import Alert, AlertState, Attempt, AttemptState, SendSms
from alerts.ports import Delivery, Upkeep
from alerts.situation import BUNDLE_PREFIX
from app.desk_service import DeskService
from core.ids import AttemptId
from store.truth.database import Truth

T = TypeVar("T")

RING_TIMEOUT_S = 45
"""Design (alerting): one ring lasts 45 s, about nine tones."""

EARLIER_MS = 24 * 3_600_000
"""The longest limit of a provider counts the calls of a day."""


class TruthOutbox:
    """Fits alerts.ports.Outbox and PhoneBook."""

    def __init__(self, truth: Truth, desk: DeskService, executor: Executor, *, desk_number: str = "") -> None:
        self._truth = truth
        self._desk = desk
        self._executor = executor
        self._desk_number = desk_number

    async def due(self, now_ms: int, limit: int) -> Sequence[Attempt]:
        """Return attempts to carry out or to look up, gravest first."""
        return await self._run(lambda: self._due(now_ms, limit))

    async def claim(self, attempt_id: AttemptId, channel: str, now_ms: int, *, to: str) -> Attempt | None:
        """Take an attempt; None when somebody else did or it was cancelled."""
        return await self._run(lambda: self._claim(attempt_id, channel, now_ms, to))

    async def record(self, attempt_id: AttemptId, news: CallNews, upkeep: Upkeep) -> Attempt | None:
        """Write the upkeep, then news with what the desk decides about it; return the row as it stands."""
        return await self._run(lambda: self._record(attempt_id, news, upkeep))

    async def queue_beside(self, attempt: Attempt, now_ms: int) -> None:
        """Queue the effect of an attempt in doubt once more."""
        await self._run(lambda: self._queue_beside(attempt, now_ms))

    async def delivery(self, attempt: Attempt) -> Delivery | None:
        """Return an attempt with its number and text; None when there is no number."""
        return await self._run(lambda: self._delivery(attempt))

    def next_due_ms(self, after_ms: int | None = None) -> int | None:
        """Return when the next attempt or look-up is due; blocking."""
        with self._truth.view() as unit:
            return unit.outbox.next_due_ms(after_ms)

    def _due(self, now_ms: int, limit: int) -> Sequence[Attempt]:
        with self._truth.view() as unit:
            return unit.outbox.due(now_ms, limit)

    def _claim(self, attempt_id: AttemptId, channel: str, now_ms: int, to: str) -> Attempt | None:
        with self._truth.transaction() as unit:
            return unit.outbox.claim(attempt_id, channel, now_ms, to=to)

    def _record(self, attempt_id: AttemptId, news: CallNews, upkeep: Upkeep) -> Attempt | None:
        self._desk.news_of(attempt_id, news, upkeep=upkeep)
        with self._truth.view() as unit:
            return unit.outbox.get(attempt_id)

    def _queue_beside(self, attempt: Attempt, now_ms: int) -> None:
        with self._truth.transaction() as unit:
            unit.outbox.queue_beside(attempt, now_ms)

    def _delivery(self, attempt: Attempt) -> Delivery | None:
        with self._truth.view() as unit:
            alert = unit.alerts.get(attempt.alert_id)
            if attempt.contact_id is not None:
                contact = unit.people.contact(attempt.contact_id)
                number = "" if contact is None else contact.phone
            else:
                person = None if alert is None or alert.person_id is None else unit.people.person(alert.person_id)
                number = "" if person is None else person.phone
            since_ms = max(attempt.created_at_ms, attempt.not_before_ms) - EARLIER_MS
            earlier = unit.outbox.earlier(number, since_ms)
            besides = () if attempt.state is AttemptState.NEW else unit.outbox.besides(attempt)
        if not number or alert is None:
            return None
        effect = attempt.effect
        return Delivery(
            attempt=attempt,
            to=number,
            text=self._text(attempt, alert),
            ring_timeout_s=RING_TIMEOUT_S,
            variables=effect.variables if isinstance(effect, SendSms) else call_variables(alert.told_kinds),
            earlier=earlier,
            besides=tuple(besides),
            is_wanted=attempt.key.startswith(BUNDLE_PREFIX)
            or (alert.state not in ENDED and alert.state is not AlertState.ACKNOWLEDGED),
        )

    def _text(self, attempt: Attempt, alert: Alert) -> str:
        effect = attempt.effect
        if isinstance(effect, SendSms):
            return sms_text(effect.template, effect.variables)
        return script_without_keys(effect.purpose, alert.told_kinds, self._desk_number).zh

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._executor, work)
