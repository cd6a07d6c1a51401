"""Sends approved texts to mainland numbers through Aliyun: template and variables, never free words."""

# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false
# (the models of the SDK say only half of their types)

import json
import logging
from typing import cast

from alibabacloud_dysmsapi20170525 import models

from alerts.attempts import CallNews
from alerts.channels.aliyun_api import AliyunApi
from alerts.channels.aliyun_errors import OK, SDK_ERRORS, fault_of, fault_of_code
from alerts.channels.aliyun_settings import ALIYUN_ZONE
from alerts.channels.faults import refused, result_of, still_unknown, unanswered
from alerts.messages import SMS_ALERT, SMS_BUNDLE
from alerts.model import Attempt, AttemptState, SendSms
from alerts.pacing import NumberLimit
from alerts.ports import Delivery, SendResult, Traits
from core.localtime import from_ms, zone
from core.text import Bilingual

TEXT_LIMITS = (NumberLimit(5, 900_000), NumberLimit(11, 3_600_000), NumberLimit(21, 10_800_000))
"""Design (alerting): to one number at most 5 in 15 min, 11 an hour, 21 in 3 h."""

ASK_AFTER_MS = 30_000
"""The receipt of the phone company takes some seconds."""

PAGE_SIZE = 50
"""The most Aliyun gives in one page; a number gets fewer a day."""

_STATES = {1: AttemptState.SUBMITTED, 2: AttemptState.FAILED, 3: AttemptState.DELIVERED}
_MAINLAND = "+86"
_NOT_MAINLAND = Bilingual("阿里云短信只发往中国大陆号码", "this channel sends only to mainland numbers")
_log = logging.getLogger(__name__)


class AliyunSms:
    """The channel `aliyun_sms`; it informs and never acknowledges."""

    name = "aliyun_sms"

    def __init__(self, api: AliyunApi) -> None:
        self._api = api
        self._settings = api.settings
        self.traits = api.traits(Traits(provider="aliyun", number_limits=TEXT_LIMITS))

    def refuses(self, to: str) -> Bilingual | None:
        """Return why it will not send to a number, or None."""
        return None if to.startswith(_MAINLAND) and to[1:].isdigit() else _NOT_MAINLAND

    async def send(self, delivery: Delivery, *, now_ms: int) -> SendResult:
        """Hand template and variables over; never raises for what the network or Aliyun did."""
        if refusal := self.refuses(delivery.to):
            return refused(refusal.en, now_ms)
        request = models.SendSmsRequest(
            phone_numbers=delivery.to.removeprefix(_MAINLAND),
            sign_name=self._settings.sign_name,
            template_code=self._code_of(cast("SendSms", delivery.attempt.effect).template),
            template_param=json.dumps(delivery.variables, ensure_ascii=False),
            out_id=str(delivery.attempt.id),
        )
        try:
            body = (await self._api.run(lambda: self._api.sms.send_sms_with_options(request, self._api.runtime))).body
            code, words, biz_id = str(body.code), str(body.message), str(body.biz_id or "")
        except SDK_ERRORS as error:
            return result_of(fault_of(error), delivery.attempt, now_ms)
        if code != OK:
            return result_of(fault_of_code(code, words), delivery.attempt, now_ms)
        news = CallNews(state=AttemptState.SUBMITTED, at_ms=now_ms, provider_id=biz_id)
        return SendResult(news=news, retry_after_ms=ASK_AFTER_MS)

    def _code_of(self, template: str) -> str:
        return {SMS_ALERT: self._settings.sms_template, SMS_BUNDLE: self._settings.bundle_template}[template]

    async def look_up(self, delivery: Delivery, *, now_ms: int) -> SendResult:
        """Find the text among those of the number and the day, by the id of ours that it carries."""
        attempt = delivery.attempt
        day = from_ms(attempt.claimed_at_ms or now_ms, zone(ALIYUN_ZONE)).strftime("%Y%m%d")
        request = models.QuerySendDetailsRequest(
            phone_number=delivery.to.removeprefix(_MAINLAND), send_date=day, page_size=PAGE_SIZE, current_page=1
        )
        try:
            ask = self._api.sms.query_send_details_with_options
            body = (await self._api.run(lambda: ask(request, self._api.runtime))).body
            listed = body.sms_send_detail_dtos.sms_send_detail_dto if body.sms_send_detail_dtos else []
            found = next((entry for entry in listed if entry.out_id == str(attempt.id)), None)
        except SDK_ERRORS as error:
            return still_unknown(attempt, fault_of(error), now_ms=now_ms)
        if found is None:
            return unanswered(attempt, "not in the provider's list", now_ms=now_ms)
        state = _STATES.get(int(found.send_status or 1), AttemptState.SUBMITTED)
        detail = str(found.err_code or "") if state is AttemptState.FAILED else ""
        news = CallNews(state=state, at_ms=now_ms, provider_id=attempt.provider_id, detail=detail)
        return SendResult(news=news, retry_after_ms=ASK_AFTER_MS if state is AttemptState.SUBMITTED else None)

    async def cancel(self, attempt: Attempt, *, now_ms: int) -> None:  # noqa: ARG002 - the port's signature
        """Do nothing: a text that was sent cannot be taken back."""
        _log.debug("attempt %s is a text message and cannot be cancelled", attempt.id)
