"""How ready a contact is to be rung, with reasons: judged from what is known of the number; rings nobody."""

from collections.abc import Callable, Sequence
from enum import StrEnum

import msgspec

from core.ids import ContactId
from core.localtime import DAY_MS
from core.text import Bilingual
from registry.homes import Contact

CONFIRM_EVERY_MS = 31 * DAY_MS
"""Each contact is to be heard once a month (spec KPIs: test once a month)."""

FULL_SCORE = 100


class Reason(StrEnum):
    """Why a contact is not fully ready."""

    NO_NUMBER = "no_number"
    BOUNCED = "bounced"  # a provider said for good that this number cannot be rung
    NEVER_CONFIRMED = "never_confirmed"
    CONFIRMATION_DUE = "confirmation_due"
    NO_MESSAGES = "no_messages"  # messages to it fail for good, calls do not
    NEVER_ANSWERED = "never_answered"


COSTS = {
    Reason.NO_NUMBER: FULL_SCORE,
    Reason.BOUNCED: FULL_SCORE,
    Reason.NEVER_CONFIRMED: 40,
    Reason.CONFIRMATION_DUE: 25,
    Reason.NO_MESSAGES: 15,
    Reason.NEVER_ANSWERED: 10,
}
"""What each reason takes from the full score; a number that cannot ring leaves nothing."""

REASON_WORDS = {
    Reason.NO_NUMBER: Bilingual("没有号码", "no number"),
    Reason.BOUNCED: Bilingual("号码无效", "the number is invalid"),
    Reason.NEVER_CONFIRMED: Bilingual("从未确认", "never confirmed"),
    Reason.CONFIRMATION_DUE: Bilingual("本月应确认", "to be confirmed this month"),
    Reason.NO_MESSAGES: Bilingual("收不到短信", "takes no messages"),
    Reason.NEVER_ANSWERED: Bilingual("从未按键应答", "has never answered with a key"),
}


class NumberState(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one phone number, whoever has it; a contact with a new number starts anew. UTC ms."""

    voice_bounced_at_ms: int | None = None
    sms_bounced_at_ms: int | None = None
    bounce_detail: str = ""  # the provider's code and words
    answered_at_ms: int | None = None  # a human pressed a key; voicemail is nobody
    confirmed_at_ms: int | None = None  # somebody of the staff reached the person and wrote it down
    confirmed_by: str = ""

    @property
    def heard_at_ms(self) -> int | None:
        """Return when a human was last known behind the number."""
        return max((at for at in (self.answered_at_ms, self.confirmed_at_ms) if at is not None), default=None)

    @property
    def is_bounced(self) -> bool:
        """Return whether calls cannot reach it: no human was heard since a provider said so."""
        bounced = self.voice_bounced_at_ms
        return bounced is not None and (self.heard_at_ms is None or self.heard_at_ms < bounced)

    @property
    def refuses_messages(self) -> bool:
        """Return whether messages to it failed for good, and nobody has looked into it since."""
        return self.sms_bounced_at_ms is not None and (self.confirmed_at_ms or 0) < self.sms_bounced_at_ms


class Readiness(msgspec.Struct, frozen=True, kw_only=True):
    """One contact's score, 0 (cannot be rung) to 100, and what took from it."""

    contact_id: ContactId
    score: int
    reasons: tuple[Reason, ...]
    last_answered_at_ms: int | None

    @property
    def is_reachable(self) -> bool:
        """Return whether a call may reach anybody."""
        return not {Reason.NO_NUMBER, Reason.BOUNCED} & set(self.reasons)

    @property
    def is_confirmation_due(self) -> bool:
        """Return whether somebody is to ring the contact this month and write down that they were reached."""
        return bool({Reason.NEVER_CONFIRMED, Reason.CONFIRMATION_DUE, Reason.BOUNCED} & set(self.reasons))


def readiness(contact: Contact, state: NumberState, now_ms: int) -> Readiness:
    """Return how ready a contact is."""
    reasons = tuple(_reasons(contact, state, now_ms))
    score = max(0, FULL_SCORE - sum(COSTS[reason] for reason in reasons))
    return Readiness(contact_id=contact.id, score=score, reasons=reasons, last_answered_at_ms=state.answered_at_ms)


def reachable(contacts: Sequence[Contact], state_of: Callable[[str], NumberState]) -> tuple[Contact, ...]:
    """Return the contacts that a call may reach; `state_of` knows a number."""
    return tuple(one for one in contacts if one.phone and not state_of(one.phone).is_bounced)


def _reasons(contact: Contact, state: NumberState, now_ms: int) -> list[Reason]:
    if not contact.phone:
        return [Reason.NO_NUMBER]
    heard_ms = state.heard_at_ms
    found = [Reason.BOUNCED] if state.is_bounced else []
    if heard_ms is None:
        found.append(Reason.NEVER_CONFIRMED)
    elif now_ms - heard_ms > CONFIRM_EVERY_MS:
        found.append(Reason.CONFIRMATION_DUE)
    if state.refuses_messages:
        found.append(Reason.NO_MESSAGES)
    if state.answered_at_ms is None:
        found.append(Reason.NEVER_ANSWERED)
    return found
