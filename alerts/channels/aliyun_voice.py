"""Rings mainland numbers through Aliyun's interactive calls (IvrCall) with approved texts and keys."""

# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false
# (the models of the SDK say only half of their types)

import json
import logging
from datetime import datetime, time
from typing import Any, cast

from alibabacloud_dyvmsapi20170525 import models

from alerts.attempts import CallNews
from alerts.channels.aliyun_api import AliyunApi
from alerts.channels.aliyun_errors import NOTHING_FOUND, OK, SDK_ERRORS, fault_of, fault_of_code
from alerts.channels.aliyun_reports import OUT_ID_CHARS, report_news
from alerts.channels.aliyun_settings import ALIYUN_ZONE
from alerts.channels.faults import Meaning, refused, result_of, unanswered
from alerts.model import TERMINAL_ATTEMPT_STATES, Attempt, AttemptState, CallPurpose, PlaceCall
from alerts.pacing import NumberLimit
from alerts.ports import Delivery, SendResult, Traits
from core.localtime import MINUTE_MS, from_ms, to_ms, zone
from core.text import Bilingual

MAINLAND_LIMITS = (NumberLimit(1, 60_000), NumberLimit(5, 3_600_000), NumberLimit(20, 86_400_000))
"""What mainland providers allow for one number: once a minute, 5 an hour, 20 a day."""

IVR_PRODUCT = 11000000300005
"""Aliyun's own number for interactive calls, asked for with a call's record."""

KEY_WAIT_MS = 8_000
"""An older person needs time to take the phone from the ear and find the key."""

MOST_CLOCK_SKEW_MS = 5 * MINUTE_MS
"""Aliyun lists the calls of the 24 hours after a moment of its own clock, which may be behind ours."""

READINGS = 2
ASK_AFTER_MS = 30_000
"""Reports come within seconds of a call's end; the record is asked for in case one was lost."""

KEYS = {
    CallPurpose.ASK_RESIDENT: ("1",),
    CallPurpose.ASK_CONTACT: ("1", "2"),
    CallPurpose.ASK_SERVICE: ("1", "2"),
}
"""A 3 ("I spoke to them") needs a second 3 to confirm, which this kind of call cannot ask for: it is not offered."""

_MAINLAND = "+86"
_NOT_MAINLAND = Bilingual("阿里云语音只呼叫中国大陆号码", "this channel rings only mainland numbers")
_log = logging.getLogger(__name__)


class AliyunVoice:
    """The channel `aliyun_voice`; keys come back as reports, pushed to a secret address."""

    name = "aliyun_voice"

    def __init__(self, api: AliyunApi) -> None:
        self._api = api
        self._settings = api.settings
        self.traits = api.traits(Traits(provider="aliyun", number_limits=MAINLAND_LIMITS))

    def refuses(self, to: str) -> Bilingual | None:
        """Return why it will not ring a number, or None."""
        return None if to.startswith(_MAINLAND) and to[1:].isdigit() else _NOT_MAINLAND

    async def send(self, delivery: Delivery, *, now_ms: int) -> SendResult:
        """Ask Aliyun to ring; never raises for what the network or Aliyun did."""
        if refusal := self.refuses(delivery.to):
            return refused(refusal.en, now_ms)
        request = _request(delivery, self._api)
        try:
            body = (await self._api.run(lambda: self._api.voice.ivr_call_with_options(request, self._api.runtime))).body
            code, words, call_id = str(body.code), str(body.message), str(body.call_id or "")
        except SDK_ERRORS as error:
            return result_of(fault_of(error), delivery.attempt, now_ms)
        if code != OK:
            return result_of(fault_of_code(code, words), delivery.attempt, now_ms)
        news = CallNews(state=AttemptState.SUBMITTED, at_ms=now_ms, provider_id=call_id)
        return SendResult(news=news, retry_after_ms=ASK_AFTER_MS)

    async def look_up(self, delivery: Delivery, *, now_ms: int) -> SendResult:
        """Ask for a call's record by its id. Aliyun lists no calls: without an id only its report can name it."""
        attempt = delivery.attempt
        if not attempt.provider_id:
            return unanswered(attempt, "no report within a minute", now_ms=now_ms)
        request = models.QueryCallDetailByCallIdRequest(
            call_id=attempt.provider_id, prod_id=IVR_PRODUCT, query_date=_since_ms(attempt.claimed_at_ms or now_ms)
        )
        nothing_new = CallNews(state=attempt.state, at_ms=now_ms)
        try:
            ask = self._api.voice.query_call_detail_by_call_id_with_options
            body = (await self._api.run(lambda: ask(request, self._api.runtime))).body
            code, status = str(body.code), _state_of(str(body.data or ""))
        except SDK_ERRORS as error:
            is_listed_not = NOTHING_FOUND.search(str(getattr(error, "code", "")))
            is_misconfigured = not is_listed_not and fault_of(error).meaning is Meaning.MISCONFIGURED
            return SendResult(news=nothing_new, retry_after_ms=ASK_AFTER_MS, is_misconfigured=is_misconfigured)
        if code != OK and not NOTHING_FOUND.search(code):
            is_misconfigured = fault_of_code(code, "").meaning is Meaning.MISCONFIGURED
            return SendResult(news=nothing_new, retry_after_ms=ASK_AFTER_MS, is_misconfigured=is_misconfigured)
        news = report_news(status, attempt.provider_id, now_ms) or nothing_new
        return SendResult(news=news, retry_after_ms=None if news.state in TERMINAL_ATTEMPT_STATES else ASK_AFTER_MS)

    async def cancel(self, attempt: Attempt, *, now_ms: int) -> None:  # noqa: ARG002 - the port's signature
        """Do nothing: Aliyun cancels two-way calls (CancelCall), none of this kind; a late key changes nothing."""
        _log.debug("attempt %s cannot be taken back", attempt.id)


def _request(delivery: Delivery, api: AliyunApi) -> models.IvrCallRequest:
    settings, attempt = api.settings, delivery.attempt
    purpose = cast("PlaceCall", attempt.effect).purpose
    is_resident = purpose is CallPurpose.ASK_RESIDENT
    codes = {
        CallPurpose.ASK_RESIDENT: settings.resident_code,
        CallPurpose.ASK_CONTACT: settings.contact_code,
        # a call that speaks of a home where there is none is better than nobody who hears that the service fails
        CallPurpose.ASK_SERVICE: settings.service_code or settings.contact_code,
    }
    return models.IvrCallRequest(
        called_number=delivery.to.removeprefix(_MAINLAND),
        called_show_number=settings.shown_number,
        start_code=codes[purpose],
        start_tts_params=json.dumps({} if is_resident else delivery.variables, ensure_ascii=False),
        menu_key_map=[models.IvrCallRequestMenuKeyMap(key=key, code=settings.thanks_code) for key in KEYS[purpose]],
        bye_code=settings.thanks_code,
        play_times=READINGS,
        timeout=KEY_WAIT_MS,
        out_id=str(attempt.id)[:OUT_ID_CHARS],
    )


def _since_ms(claimed_ms: int) -> int:
    """Return where a query's day begins: before our own clock's time of the request, on the same day in Beijing."""
    tz = zone(ALIYUN_ZONE)
    midnight = datetime.combine(from_ms(claimed_ms, tz).date(), time(), tz)
    return max(to_ms(midnight), claimed_ms - MOST_CLOCK_SKEW_MS)


def _state_of(data: str) -> str:
    record = cast("dict[str, Any]", json.loads(data)) if data else {}
    return str(record.get("state", ""))
