"""What only informs: a signed message in Alertmanager's shape, and Apprise's own addresses; no person's data in either."""

import asyncio
import hashlib
import hmac
import json

import pytest
from channel_kit import MAINLAND
from provider_stand_in import stand_in
from twilio_village import NOON_MS, attempt

from alerts.channels.apprise_inform import AppriseInform, AppriseSettings
from alerts.channels.webhook import SIGNATURE_HEADER, Webhook, WebhookSettings
from alerts.model import AttemptState
from alerts.ports import Delivery
from core.errors import ConfigurationError

SECRET = "0123456789abcdef0123456789abcdef"
TEXT = "【守望】编号7的警报等待处理"


def posted(status=200, name="t1"):
    with stand_in() as other:
        other.status = status
        channel = Webhook(
            WebhookSettings(url=f"{other.base}/hook", secret=SECRET, external_url="https://care.example.cn")
        )
        delivery = Delivery(attempt=attempt(name, is_text=True), to=MAINLAND, text=TEXT)
        return asyncio.run(channel.send(delivery, now_ms=NOON_MS)), other.last


def test_the_signature_covers_time_and_body_with_the_shared_secret():
    _, asked = posted()
    at_s = NOON_MS // 1000
    expected = hmac.new(SECRET.encode(), f"{at_s}.".encode() + asked.body, hashlib.sha256).hexdigest()
    assert asked.headers[SIGNATURE_HEADER.lower()] == f"t={at_s},v1={expected}"


def test_the_body_is_alertmanagers_version_4_and_holds_no_number():
    _, asked = posted()
    body = json.loads(asked.body)
    assert {"version", "groupKey", "truncatedAlerts", "status", "receiver", "groupLabels"} <= set(body)
    assert {"commonLabels", "commonAnnotations", "externalURL", "alerts"} <= set(body)
    (alert,) = body["alerts"]
    assert (body["version"], alert["status"]) == ("4", "firing")
    assert alert["labels"] == {
        "alertname": "shouwang_alert",
        "severity": "critical",
        "priority": "P1",
        "alert_id": "a",
    }
    assert alert["startsAt"] == "2026-10-26T07:33:20.000+00:00"
    assert alert["annotations"]["summary"] == TEXT
    assert "13800000001" not in asked.body.decode()


def test_each_try_of_an_attempt_bears_the_same_key_and_another_attempt_another():
    keys = [posted(name=name)[1].headers["idempotency-key"] for name in ("t1", "t1", "t2")]
    assert keys == ["t1", "t1", "t2"]


@pytest.mark.parametrize(
    ("status", "state", "is_misconfigured"),
    [
        (202, AttemptState.DELIVERED, False),
        (302, AttemptState.NEW, True),
        (404, AttemptState.NEW, True),
        (422, AttemptState.FAILED, False),
        (429, AttemptState.NEW, False),
        (503, AttemptState.NEW, False),
    ],
)
def test_a_status_means_what_the_table_says(status, state, is_misconfigured):
    result, _ = posted(status)
    assert (result.news.state, result.is_misconfigured) == (state, is_misconfigured)


@pytest.mark.parametrize(
    ("wrong", "where"),
    [
        ({"url": "hooks"}, "webhook_url"),
        ({"url": "http://a@127.0.0.1/"}, "webhook_url"),
        ({"secret": "short"}, "webhook_secret"),
    ],
)
def test_a_webhook_that_can_never_work_is_refused_with_a_remedy(wrong, where):
    with pytest.raises(ConfigurationError) as refused:
        WebhookSettings(**{"url": "http://127.0.0.1:1/hook", "secret": SECRET, **wrong})
    assert (refused.value.where, bool(refused.value.remedy)) == (where, True)
    assert SECRET not in repr(WebhookSettings(url="http://127.0.0.1:1/hook", secret=SECRET))


def test_one_address_that_took_it_is_enough_and_the_count_is_told():
    with stand_in() as group, stand_in() as broken:
        broken.status = 500
        urls = tuple(f"json://{one.base.removeprefix('http://')}/" for one in (group, broken))
        delivery = Delivery(attempt=attempt(is_text=True), to=MAINLAND, text=TEXT)
        result = asyncio.run(AppriseInform(AppriseSettings(urls=urls)).send(delivery, now_ms=NOON_MS))
        told = json.loads(group.last.body)
    assert (result.news.state, result.news.detail) == (AttemptState.DELIVERED, "1 of 2 addresses took it")
    assert (told["title"], told["message"]) == ("守望", TEXT)


def test_an_address_that_apprise_does_not_know_is_named_by_its_place_and_not_shown():
    with pytest.raises(ConfigurationError, match="address 2") as refused:
        AppriseInform(AppriseSettings(urls=("json://127.0.0.1/", "nosuch://127.0.0.1/secret"), live_calls=True))
    assert "secret" not in str(refused.value)
    assert "secret" not in repr(AppriseSettings(urls=("json://127.0.0.1/secret",)))
