"""Plays each call and each text step by step in simulated time: dialled, ringing, answered, asked, pressed, ended."""

from urllib.parse import urljoin

from device_sim.phone_behaviour import Faults, Reaction
from device_sim.phone_callbacks import Callback, CallbackPost
from device_sim.phone_records import API_VERSION, NOT_ANSWERED_YET, Call, CallStatus, Ring, Text, rfc2822, seconds
from device_sim.phone_script import ScriptError, Verb, read_script
from device_sim.phone_timeline import DIAL_MS, HANG_UP_MS, TEXT_STEP_MS, PhoneEvent, StepPlayer

MOST_VERBS = 50
"""A script that sends the caller round in circles is ended here, as Twilio ends it after its own limit."""


class Player(StepPlayer[CallbackPost]):
    """Plays calls and texts; what it does at a step depends on how the call stands by then, so a late step is void."""

    def begin(self, call: Call) -> None:
        """Dial at the time the call was made."""
        self._timeline.add(call.made_at_ms, lambda at_ms: self._dial(call, at_ms))

    def begin_text(self, text: Text) -> None:
        """Send, then deliver or not."""
        is_lost = text.behaviour.reaction is Reaction.UNREACHABLE
        error_code = (text.behaviour.error_code or None) if is_lost else None
        last = "undelivered" if is_lost else "delivered"
        self._timeline.add(text.made_at_ms + TEXT_STEP_MS, lambda at_ms: self._report(text, at_ms, "sent", None))
        self._timeline.add(
            text.made_at_ms + 2 * TEXT_STEP_MS, lambda at_ms: self._report(text, at_ms, last, error_code)
        )

    def cancel(self, call: Call, at_ms: int) -> bool:
        """Take a call back; false when it was answered or is over. Its callback comes with the next advance."""
        if call.status not in NOT_ANSWERED_YET:
            return False
        self._close(call, at_ms, CallStatus.CANCELED)
        self._timeline.add(at_ms, lambda due_ms: self._say_ended(call, due_ms))
        return True

    def hang_up(self, call: Call, at_ms: int) -> bool:
        """End a call that was answered; false when there is none."""
        if call.status is not CallStatus.IN_PROGRESS:
            return False
        self._close(call, at_ms, CallStatus.COMPLETED)
        self._timeline.add(at_ms, lambda due_ms: self._say_ended(call, due_ms))
        return True

    async def _dial(self, call: Call, at_ms: int) -> None:
        if call.status is not CallStatus.QUEUED:
            return
        call.status = CallStatus.INITIATED
        await self._tell(call, "initiated", at_ms)
        end = {Reaction.BUSY: CallStatus.BUSY, Reaction.UNREACHABLE: CallStatus.FAILED}.get(call.behaviour.reaction)
        if end is None:
            self._timeline.add(at_ms + DIAL_MS, lambda due_ms: self._ring(call, due_ms))
        else:
            self._timeline.add(at_ms + DIAL_MS, lambda due_ms: self._end(call, due_ms, end))

    async def _ring(self, call: Call, at_ms: int) -> None:
        if call.status is not CallStatus.INITIATED:
            return
        call.status = CallStatus.RINGING
        self._log_ring(call, at_ms)
        self._note(call, at_ms, "ringing")
        behaviour = call.behaviour
        if behaviour.reaction is Reaction.ANSWERS and behaviour.after_s < call.timeout_s:
            self._timeline.add(at_ms + _ms(behaviour.after_s), lambda due_ms: self._answer(call, due_ms))
        else:
            patience_ms = at_ms + call.timeout_s * 1000
            self._timeline.add(patience_ms, lambda due_ms: self._end(call, due_ms, CallStatus.NO_ANSWER))
        await self._tell(call, "ringing", at_ms)

    async def _answer(self, call: Call, at_ms: int) -> None:
        if call.status is not CallStatus.RINGING:
            return
        call.status = CallStatus.IN_PROGRESS
        call.answered_at_ms = at_ms
        self._note(call, at_ms, "answered")
        await self._tell(call, "answered", at_ms)
        if call.twiml:
            await self._read(call, at_ms, call.url, call.twiml)
        else:
            await self._fetch(call, at_ms, call.url, {})

    async def _fetch(self, call: Call, at_ms: int, url: str, more: dict[str, str]) -> None:
        form = {**_call_form(call), "CallStatus": str(call.status), **more}
        await self._read(call, at_ms, url, await self._post.ask(Callback(url, form)))

    async def _read(self, call: Call, at_ms: int, url: str, answer: str | None) -> None:
        try:
            call.verbs = [] if answer is None else read_script(answer)
        except ScriptError as error:
            self._note(call, at_ms, "script_error", str(error))
            call.verbs = []
        await self._play(call, at_ms, url)

    async def _play(self, call: Call, at_ms: int, url: str) -> None:
        for _ in range(MOST_VERBS):
            if call.status is not CallStatus.IN_PROGRESS:
                return
            verb = call.verbs.pop(0) if call.verbs else Verb(name="hangup")
            self._hear(call, at_ms, verb)
            if verb.name == "gather":
                self._listen(call, at_ms, urljoin(url, verb.action or url), verb.key_wait_s)
                return
            if verb.name == "redirect":
                self._follow(call, at_ms, urljoin(url, verb.action))
                return
            if verb.name == "hangup":
                break
        self._timeline.add(at_ms + HANG_UP_MS, lambda due_ms: self._end(call, due_ms, CallStatus.COMPLETED))

    def _follow(self, call: Call, at_ms: int, url: str) -> None:
        self._timeline.add(at_ms, lambda due_ms: self._fetch(call, due_ms, url, {}))

    def _listen(self, call: Call, at_ms: int, action: str, key_wait_s: float) -> None:
        if call.keys_left:
            due_ms = at_ms + _ms(call.behaviour.after_press_s)
            self._timeline.add(due_ms, lambda pressed_ms: self._press(call, pressed_ms, action))
        else:
            self._timeline.add(at_ms + _ms(key_wait_s), lambda silent_ms: self._play(call, silent_ms, action))

    async def _press(self, call: Call, at_ms: int, action: str) -> None:
        if call.status is not CallStatus.IN_PROGRESS:
            return
        key, call.keys_left = call.keys_left[:1], call.keys_left[1:]
        if call.ring is not None:
            call.ring.digits += key
        self._note(call, at_ms, "pressed", key)
        more = {"Digits": key, "msg": "Gather End", "FinishedOnKey": ""}
        await self._fetch(call, at_ms, action, more)

    async def _end(self, call: Call, at_ms: int, status: CallStatus) -> None:
        if call.ended_at_ms is not None:
            return
        if call.ring is None:
            self._log_ring(call, at_ms)
        self._close(call, at_ms, status)
        await self._say_ended(call, at_ms)

    def _close(self, call: Call, at_ms: int, status: CallStatus) -> None:
        call.status = status
        call.ended_at_ms = at_ms
        if call.ring is not None:
            call.ring.status = status
        self._note(call, at_ms, status)

    async def _say_ended(self, call: Call, at_ms: int) -> None:
        await self._tell(call, "completed", at_ms)

    def _hear(self, call: Call, at_ms: int, verb: Verb) -> None:
        if not verb.said:
            return
        if call.ring is not None:
            call.ring.heard += verb.said
        self._note(call, at_ms, "heard", " ".join(verb.said))

    def _log_ring(self, call: Call, at_ms: int) -> None:
        call.ring = Ring(to=call.to, at_ms=at_ms, sid=call.sid, status=call.status)
        self.rings.append(call.ring)

    def _note(self, call: Call, at_ms: int, what: str, text: str = "") -> None:
        self._on_event(PhoneEvent(at_ms=at_ms, what=what, to=call.to, sid=call.sid, text=text))

    async def _tell(self, call: Call, event: str, at_ms: int) -> None:
        faults = self._faults_of(call.to)
        sequence, call.next_sequence = call.next_sequence, call.next_sequence + 1
        if event not in call.events or not call.status_callback or faults.is_silent:
            return
        form = {
            **_call_form(call),
            "CallStatus": str(call.status),
            "CallbackSource": "call-progress-events",
            "SequenceNumber": str(sequence),
            "Timestamp": rfc2822(at_ms) or "",
        }
        if event == "completed":
            form["CallDuration"] = str(seconds(call))
        callback = Callback(call.status_callback, form)
        if faults.is_shuffling and call.held is None and event != "completed":
            call.held = callback
            return
        overtaken, call.held = call.held, None
        for each in [callback, *([overtaken] if overtaken else [])]:
            for _ in range(1 + faults.is_doubling):
                await self._come(each, at_ms, faults)

    async def _come(self, callback: Callback, at_ms: int, faults: Faults) -> None:
        if faults.delay_s:
            self._timeline.add(at_ms + _ms(faults.delay_s), lambda _due_ms: self._post.tell(callback))
        else:
            await self._post.tell(callback)

    async def _report(self, text: Text, at_ms: int, status: str, error_code: int | None) -> None:
        text.status = status
        text.error_code = error_code
        faults = self._faults_of(text.to)
        self._on_event(PhoneEvent(at_ms=at_ms, what=f"text_{status}", to=text.to, sid=text.sid))
        if not text.status_callback or faults.is_silent:
            return
        form = {
            "AccountSid": text.account_sid,
            "ApiVersion": API_VERSION,
            "From": text.from_number,
            "MessageSid": text.sid,
            "MessageStatus": status,
            "SmsSid": text.sid,
            "SmsStatus": status,
            "To": text.to,
            **({"ErrorCode": str(error_code)} if error_code else {}),
        }
        for _ in range(1 + faults.is_doubling):
            await self._come(Callback(text.status_callback, form), at_ms, faults)


def _call_form(call: Call) -> dict[str, str]:
    return {
        "AccountSid": call.account_sid,
        "ApiVersion": API_VERSION,
        "CallSid": call.sid,
        "Direction": "outbound-api",
        "From": call.from_number,
        "To": call.to,
    }


def _ms(duration_s: float) -> int:
    return int(duration_s * 1000)
