"""Settings that can never work, or that might reach a real phone unasked, are refused with a remedy."""

import pytest
from twilio_village import DAUGHTER, settings

from alerts.channels.addresses import is_loopback
from alerts.channels.twilio_settings import is_e164
from core.errors import ConfigurationError

LIVE = {"live_calls": True, "public_base_url": "https://care.example.cn"}


@pytest.mark.parametrize(
    "api_base",
    [
        "",
        "https://api.twilio.com",
        "http://10.0.0.1:8080",
        "http://127.0.0.1.example.com",
        "http://localhost.example.com",
        "http://127.0.0.1@api.twilio.com",
        "http://127.0.0.1\\@api.twilio.com",
        "http://[::1",
    ],
)
def test_without_live_calls_only_this_machine_is_reached(api_base):
    with pytest.raises(ConfigurationError, match="Remedy"):
        settings(api_base)


@pytest.mark.parametrize("api_base", ["http://127.0.0.1:8100", "http://localhost:1", "http://[::1]:8100"])
def test_a_stand_in_on_this_machine_needs_no_live_calls_and_rings_the_village(api_base):
    assert is_loopback(api_base)
    assert settings(api_base).voice_refusal(DAUGHTER) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"account_sid": "AC1"},
        {"auth_token": ""},
        {"from_number": "12345678"},
        {"public_base_url": "care.example.cn"},
        {"public_base_url": "https://care.example.cn/?a=1"},
        {"public_base_url": "http://care.example.cn", "live_calls": True, "api_base": ""},
        {"request_timeout_s": 0},
    ],
)
def test_what_can_never_work_is_refused_with_a_remedy(wrong):
    with pytest.raises(ConfigurationError) as refused:
        settings(**{"api_base": "http://127.0.0.1:1", **wrong})
    assert refused.value.remedy
    assert refused.value.where.startswith(("twilio_", "public_base_url", "live_calls"))


@pytest.mark.parametrize(
    ("to", "is_refused"), [(DAUGHTER, True), ("+85291234567", False), ("+886912345678", False), ("+15005550006", False)]
)
def test_only_mainland_numbers_are_refused_by_voice(to, is_refused):
    assert (settings("", **LIVE).voice_refusal(to) is not None) == is_refused


def test_secrets_do_not_show():
    shown = repr(settings("http://127.0.0.1:1", auth_token="hush", second_auth_token="quiet"))
    assert "hush" not in shown
    assert "quiet" not in shown


def test_callback_urls_have_one_slash():
    base = settings("http://127.0.0.1:1", public_base_url="https://care.example.cn/shouwang/")
    assert base.callback_url("t1", "status") == "https://care.example.cn/shouwang/callbacks/twilio/t1/status"


@pytest.mark.parametrize(
    ("number", "is_right"), [("+8613800000001", True), ("+0123456789", False), ("+12", False), ("+86138\n", False)]
)
def test_e164_is_a_plus_and_digits(number, is_right):
    assert is_e164(number) == is_right
