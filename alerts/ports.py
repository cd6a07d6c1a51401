"""What alerting asks of others: a channel that reaches a phone, rows that survive, numbers to ring."""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from alerts.attempts import CallNews
from alerts.model import Attempt
from core.ids import AttemptId


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt with what its channel needs to carry it out; `to` never reaches a log or an error's text."""

    attempt: Attempt
    to: str  # E.164; empty for a channel that needs none
    text: str = ""  # what an SMS says; a call fetches its script through its callback
    ring_timeout_s: int = 45


class SendResult(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a request: news to apply, and whether and when to try again.

    news.state is SUBMITTED (accepted), UNKNOWN (sent, answer never seen), FAILED (permanent for this contact and
    channel, or spent), DELIVERED (shown at once), or NEW with `retry_after_ms` (surely not sent).
    """

    news: CallNews
    retry_after_ms: int | None = None
    is_misconfigured: bool = False  # 401/403, bad From, geo permission: open the breaker and tell the administrator


class Channel(Protocol):
    """One way to reach a person."""

    @property
    def name(self) -> str:
        """Return the name under which attempts and settings know it."""
        ...

    async def send(self, delivery: Delivery, *, now_ms: int) -> SendResult:
        """Hand the attempt over; never raises for what the network or the provider did."""
        ...

    async def look_up(self, delivery: Delivery, *, now_ms: int) -> SendResult:
        """Find an attempt whose answer was never seen: SUBMITTED with its id, NEW when surely not there, or UNKNOWN."""
        ...

    async def cancel(self, attempt: Attempt, *, now_ms: int) -> None:
        """Stop it when it has not been answered; it does not matter when it is too late."""
        ...


class Outbox(Protocol):
    """The rows of attempts; each call is one transaction of its own."""

    async def due(self, now_ms: int, limit: int) -> Sequence[Attempt]:
        """Return attempts to carry out: NEW and due, and CLAIMED or UNKNOWN ones to look up; gravest first."""
        ...

    async def claim(self, attempt_id: AttemptId, channel: str, now_ms: int) -> Attempt | None:
        """Take it by one UPDATE; None when somebody else did or it was cancelled."""
        ...

    async def record(self, attempt_id: AttemptId, news: CallNews, *, retry_at_ms: int | None = None) -> Attempt | None:
        """Apply news in one transaction with what the desk decides about it; None when there is no such attempt."""
        ...


class PhoneBook(Protocol):
    """Who is behind an attempt; the only place where a number leaves the registry."""

    async def delivery(self, attempt: Attempt) -> Delivery | None:
        """Return the attempt with number and text; None when the person or the number is gone."""
        ...
