"""The phone network of a village that does not exist: takes calls in Twilio's shape, rings nobody real."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from device_sim.phone_behaviour import Phones, Reaction, RequestFault
from device_sim.phone_callbacks import CallbackPost
from device_sim.phone_play import Player
from device_sim.phone_records import Call, Ring, Text, sid_of
from device_sim.phone_requests import (
    TOO_LATE_TO_CANCEL,
    PhoneAccount,
    Refusal,
    refusal_of_call,
    refusal_of_code,
    refusal_of_text,
)
from device_sim.phone_timeline import PhoneEvent, PhonesInTime

MOST_RECORDS = 10_000
"""Calls and texts kept to be listed and looked up; the service asks for those of the last minutes."""

MOST_REQUESTS = 10_000
"""Raw requests kept for contract tests and for a look at what a service sent."""


class RawRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One request as it came in."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: dict[str, str]
    body: bytes


class PhoneNetwork(PhonesInTime):
    """Everybody's phones, in simulated time that only `move_to` and `advance_to` move.

    In lock-step with a driven clock: `move_to(T)` before the tick of T is published, so that calls the service makes
    during it bear that time; `advance_to(T)` once the tick is settled; and again a tick of T when it fired anything.
    """

    def __init__(
        self,
        account: PhoneAccount,
        *,
        now_ms: int = 0,
        post: CallbackPost | None = None,
        on_event: Callable[[PhoneEvent], None] | None = None,
        phones: Phones | None = None,
    ) -> None:
        super().__init__(now_ms, phones)
        self.account = account
        self.post = post or CallbackPost(account.auth_token)
        self.requests: deque[RawRequest] = deque(maxlen=MOST_REQUESTS)
        self.texts: deque[Text] = deque(maxlen=MOST_RECORDS)
        self.calls: OrderedDict[str, Call] = OrderedDict()
        self._faults: dict[tuple[str, str], deque[RequestFault]] = {}
        self._made = 0
        self._advancing = asyncio.Lock()
        self._player = Player(self._timeline, self.post, faults_of=self._faults_of, on_event=on_event)

    @property
    def rings(self) -> list[Ring]:
        """Every call that was put through, in order: busy and unreachable ones too, with how each ended."""
        return list(self._player.rings)

    def spoil_next(self, fault: RequestFault, *, times: int = 1, on: str = "create", to: str = "") -> None:
        """Let the next requests go wrong that make calls and texts ("create"), calls alone ("call"), or list ("list").

        With a number only those that are about it.
        """
        self._faults.setdefault((on, to), deque()).extend([fault] * times)

    def next_event_ms(self) -> int | None:
        """Return when something is due; the present while callbacks wait for a service that was down."""
        return self._now_ms if self.post.waiting else super().next_event_ms()

    async def advance_to(self, now_ms: int) -> int:
        """Fire what is due until `now_ms`, in order, and return how much it was; waits for a service that restarts."""
        self.move_to(now_ms)
        async with self._advancing:
            await self.post.tell_waiting()
            return await super().advance_to(now_ms)

    async def close(self) -> None:
        """Close the connections to the service."""
        await self.post.close()

    def take_fault(self, *kinds: str, to: str = "") -> RequestFault | None:
        """Return what goes wrong with a request of these kinds that is about a number."""
        waiting = (self._faults.get((on, number)) for on in kinds for number in dict.fromkeys((to, "")))
        return next((faults.popleft() for faults in waiting if faults), None)

    def make_call(self, form: Mapping[str, str], events: list[str]) -> Call | Refusal:
        """Take a request to make a call."""
        if refusal := refusal_of_call(form, events, self.account):
            return refusal
        phone = self.at(form["To"])
        if phone.behaviour.reaction is Reaction.REFUSED:
            return refusal_of_code(phone.take().error_code)
        behaviour = phone.take()
        call = Call(
            sid=self._new_sid("CA", form["To"]),
            account_sid=self.account.account_sid,
            to=form["To"],
            from_number=form["From"],
            url=form.get("Url", ""),
            twiml=form.get("Twiml", ""),
            status_callback=form.get("StatusCallback", ""),
            events=frozenset(events or ["completed"]),
            timeout_s=int(form.get("Timeout", "60")),
            behaviour=behaviour,
            made_at_ms=self._now_ms,
            keys_left=behaviour.presses,
        )
        self.calls[call.sid] = call
        if len(self.calls) > MOST_RECORDS:
            self.calls.popitem(last=False)
        self._player.begin(call)
        return call

    def change_call(self, sid: str, status: str) -> Call | Refusal | None:
        """Take a request to cancel ("canceled") or hang up ("completed"); None when there is no such call."""
        call = self.calls.get(sid)
        if call is None:
            return None
        is_done = self._player.cancel(call, self._now_ms)
        if not is_done and status == "completed":
            is_done = self._player.hang_up(call, self._now_ms)
        return call if is_done else TOO_LATE_TO_CANCEL

    def make_text(self, form: Mapping[str, str]) -> Text | Refusal:
        """Take a request to send a text."""
        if refusal := refusal_of_text(form, self.account):
            return refusal
        behaviour = self.at(form["To"]).behaviour
        if behaviour.reaction is Reaction.REFUSED:
            return refusal_of_code(behaviour.error_code)
        text = Text(
            sid=self._new_sid("SM", form["To"]),
            account_sid=self.account.account_sid,
            to=form["To"],
            from_number=form["From"],
            body=form["Body"],
            status_callback=form.get("StatusCallback", ""),
            made_at_ms=self._now_ms,
            behaviour=behaviour,
        )
        self.texts.append(text)
        self._player.begin_text(text)
        return text

    def found(self, records: list[Any], *, to: str, from_number: str, since_ms: int, until_ms: int) -> list[Any]:
        """Return the calls or texts that fit a list's filters, newest first; an empty filter fits all."""
        fits = [
            record
            for record in records
            if to in {"", record.to}
            and from_number in {"", record.from_number}
            and since_ms <= record.made_at_ms <= until_ms
        ]
        return sorted(fits, key=lambda record: record.made_at_ms, reverse=True)

    def _new_sid(self, prefix: str, to: str) -> str:
        self._made += 1
        return sid_of(prefix, to, self._now_ms, self._made)
