"""The mainland's phones behind Aliyun's two services: takes calls and texts in its shape, rings nobody real."""

import json
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping
from typing import Any

import httpx
import msgspec

from core.clock import SystemClock
from core.localtime import DAY_MS, HOUR_MS, MINUTE_MS
from device_sim.aliyun_account import AliyunAccount, filled
from device_sim.aliyun_play import MAINLAND, AliyunPlayer
from device_sim.aliyun_records import AliyunCall, AliyunText, beijing, call_record, text_entry
from device_sim.aliyun_reports import ReportPost
from device_sim.aliyun_requests import IVR, NOTHING_FOUND, TTS, fault_of_request, key_texts
from device_sim.aliyun_signature import SignatureCheck, SignedRequest
from device_sim.phone_behaviour import Phones, Reaction
from device_sim.phone_records import Ring
from device_sim.phone_timeline import PhoneEvent, PhonesInTime

MOST_RECORDS = 10_000
"""Calls, texts and requests kept to be looked up; the service asks for those of the last minutes."""

CALL_LIMITS = ((MINUTE_MS, 1), (HOUR_MS, 5), (DAY_MS, 20))
"""Aliyun lets one number be called so often; what is more gets isv.BUSINESS_LIMIT_CONTROL."""

OK = "OK"
_ACCOUNT_FAULTS = {
    "InvalidAccessKeyId.NotFound": 404,
    "SignatureDoesNotMatch": 400,
    "InvalidTimeStamp.Expired": 400,
    "SignatureNonceUsed": 400,
    "InvalidAction.NotFound": 404,
    NOTHING_FOUND: 400,
}
"""Codes that come with a status of their own; all others come with 200."""


class AliyunFault(msgspec.Struct, frozen=True, kw_only=True):
    """What happens to one request."""

    is_accepted: bool = True  # it is carried out all the same
    hangs: bool = False  # no answer at all, until the client gives up
    status: int = 500
    code: str = "InternalError"


class Answered(msgspec.Struct, frozen=True):
    """What a request gets; `hangs`: nothing, ever."""

    status: int
    body: dict[str, Any]
    hangs: bool = False


class AliyunNetwork(PhonesInTime):
    """In lock-step with a driven clock as device_sim/phones.py is; only the dates in signatures are of real time."""

    def __init__(
        self,
        account: AliyunAccount,
        *,
        now_ms: int = 0,
        phones: Phones | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        on_event: Callable[[PhoneEvent], None] | None = None,
    ) -> None:
        super().__init__(now_ms, phones)
        self.account = account
        self.requests: deque[SignedRequest] = deque(maxlen=MOST_RECORDS)
        self.turned_away: deque[tuple[str, str]] = deque(maxlen=MOST_RECORDS)  # action and code, faults apart
        self.calls: OrderedDict[str, AliyunCall] = OrderedDict()
        self.texts: deque[AliyunText] = deque(maxlen=MOST_RECORDS)
        self._signatures = SignatureCheck(account.access_key_id, account.access_key_secret)
        self._wall = SystemClock()
        self._faults: dict[tuple[str, str], deque[AliyunFault]] = {}
        self._made = 0
        self.post = ReportPost(self._timeline, account.reports_url, transport=transport)
        self._player = AliyunPlayer(self._timeline, self.post, faults_of=self._faults_of, on_event=on_event)

    @property
    def rings(self) -> list[Ring]:
        """Every call that was put through, in order: busy and unreachable ones too, with how each ended."""
        return list(self._player.rings)

    def spoil_next(self, fault: AliyunFault, *, times: int = 1, on: str = "IvrCall", to: str = "") -> None:
        """Let the next requests of an action go wrong; with a number (E.164) only those that are about it."""
        self._faults.setdefault((on, to.removeprefix(MAINLAND)), deque()).extend([fault] * times)

    async def close(self) -> None:
        """Close the connections to the service."""
        await self.post.close()

    def answer(self, request: SignedRequest) -> Answered:
        """Take one request; raises nothing."""
        self.requests.append(request)
        action, asked = request.action, request.parameters
        code = self._signatures.fault(request, self._wall.now_ms()) or fault_of_request(action, asked, self.account)
        if code:
            self.turned_away.append((action, code))
            return _refusal(code)
        fault = self._take_fault(action, asked)
        if fault is not None and not fault.is_accepted:
            return _spoiled(fault)
        answered = self._carried_out(action, asked)
        return answered if fault is None else _spoiled(fault)

    def _carried_out(self, action: str, asked: Mapping[str, str]) -> Answered:
        match action:
            case "IvrCall" | "SingleCallByTts":
                return self._call(action, asked)
            case "SendSms":
                return self._text(asked)
            case "QueryCallDetailByCallId":
                return self._detail(asked)
            case "QuerySendDetails":
                return self._listed(asked)
            case _:  # CancelCall takes back two-way calls alone, which nobody makes here
                return _answer({"Status": False})

    def _call(self, action: str, asked: Mapping[str, str]) -> Answered:
        to = asked["CalledNumber"]
        phone = self.at(MAINLAND + to)
        made_ms = [call.made_at_ms for call in self.calls.values() if call.to == to]
        if any(sum(self._now_ms - window < at for at in made_ms) >= most for window, most in CALL_LIMITS):
            self.turned_away.append((action, "isv.BUSINESS_LIMIT_CONTROL"))
            return _refusal("isv.BUSINESS_LIMIT_CONTROL")
        behaviour = phone.take()
        if behaviour.reaction is Reaction.REFUSED:
            return _refusal("isv.MOBILE_NUMBER_ILLEGAL")
        texts = self.account.voice_texts
        is_ivr = action == "IvrCall"
        start, variables = ("StartCode", "StartTtsParams") if is_ivr else ("TtsCode", "TtsParam")
        call = AliyunCall(
            call_id=f"{self._next_id()}^{self._made}",
            product=IVR if is_ivr else TTS,
            to=to,
            shown_number=asked["CalledShowNumber"],
            out_id=asked.get("OutId", ""),
            start=filled(texts[asked[start]], asked.get(variables, "")),
            keys={one.key: filled(texts[one.code], one.variables) for one in key_texts(asked)},
            bye=filled(texts[asked["ByeCode"]], asked.get("ByeTtsParams", "")) if "ByeCode" in asked else "",
            readings=int(asked.get("PlayTimes", "3")),
            key_wait_ms=int(asked.get("Timeout", "5000")),
            behaviour=behaviour,
            made_at_ms=self._now_ms,
        )
        self.calls[call.call_id] = call
        if len(self.calls) > MOST_RECORDS:
            self.calls.popitem(last=False)
        self._player.begin(call)
        return _answer({"CallId": call.call_id})

    def _text(self, asked: Mapping[str, str]) -> Answered:
        to = asked["PhoneNumbers"][-11:]
        behaviour = self.at(MAINLAND + to).behaviour
        if behaviour.reaction is Reaction.REFUSED:
            return _refusal("isv.MOBILE_NUMBER_ILLEGAL")
        content = filled(self.account.sms_texts[asked["TemplateCode"]], asked.get("TemplateParam", ""))
        text = AliyunText(
            biz_id=f"{self._next_id()}^0",
            to=to,
            out_id=asked.get("OutId", ""),
            template=asked["TemplateCode"],
            content=f"【{asked['SignName']}】{content}",
            made_at_ms=self._now_ms,
            behaviour=behaviour,
        )
        self.texts.append(text)
        self._player.begin_text(text)
        return _answer({"BizId": text.biz_id})

    def _detail(self, asked: Mapping[str, str]) -> Answered:
        call, from_ms = self.calls.get(asked["CallId"]), int(asked["QueryDate"])
        if call is None or call.product != asked["ProdId"] or not from_ms <= call.made_at_ms < from_ms + DAY_MS:
            return _refusal(NOTHING_FOUND)
        return _answer({"Data": json.dumps(call_record(call), ensure_ascii=False)})

    def _listed(self, asked: Mapping[str, str]) -> Answered:
        day, to = asked["SendDate"], asked["PhoneNumber"]
        fits = [text for text in self.texts if text.to == to and beijing(text.made_at_ms)[:10].replace("-", "") == day]
        fits = [text for text in fits if asked.get("BizId") in {None, text.biz_id}]
        size, page = int(asked["PageSize"]), int(asked["CurrentPage"])
        shown = [text_entry(text) for text in fits[::-1][(page - 1) * size : page * size]]
        return _answer({"TotalCount": str(len(fits)), "SmsSendDetailDTOs": {"SmsSendDetailDTO": shown}})

    def _take_fault(self, action: str, asked: Mapping[str, str]) -> AliyunFault | None:
        to = asked.get("CalledNumber") or asked.get("PhoneNumbers") or asked.get("PhoneNumber") or ""
        waiting = (self._faults.get((action, number)) for number in dict.fromkeys((to, "")))
        return next((faults.popleft() for faults in waiting if faults), None)

    def _next_id(self) -> int:
        self._made += 1
        return 100_000_000_000 + self._made


def _answer(more: Mapping[str, Any]) -> Answered:
    return Answered(200, {"RequestId": "F655A8D5", "Code": OK, "Message": OK, **more})


def _refusal(code: str) -> Answered:
    return Answered(_ACCOUNT_FAULTS.get(code, 200), {"RequestId": "F655A8D5", "Code": code, "Message": code})


def _spoiled(fault: AliyunFault) -> Answered:
    body = {"RequestId": "F655A8D5", "Code": fault.code, "Message": fault.code}
    return Answered(fault.status, body, hangs=fault.hangs)
