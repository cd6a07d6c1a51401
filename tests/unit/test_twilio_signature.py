"""A callback is believed only when it is signed for our own public address."""

import pytest
from twilio.request_validator import RequestValidator
from twilio_village import TOKEN, settings

from alerts.channels.twilio_signature import is_signed
from device_sim.phone_callbacks import signature

FORM = {"CallSid": "CA1", "CallStatus": "completed", "To": "+8613800000001", "Body": "谢谢"}
PATH = "/callbacks/twilio/t1/gather?said=3"


def signed_at(url, token=TOKEN, form=FORM):
    return RequestValidator(token).compute_signature(url, form)


@pytest.mark.parametrize(
    ("base", "signed_url"),
    [
        ("https://care.example.cn", "https://care.example.cn"),
        ("https://care.example.cn", "https://care.example.cn:443"),
        ("https://care.example.cn:8443", "https://care.example.cn:8443"),
        ("https://care.example.cn:8443", "https://care.example.cn"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("https://care.example.cn/shouwang/", "https://care.example.cn/shouwang"),
    ],
)
def test_a_signature_fits_with_and_without_the_port(base, signed_url):
    own = settings("http://127.0.0.1:1", public_base_url=base)
    assert is_signed(own, PATH, FORM, signed_at(signed_url + PATH))


@pytest.mark.parametrize("given", ["", "x", "é", "0" * 28])
def test_what_is_no_signature_is_refused(given):
    assert not is_signed(settings("http://127.0.0.1:1"), PATH, FORM, given)


def test_another_host_path_query_field_or_token_is_refused():
    own = settings("http://127.0.0.1:1", public_base_url="https://care.example.cn")
    good = signed_at(f"https://care.example.cn{PATH}")
    assert is_signed(own, PATH, FORM, good)
    assert not is_signed(own, PATH.replace("t1", "t2"), FORM, good)
    assert not is_signed(own, PATH.replace("said=3", "said=1"), FORM, good)
    assert not is_signed(own, PATH, {**FORM, "Digits": "1"}, good)
    assert not is_signed(own, PATH, FORM, signed_at(f"https://evil.example{PATH}"))
    assert not is_signed(own, PATH, FORM, signed_at(f"https://care.example.cn{PATH}", token="stolen"))


def test_both_tokens_are_believed_while_they_are_rotated_and_an_empty_one_never():
    both = settings("http://127.0.0.1:1", second_auth_token="next")
    url = f"{both.public_base_url}{PATH}"
    assert is_signed(both, PATH, FORM, signed_at(url, token="next"))
    assert is_signed(both, PATH, FORM, signed_at(url))
    assert not is_signed(settings("http://127.0.0.1:1"), PATH, FORM, signed_at(url, token=""))


def test_the_stand_in_signs_as_the_sdk_would():
    url = f"https://care.example.cn{PATH}"
    assert signature(TOKEN, url, FORM) == signed_at(url)
