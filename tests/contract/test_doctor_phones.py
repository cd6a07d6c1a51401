"""What doctor says of the ways to reach people, and which channels the settings make; nobody real is ever rung."""

from pathlib import Path

import pytest
from channel_kit import TOKEN
from provider_stand_in import stand_in
from rota_plans import ROTA_TOML
from twilio_village import SID

from app.doctor_phones import examine_phones
from app.files import DataFiles
from app.lines import Lines, routes
from app.settings import Settings, load_settings
from core.errors import ConfigurationError
from core.ids import ContactId, HomeId, PersonId
from registry.homes import Contact, ContactRole
from registry.people import Category, Person
from registry.rota_file import parse_rota

TWILIO = {"twilio_account_sid": SID, "twilio_auth_token": "t", "twilio_from_number": "+85212345678"}
ALIYUN = {
    "aliyun_access_key_id": "id",
    "aliyun_access_key_secret": "hush",
    "aliyun_shown_number": "02388888888",
    "aliyun_resident_code": "TTS_1",
    "aliyun_contact_code": "TTS_2",
    "aliyun_thanks_code": "TTS_3",
    "aliyun_callback_token": TOKEN,
}
LIVE = {"live_calls": True, "public_base_url": "https://127.0.0.1:1"}


def settings(folder, **more):
    return Settings(data_dir=folder, **more)


def said(folder, **more):
    return [check for check in examine_phones(settings(folder, **more)) if not check.is_well]


def register(folder, *numbers: str):
    truth = DataFiles(folder).open_truth()
    with truth.transaction() as unit:
        for n, number in enumerate(numbers):
            person = Person(
                id=PersonId(f"p{n}"),
                home_id=HomeId(f"h{n}"),
                area="a",
                categories=frozenset({Category.ALONE}),
                name="",
                phone="",
                address="",
            )
            unit.people.put_person(person)
            unit.people.put_contact(
                Contact(id=ContactId(f"c{n}"), person_id=person.id, role=ContactRole.FAMILY, order=1, phone=number)
            )
    truth.close()


def test_without_a_provider_it_says_that_the_board_shows_whom_to_ring(tmp_path):
    (check,) = examine_phones(settings(tmp_path))
    assert check.is_well
    assert "nobody is rung" in check.what


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"twilio_account_sid": SID}, "auth_token"),
        ({**TWILIO, "twilio_from_number": "1"}, "from_number"),
        ({"aliyun_access_key_id": "id"}, "aliyun_access_key_id"),
        ({"webhook_url": "http://127.0.0.1:1/", "webhook_secret": "short"}, "webhook_secret"),
        ({"routes_file": "/nowhere/routes.toml"}, "/nowhere/routes.toml"),
    ],
)
def test_missing_credentials_are_named_with_a_remedy(tmp_path, given, words):
    (check,) = said(tmp_path, **given)
    assert words in check.what
    assert check.remedy


def test_a_mainland_contact_with_twilio_alone_is_an_error_and_with_aliyun_is_none(tmp_path):
    register(tmp_path, "+8613800000001", "+85291234567")
    (_, check) = said(tmp_path, **TWILIO, **LIVE)
    assert "1 +86 numbers" in check.what
    assert "aliyun" in check.remedy
    assert [check.what for check in said(tmp_path, **TWILIO, **ALIYUN, **LIVE) if "+86" in check.what] == []


def test_a_mainland_account_without_a_text_about_the_service_is_told_what_such_a_call_would_say(tmp_path):
    (check,) = [one for one in said(tmp_path, **ALIYUN, **LIVE) if "aliyun_service_code" in one.what]
    assert "the service itself is in trouble: ${kind}" in check.remedy
    told = said(tmp_path, **ALIYUN, **LIVE, aliyun_service_code="TTS_4")
    assert not any("aliyun_service_code" in one.what for one in told)


def test_all_that_an_account_lacks_is_named_at_once_with_the_mainland_numbers_it_would_not_ring(tmp_path):
    register(tmp_path, "+8613800000001")
    whole = "\n".join(f"{check.what} {check.remedy}" for check in said(tmp_path, twilio_account_sid=SID, **LIVE))
    for words in ("twilio_auth_token", "twilio_from_number", "1 +86 numbers"):
        assert words in whole


def test_staff_of_the_rota_whom_twilio_does_not_ring_are_counted_too(tmp_path):
    truth = DataFiles(tmp_path).open_truth()
    with truth.transaction() as unit:
        unit.rota.put(parse_rota(ROTA_TOML, where="test"), at_ms=0, by="li")
    truth.close()
    (_, check) = said(tmp_path, **TWILIO, **LIVE)
    assert "4 +86 numbers" in check.what


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({"twilio_from_number": "+85212345678"}, "twilio_account_sid"),
        ({**ALIYUN, "aliyun_access_key_id": ""}, "aliyun_access_key_id"),
    ],
)
def test_an_account_of_which_the_first_half_is_missing_is_not_left_out_without_a_word(tmp_path, given, missing):
    (check,) = said(tmp_path, **given)
    assert f"缺少 {missing}" in check.what
    assert f"{missing} is missing" in check.what
    assert check.remedy


def test_a_number_that_nothing_reaches_is_counted_and_never_shown(tmp_path):
    register(tmp_path, "not a number", "+85291234567")
    (_, check) = said(tmp_path, **TWILIO, **LIVE)
    assert "1 other numbers" in check.what
    assert "not a number" not in check.what


def test_a_way_back_that_is_missing_or_does_not_answer_is_said(tmp_path):
    (check,) = said(tmp_path, **TWILIO, live_calls=True)
    assert "no key can be pressed" in check.what
    (check,) = said(tmp_path, **TWILIO, **LIVE)
    assert "does not answer" in check.what


@pytest.mark.parametrize(("status", "is_well"), [(200, True), (502, False)])
def test_the_public_address_is_asked_for_its_health(tmp_path, status, is_well):
    with stand_in() as proxy:
        proxy.status = status
        given = {**TWILIO, "live_calls": True, "public_base_url": proxy.base}
        checks = [check for check in examine_phones(settings(tmp_path, **given)) if proxy.base in check.what]
        assert proxy.last.path == "/healthz"
    assert [check.is_well for check in checks] == [is_well]


def names(folder, **more):
    lines = Lines(settings(folder, **more), "http://127.0.0.1:1")
    lines.close()
    return sorted(channel.name for channel in lines.channels)


def test_without_live_calls_only_stand_ins_on_this_machine_become_channels(tmp_path):
    outside = {"webhook_url": "https://hooks.example.com/", "webhook_secret": "s" * 32, "apprise_urls": "ntfy://t"}
    assert names(tmp_path, **TWILIO, **ALIYUN, **outside) == ["console"]
    inside = {
        "twilio_api_base": "http://127.0.0.1:1",
        "aliyun_api_base": "http://127.0.0.1:1",
        "webhook_url": "http://127.0.0.1:1/hook",
        "webhook_secret": "s" * 32,
    }
    assert names(tmp_path, **TWILIO, **ALIYUN, **inside) == [
        "aliyun_voice",
        "console",
        "twilio_sms",
        "twilio_voice",
        "webhook",
    ]


def test_with_live_calls_every_channel_that_is_set_up_is_there(tmp_path):
    texts = {"aliyun_sign_name": "守望", "aliyun_sms_template": "SMS_1", "aliyun_bundle_template": "SMS_2"}
    texts["apprise_urls"] = "json://127.0.0.1 json://b.cn"
    assert names(tmp_path, **TWILIO, **ALIYUN, **texts, **LIVE) == [
        "aliyun_sms",
        "aliyun_voice",
        "apprise",
        "console",
        "twilio_sms",
        "twilio_voice",
    ]


@pytest.mark.parametrize("given", [{}, {**ALIYUN}])
def test_live_calls_need_a_provider_and_mainland_calls_a_way_back_for_their_keys(given):
    with pytest.raises(ConfigurationError) as refused:
        load_settings(None, {}, live_calls=True, **given)
    assert refused.value.remedy


def test_a_towns_own_routes_are_read_and_a_wrong_file_is_refused_by_name(tmp_path):
    path = tmp_path / "routes.toml"
    path.write_text('[[route]]\nprefix = "+"\nvoice = ["console"]\nsms = ["webhook", "console"]\n')
    own = routes(settings(tmp_path, routes_file=str(path)))
    assert own.channels("+8613800000001", is_call=False) == ("webhook", "console")
    path.write_text("[[route]]\n")
    with pytest.raises(ConfigurationError) as refused:
        routes(settings(tmp_path, routes_file=str(path)))
    assert Path(refused.value.where) == path
