"""Calls and texts as the stand-in keeps them, and the JSON in which Twilio would show them."""

import hashlib
from datetime import UTC, datetime
from email.utils import format_datetime
from enum import StrEnum
from typing import Any

import msgspec

from device_sim.phone_behaviour import Behaviour
from device_sim.phone_callbacks import Callback
from device_sim.phone_script import Verb

API_VERSION = "2010-04-01"


class CallStatus(StrEnum):
    """Twilio's words for where a call stands."""

    QUEUED = "queued"
    INITIATED = "initiated"
    RINGING = "ringing"
    IN_PROGRESS = "in-progress"
    COMPLETED = "completed"
    BUSY = "busy"
    NO_ANSWER = "no-answer"
    FAILED = "failed"
    CANCELED = "canceled"


NOT_ANSWERED_YET = frozenset({CallStatus.QUEUED, CallStatus.INITIATED, CallStatus.RINGING})


class Ring(msgspec.Struct, kw_only=True):
    """One time that a phone rang: what was pressed and what was heard, in order."""

    to: str
    at_ms: int
    sid: str
    digits: str = ""
    heard: tuple[str, ...] = ()
    status: str = CallStatus.RINGING


class Call(msgspec.Struct, kw_only=True):
    """One call in the making; times in simulated UTC ms."""

    sid: str
    account_sid: str
    to: str
    from_number: str
    url: str
    status_callback: str
    events: frozenset[str]
    timeout_s: int
    behaviour: Behaviour
    made_at_ms: int
    status: CallStatus = CallStatus.QUEUED
    answered_at_ms: int | None = None
    ended_at_ms: int | None = None
    next_sequence: int = 0
    keys_left: str = ""
    verbs: list[Verb] = []
    twiml: str = ""  # the script, when the request brought it
    gather_action: str = ""  # where the key that is awaited goes
    ring: Ring | None = None
    held: Callback | None = None  # overtaken by the next one, when the callbacks are being shuffled


class Text(msgspec.Struct, kw_only=True):
    """One text message; times in simulated UTC ms."""

    sid: str
    account_sid: str
    to: str
    from_number: str
    body: str
    status_callback: str
    made_at_ms: int
    status: str = "queued"
    error_code: int | None = None
    behaviour: Behaviour = Behaviour()


def sid_of(prefix: str, *parts: str | int) -> str:
    """Return an id in Twilio's shape, the same for the same parts."""
    return prefix + hashlib.sha256("\x1f".join(map(str, parts)).encode()).hexdigest()[:32]


def rfc2822(at_ms: int | None) -> str | None:
    """Return a time as Twilio writes it, to the second."""
    return None if at_ms is None else format_datetime(datetime.fromtimestamp(at_ms // 1000, UTC))


def call_json(call: Call) -> dict[str, Any]:
    """Return a call as Twilio's API shows it."""
    status = CallStatus.QUEUED if call.status is CallStatus.INITIATED else call.status
    return {
        "sid": call.sid,
        "account_sid": call.account_sid,
        "api_version": API_VERSION,
        "to": call.to,
        "to_formatted": call.to,
        "from": call.from_number,
        "from_formatted": call.from_number,
        "status": status,
        "direction": "outbound-api",
        "date_created": rfc2822(call.made_at_ms),
        "date_updated": rfc2822(call.ended_at_ms or call.answered_at_ms or call.made_at_ms),
        "start_time": rfc2822(call.made_at_ms),
        "end_time": rfc2822(call.ended_at_ms),
        "duration": None if call.answered_at_ms is None or call.ended_at_ms is None else str(seconds(call)),
        "uri": f"/{API_VERSION}/Accounts/{call.account_sid}/Calls/{call.sid}.json",
    }


def text_json(text: Text) -> dict[str, Any]:
    """Return a message as Twilio's API shows it."""
    return {
        "sid": text.sid,
        "account_sid": text.account_sid,
        "api_version": API_VERSION,
        "to": text.to,
        "from": text.from_number,
        "body": text.body,
        "status": text.status,
        "error_code": text.error_code,
        "error_message": None,
        "direction": "outbound-api",
        "num_segments": "1",
        "num_media": "0",
        "date_created": rfc2822(text.made_at_ms),
        "date_updated": rfc2822(text.made_at_ms),
        "date_sent": rfc2822(text.made_at_ms),
        "uri": f"/{API_VERSION}/Accounts/{text.account_sid}/Messages/{text.sid}.json",
    }


def seconds(call: Call) -> int:
    """Return how long an ended call was talked on."""
    if call.answered_at_ms is None or call.ended_at_ms is None:
        return 0
    return (call.ended_at_ms - call.answered_at_ms) // 1000
