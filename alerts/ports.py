"""What alerting asks of others: a channel that reaches a phone, rows that survive, numbers to ring."""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from alerts.attempts import CallNews
from alerts.model import Attempt, AttemptState
from alerts.pacing import NumberLimit
from core.ids import AlertId, AttemptId
from core.text import Bilingual


class Earlier(msgspec.Struct, frozen=True, kw_only=True):
    """What went to the same number in the last day, whoever's contact it is; limits and look-ups rest on it."""

    attempt_id: AttemptId
    alert_id: AlertId
    channel: str
    state: AttemptState
    claimed_at_ms: int
    provider_id: str = ""


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt with what its channel needs to carry it out; `to` never reaches a log or an error's text."""

    attempt: Attempt
    to: str  # E.164; empty for a channel that needs none
    text: str = ""  # what an SMS says, or a call in which no key can be pressed; else a call fetches its script
    ring_timeout_s: int = 45
    variables: dict[str, str] = {}  # of the approved template, for a channel that sends template and variables
    earlier: tuple[Earlier, ...] = ()  # other attempts to this number
    besides: tuple[Attempt, ...] = ()  # of an attempt in doubt: rows in which other channels carry the same effect
    is_wanted: bool = True  # false when somebody has the alert: what still rings is hung up, nothing is begun


class SendResult(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a request: news to apply, and whether and when to try or to ask again.

    news.state is SUBMITTED (accepted), UNKNOWN (sent, answer never seen), FAILED (permanent for this contact and
    channel, or spent), DELIVERED (shown at once), or NEW with `retry_after_ms` (surely not sent). With any state that
    is not an end, `retry_after_ms` says when the provider is asked what became of it; None: its callbacks say so.
    """

    news: CallNews
    retry_after_ms: int | None = None
    is_misconfigured: bool = False  # 401/403, bad From, geo permission: the next channel, and tell the administrator
    is_of_number: bool = False  # of those, and of NEW: this number or country alone, so that others are rung on


class Traits(msgspec.Struct, frozen=True, kw_only=True):
    """What the dispatcher knows of a channel as data."""

    provider: str  # channels of one account share a circuit breaker and its connections
    per_s: float | None = None  # attempts a second; None: as many as come
    number_limits: tuple[NumberLimit, ...] = ()
    requests_at_once: int = 8
    reserved_for_p0: int = 4  # of those; slow calls of lesser priority never take them
    rings: bool = True  # False: it only shows whom to ring by hand, which stands for no call


class Channel(Protocol):
    """One way to reach a person."""

    @property
    def name(self) -> str:
        """Return the name under which attempts, routes and settings know it."""
        ...

    @property
    def traits(self) -> Traits:
        """Return its provider, pace and limits."""
        ...

    def refuses(self, to: str) -> Bilingual | None:
        """Return why it does not reach a number at all, or None; asked before anything is sent, and by `doctor`."""
        ...

    async def send(self, delivery: Delivery, *, now_ms: int) -> SendResult:
        """Hand the attempt over; never raises for what the network or the provider did."""
        ...

    async def look_up(self, delivery: Delivery, *, now_ms: int) -> SendResult:
        """Ask what became of an attempt: its state, NEW when it is surely not there, or UNKNOWN."""
        ...

    async def cancel(self, attempt: Attempt, *, now_ms: int) -> None:
        """Stop it when it has not been answered; it does not matter when it is too late."""
        ...


class Upkeep(msgspec.Struct, frozen=True, kw_only=True):
    """What the dispatcher keeps of an attempt beside its news."""

    retry_at_ms: int | None = None  # of an attempt that was surely not sent
    look_up_at_ms: int | None = None
    tried: tuple[str, ...] = ()


class Outbox(Protocol):
    """The rows of attempts; each call is one transaction of its own."""

    async def due(self, now_ms: int, limit: int) -> Sequence[Attempt]:
        """Return attempts to carry out: NEW and due, CLAIMED, and those to look up by now; gravest first."""
        ...

    async def claim(self, attempt_id: AttemptId, channel: str, now_ms: int, *, to: str) -> Attempt | None:
        """Take it by one UPDATE and note its number; None when somebody else did or it was cancelled."""
        ...

    async def record(self, attempt_id: AttemptId, news: CallNews, upkeep: Upkeep) -> Attempt | None:
        """Keep the upkeep and apply news in one transaction with what the desk decides; return the row as it stands.

        Old news changes nothing; None when there is no such attempt.
        """
        ...

    async def queue_beside(self, attempt: Attempt, now_ms: int) -> None:
        """Queue the same effect once more for the channels that are left; a second time changes nothing."""
        ...


class PhoneBook(Protocol):
    """Who is behind an attempt; the only place where a number leaves the registry."""

    async def delivery(self, attempt: Attempt) -> Delivery | None:
        """Return the attempt with number and text; None when the person or the number is gone."""
        ...
