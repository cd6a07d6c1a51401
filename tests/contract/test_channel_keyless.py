"""Without a public address, or when it cannot be reached: no key is promised, and Twilio is asked how a call went."""

import httpx
import msgspec
import pytest
from twilio_village import DAUGHTER, NOON_MS, SON, attempt, in_village, settings

from alerts.channels.twilio_exchange import ASK_AFTER_MS, POLL_MS
from alerts.channels.twilio_http import TwilioApi
from alerts.channels.twilio_signature import is_signed
from alerts.channels.twilio_sms import TwilioSms
from alerts.channels.twilio_voice import NO_KEY_POSSIBLE, TwilioVoice
from alerts.messages import script_without_keys
from alerts.model import AttemptState, CallPurpose
from alerts.ports import Delivery, Earlier
from device_sim.phone_behaviour import RequestFault
from rules.findings import FindingKind

TOLD = script_without_keys(CallPurpose.ASK_CONTACT, (FindingKind.INACTIVITY,), "+862312345").zh


def unreachable(village):
    return TwilioApi(settings(village.voice._settings.api_base, public_base_url=""))


def asked(one, result):
    return Delivery(
        attempt=msgspec.structs.replace(one, state=result.news.state, provider_id=result.news.provider_id),
        to=DAUGHTER,
        text=TOLD,
    )


def test_the_script_travels_with_the_call_and_says_that_no_key_counts():
    async def story(village):
        village.phones.at(DAUGHTER).answers(presses="1")
        api = unreachable(village)
        result = await village.send(attempt(), text=TOLD, channel=TwilioVoice(api))
        assert (result.news.state, result.retry_after_ms) == (AttemptState.SUBMITTED, POLL_MS)
        await village.play()
        (ring,) = village.phones.rings
        assert ring.heard == (TOLD, TOLD)
        assert ring.digits == ""
        form = httpx.QueryParams(village.phones.requests[0].body.decode())
        assert not {"Url", "StatusCallback"} & set(form)
        assert not village.service.news
        api.close()

    in_village(story)


def test_what_is_said_names_the_number_to_ring_and_claims_no_answer():
    assert "按键无效" in TOLD
    assert "8 6 2 3 1 2 3 4 5" in TOLD
    resident = script_without_keys(CallPurpose.ASK_RESIDENT, (), "").zh
    assert "按键无效" in resident
    assert "回电值班室" in resident


@pytest.mark.parametrize(
    ("behaviour", "state"),
    [
        ("answers", AttemptState.NO_ANSWER),
        ("never_answers", AttemptState.NO_ANSWER),
        ("busy", AttemptState.BUSY),
        ("unreachable", AttemptState.FAILED),
    ],
)
def test_twilio_is_asked_until_the_call_has_ended_and_nobody_is_taken_for_having_agreed(behaviour, state):
    async def story(village):
        getattr(village.phones.at(DAUGHTER), behaviour)()
        api = unreachable(village)
        voice, one = TwilioVoice(api), attempt()
        result = await village.send(one, text=TOLD, channel=voice)
        first = await voice.look_up(asked(one, result), now_ms=NOON_MS)
        assert (first.news.state, first.retry_after_ms) == (AttemptState.SUBMITTED, POLL_MS)
        await village.play()
        last = await voice.look_up(asked(one, result), now_ms=NOON_MS + 60_000)
        assert (last.news.state, last.retry_after_ms) == (state, None)
        assert (last.news.detail == NO_KEY_POSSIBLE) == (behaviour == "answers")
        api.close()

    in_village(story)


def test_a_text_is_asked_about_too():
    async def story(village):
        api = unreachable(village)
        sms, one = TwilioSms(api), attempt(is_text=True)
        result = await village.send(one, to=SON, text="编号 7", channel=sms)
        assert result.retry_after_ms == POLL_MS
        await village.play()
        found = await sms.look_up(asked(one, result), now_ms=NOON_MS + 5_000)
        assert found.news.state is AttemptState.DELIVERED
        api.close()

    in_village(story)


def test_two_calls_without_a_callback_close_the_way_back_and_one_callback_opens_it():
    async def story(village):
        village.phones.at(DAUGHTER).never_answers().with_faults(is_silent=True)
        api, reach = village.voice._api, village.voice._api.reach
        for name in ("t1", "t2"):
            one = attempt(name)
            result = await village.send(one, text=TOLD)
            assert result.retry_after_ms == ASK_AFTER_MS
            await village.play()
            await village.voice.look_up(asked(one, result), now_ms=NOON_MS + 60_000)
        assert not reach.is_open
        await village.send(attempt("t3"), text=TOLD)
        form = httpx.QueryParams(village.phones.requests[-1].body.decode())
        assert "Twiml" in form
        assert "StatusCallback" in form
        api.reach.heard()
        assert reach.is_open

    in_village(story)


def test_a_call_that_cannot_be_asked_about_stays_as_it_was():
    async def story(village):
        one = attempt(state=AttemptState.RINGING, provider_id="CA-nobody-knows")
        delivery = Delivery(attempt=one, to=DAUGHTER)
        result = await village.voice.look_up(delivery, now_ms=NOON_MS)
        assert (result.news.state, result.news.detail) == (AttemptState.RINGING, "")
        assert result.retry_after_ms == ASK_AFTER_MS

    in_village(story)


def test_without_an_address_no_callback_is_believed():
    assert not is_signed(settings("http://127.0.0.1:1", public_base_url=""), "/callbacks/twilio/t1/status", {}, "")


@pytest.mark.parametrize("is_text", [False, True])
def test_two_attempts_to_one_number_within_a_second_do_not_take_each_others_ids(is_text):
    async def story(village):
        first, second = attempt("t1", is_text=is_text), attempt("t2", is_text=is_text)
        known = await village.send(first, text="编号 7")
        village.phones.spoil_next(RequestFault(status=500))
        await village.send(second, text="编号 7")
        earlier = Earlier(
            attempt_id=first.id,
            alert_id=first.alert_id,
            channel="",
            state=AttemptState.SUBMITTED,
            claimed_at_ms=NOON_MS,
            provider_id=known.news.provider_id,
        )
        channel = village.sms if is_text else village.voice
        delivery = Delivery(attempt=second, to=DAUGHTER, earlier=(earlier,))
        found = await channel.look_up(delivery, now_ms=NOON_MS + 5_000)
        assert found.news.state is AttemptState.SUBMITTED
        assert found.news.provider_id != known.news.provider_id

    in_village(story)
