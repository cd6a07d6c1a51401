"""Calls and texts as Aliyun's stand-in keeps them, and the forms in which Aliyun shows and reports them."""

from typing import Any

import msgspec

from core.localtime import from_ms, zone
from device_sim.phone_behaviour import Behaviour, Reaction
from device_sim.phone_records import Ring

STARTED, RINGING, ANSWERED, KEY, OVER = "200101", "200201", "200102", "300000", "200100"
"""What VoiceCallReport says while a call lasts."""

HEARD_OUT, ENGAGED, NO_ANSWER, NO_SUCH_NUMBER, NO_KEY, SWITCHED_OFF = (
    *("200000", "200002", "200003"),
    *("200004", "200008", "200010"),
)
"""How VoiceReport says that a call ended."""

WAITS, FAILED, RECEIVED = 1, 2, 3
"""Where a text stands: no receipt yet, not delivered, delivered."""

NO_SUCH_SUBSCRIBER = frozenset({30005, 30006})
"""Of phones told in Twilio's codes: nobody has this number, or it is a landline."""

_BEIJING = zone("Asia/Shanghai")
_WORDS = {HEARD_OUT: "执行完成", ENGAGED: "用户占线", NO_ANSWER: "用户未接听", NO_KEY: "获取按键超时"}


class AliyunCall(msgspec.Struct, kw_only=True):
    """One call in the making; times in simulated UTC ms, texts with their variables filled in."""

    call_id: str
    product: str
    to: str  # without +86
    shown_number: str
    out_id: str
    start: str
    keys: dict[str, str]  # what is read out after each
    bye: str
    readings: int
    key_wait_ms: int
    behaviour: Behaviour
    made_at_ms: int
    state: str = STARTED
    rung_at_ms: int | None = None
    answered_at_ms: int | None = None
    ended_at_ms: int | None = None
    dtmf: str = ""
    ring: Ring | None = None


class AliyunText(msgspec.Struct, kw_only=True):
    """One text message; times in simulated UTC ms."""

    biz_id: str
    to: str  # without +86
    out_id: str
    template: str
    content: str  # as the phone shows it
    made_at_ms: int
    behaviour: Behaviour
    status: int = WAITS
    err_code: str = ""
    received_at_ms: int | None = None


def unreachable_state(behaviour: Behaviour) -> str:
    """Return how a call to a phone ends that does not ring."""
    if behaviour.reaction is Reaction.BUSY:
        return ENGAGED
    return NO_SUCH_NUMBER if behaviour.error_code in NO_SUCH_SUBSCRIBER else SWITCHED_OFF


def beijing(at_ms: int | None) -> str:
    """Return a time as Aliyun writes it, or "" for none."""
    return "" if at_ms is None else f"{from_ms(at_ms, _BEIJING):%Y-%m-%d %H:%M:%S}"


def call_record(call: AliyunCall) -> dict[str, Any]:
    """Return what a query shows of a call."""
    return {
        "caller": call.shown_number,
        "callerShowNumber": call.shown_number,
        "callee": call.to,
        "calleeShowNumber": call.to,
        "gmtCreate": beijing(call.made_at_ms),
        "startDate": beijing(call.answered_at_ms),
        "endDate": beijing(call.ended_at_ms),
        "duration": _seconds(call),
        "state": call.state,
        "stateDesc": _WORDS.get(call.state, ""),
    }


def step_report(call: AliyunCall, status_code: str, at_ms: int) -> dict[str, Any]:
    """Return a VoiceCallReport: where a call stands."""
    told = {"call_id": call.call_id, "out_id": call.out_id, "status_code": status_code, "status_time": beijing(at_ms)}
    return told | {"dtmf": call.dtmf, "smart_status_code": "ANSWERED"} if status_code == KEY else told


def call_report(call: AliyunCall) -> dict[str, Any]:
    """Return a VoiceReport: how a call ended."""
    return {
        "call_id": call.call_id,
        "out_id": call.out_id,
        "status_code": call.state,
        "status_msg": _WORDS.get(call.state, "执行完成"),
        "caller": call.shown_number,
        "callee": call.to,
        "originate_time": beijing(call.made_at_ms),
        "ring_time": beijing(call.rung_at_ms),
        "b_start_time": beijing(call.answered_at_ms),
        "end_time": beijing(call.ended_at_ms),
        "duration": str(_seconds(call)),
        "dtmf": call.dtmf,
        "voice_type": "voice",
        "toll_type": "LOCAL",
    }


def text_entry(text: AliyunText) -> dict[str, Any]:
    """Return what a query shows of a text."""
    return {
        "PhoneNum": text.to,
        "OutId": text.out_id,
        "TemplateCode": text.template,
        "Content": text.content,
        "SendDate": beijing(text.made_at_ms),
        "ReceiveDate": beijing(text.received_at_ms),
        "SendStatus": text.status,
        "ErrCode": text.err_code,
    }


def text_report(text: AliyunText) -> dict[str, Any]:
    """Return an SmsReport: whether a text was delivered."""
    is_received = text.status == RECEIVED
    return {
        "phone_number": text.to,
        "send_time": beijing(text.made_at_ms),
        "report_time": beijing(text.received_at_ms),
        "success": is_received,
        "err_code": text.err_code,
        "err_msg": "用户接收成功" if is_received else "用户未接收",
        "sms_size": "1",
        "biz_id": text.biz_id,
        "out_id": text.out_id,
    }


def _seconds(call: AliyunCall) -> int:
    if call.answered_at_ms is None or call.ended_at_ms is None:
        return 0
    return (call.ended_at_ms - call.answered_at_ms) // 1000
