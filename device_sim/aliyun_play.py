"""Plays each of Aliyun's calls and texts in simulated time: dialled, ringing, answered, read out, pressed, ended."""

from device_sim.aliyun_records import (
    ANSWERED,
    FAILED,
    HEARD_OUT,
    KEY,
    NO_ANSWER,
    NO_KEY,
    OVER,
    RECEIVED,
    RINGING,
    STARTED,
    AliyunCall,
    AliyunText,
    call_report,
    step_report,
    text_report,
    unreachable_state,
)
from device_sim.aliyun_reports import SMS, VOICE, ReportPost
from device_sim.phone_behaviour import Reaction
from device_sim.phone_records import Ring
from device_sim.phone_timeline import DIAL_MS, HANG_UP_MS, TEXT_STEP_MS, PhoneEvent, StepPlayer

PATIENCE_MS = 45_000
"""A mobile network lets a phone ring for about so long; a service cannot choose."""

MAINLAND = "+86"

_STATUS_OF_RING = {HEARD_OUT: "completed", NO_KEY: "completed", NO_ANSWER: "no-answer", "200002": "busy"}


class AliyunPlayer(StepPlayer[ReportPost]):
    """Plays calls and texts and reports them; of a phone it knows the national number."""

    def begin(self, call: AliyunCall) -> None:
        """Dial at the time the call was made."""
        self._timeline.add(call.made_at_ms, lambda at_ms: self._dial(call, at_ms))

    def begin_text(self, text: AliyunText) -> None:
        """Deliver it or not, two steps later."""
        self._timeline.add(text.made_at_ms + 2 * TEXT_STEP_MS, lambda at_ms: self._deliver(text, at_ms))

    async def _dial(self, call: AliyunCall, at_ms: int) -> None:
        self._step(call, STARTED, at_ms)
        if call.behaviour.reaction in {Reaction.BUSY, Reaction.UNREACHABLE}:
            end = unreachable_state(call.behaviour)
            self._timeline.add(at_ms + DIAL_MS, lambda due_ms: self._end(call, due_ms, end))
        else:
            self._timeline.add(at_ms + DIAL_MS, lambda due_ms: self._ring(call, due_ms))

    async def _ring(self, call: AliyunCall, at_ms: int) -> None:
        call.rung_at_ms = at_ms
        self._log_ring(call, at_ms)
        self._step(call, RINGING, at_ms)
        self._note(call, at_ms, "ringing")
        after_ms = int(call.behaviour.after_s * 1000)
        if call.behaviour.reaction is Reaction.ANSWERS and after_ms < PATIENCE_MS:
            self._timeline.add(at_ms + after_ms, lambda due_ms: self._answer(call, due_ms))
        else:
            self._timeline.add(at_ms + PATIENCE_MS, lambda due_ms: self._end(call, due_ms, NO_ANSWER))

    async def _answer(self, call: AliyunCall, at_ms: int) -> None:
        call.answered_at_ms = at_ms
        self._step(call, ANSWERED, at_ms)
        self._note(call, at_ms, "answered")
        self._hear(call, at_ms, call.start)
        if not call.keys:
            self._timeline.add(at_ms + HANG_UP_MS, lambda due_ms: self._end(call, due_ms, HEARD_OUT))
        elif call.behaviour.presses:
            after_ms = int(call.behaviour.after_press_s * 1000)
            self._timeline.add(at_ms + after_ms, lambda due_ms: self._press(call, due_ms))
        else:
            silent_ms = at_ms + call.readings * call.key_wait_ms
            self._timeline.add(silent_ms, lambda due_ms: self._end(call, due_ms, NO_KEY))

    async def _press(self, call: AliyunCall, at_ms: int) -> None:
        call.dtmf = call.behaviour.presses[0]  # this kind of call takes one key
        if call.ring is not None:
            call.ring.digits += call.dtmf
        self._note(call, at_ms, "pressed", call.dtmf)
        self._step(call, KEY, at_ms)
        self._hear(call, at_ms, call.keys.get(call.dtmf, call.bye))
        self._timeline.add(at_ms + HANG_UP_MS, lambda due_ms: self._end(call, due_ms, HEARD_OUT))

    async def _end(self, call: AliyunCall, at_ms: int, state: str) -> None:
        if call.ring is None:
            self._log_ring(call, at_ms)
        call.state, call.ended_at_ms = state, at_ms
        if call.ring is not None:
            call.ring.status = _STATUS_OF_RING.get(state, "failed")
            self._note(call, at_ms, call.ring.status)
        self._step(call, OVER, at_ms)
        self._post.tell(VOICE, call_report(call), self._faults_of(MAINLAND + call.to), at_ms, is_last=True)

    async def _deliver(self, text: AliyunText, at_ms: int) -> None:
        is_lost = text.behaviour.reaction is Reaction.UNREACHABLE
        text.status, text.err_code = (FAILED, "UNDELIV") if is_lost else (RECEIVED, "DELIVERED")
        text.received_at_ms = at_ms
        words = "text_undelivered" if is_lost else "text_delivered"
        self._on_event(PhoneEvent(at_ms=at_ms, what=words, to=MAINLAND + text.to, sid=text.biz_id))
        self._post.tell(SMS, text_report(text), self._faults_of(MAINLAND + text.to), at_ms, is_last=True)

    def _step(self, call: AliyunCall, status_code: str, at_ms: int) -> None:
        self._post.tell(VOICE, step_report(call, status_code, at_ms), self._faults_of(MAINLAND + call.to), at_ms)

    def _hear(self, call: AliyunCall, at_ms: int, text: str) -> None:
        if call.ring is not None and text:
            call.ring.heard += (text,)
            self._note(call, at_ms, "heard", text)

    def _log_ring(self, call: AliyunCall, at_ms: int) -> None:
        call.ring = Ring(to=MAINLAND + call.to, at_ms=at_ms, sid=call.call_id, status="ringing")
        self.rings.append(call.ring)

    def _note(self, call: AliyunCall, at_ms: int, what: str, text: str = "") -> None:
        self._on_event(PhoneEvent(at_ms=at_ms, what=what, to=MAINLAND + call.to, sid=call.call_id, text=text))
