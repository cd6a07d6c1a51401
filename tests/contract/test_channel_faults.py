"""What a request's bad end means: the rows of the error table, over a real connection."""

import asyncio

import msgspec
import pytest
from twilio_village import DAUGHTER, HANG_UP_AFTER_S, NOON_MS, SON, attempt, in_village, settings

from alerts.attempts import is_only_shown, with_news
from alerts.channels.console import Console
from alerts.channels.twilio_http import TwilioApi
from alerts.channels.twilio_sms import TwilioSms
from alerts.channels.twilio_voice import TwilioVoice
from alerts.model import AttemptState
from alerts.ports import Delivery
from device_sim.phone_behaviour import RequestFault

UNKNOWN, NEW, FAILED = AttemptState.UNKNOWN, AttemptState.NEW, AttemptState.FAILED


@pytest.mark.parametrize("is_text", [False, True])
@pytest.mark.parametrize(
    ("fault", "state", "is_misconfigured"),
    [
        (RequestFault(is_accepted=False, status=429, code=20429), NEW, False),
        (RequestFault(status=500), UNKNOWN, False),
        (RequestFault(is_accepted=False, status=503), UNKNOWN, False),
        (RequestFault(is_accepted=False, status=401, code=20003), NEW, True),
        (RequestFault(is_accepted=False, status=403, code=20005), NEW, True),
        (RequestFault(is_accepted=False, status=400, code=21606), NEW, True),
        (RequestFault(is_accepted=False, status=400, code=21215), NEW, True),
        (RequestFault(is_accepted=False, status=400, code=21211), FAILED, False),
        (RequestFault(is_accepted=False, status=400, code=21610), FAILED, False),
    ],
)
def test_an_error_means_what_the_table_says(fault, state, is_misconfigured, is_text):
    async def story(village):
        village.phones.spoil_next(fault)
        result = await village.send(attempt(is_text=is_text), text="编号 A1")
        assert (result.news.state, result.is_misconfigured) == (state, is_misconfigured)
        assert (result.retry_after_ms is None) == (state is FAILED)
        assert str(fault.code) in result.news.detail

    in_village(story)


def test_silence_after_accepting_is_unknown_and_the_call_is_found_not_repeated():
    async def story(village):
        village.phones.spoil_next(RequestFault(hangs=True))
        one = attempt()
        result = await village.send(one)
        assert result.news.state is UNKNOWN
        found = await village.look_up(one, after_ms=5_000)
        assert found.news.state is AttemptState.SUBMITTED
        assert list(village.phones.calls) == [found.news.provider_id]

    in_village(story, request_timeout_s=HANG_UP_AFTER_S)


def test_a_callback_names_the_call_whose_answer_was_never_seen():
    async def story(village):
        village.phones.spoil_next(RequestFault(hangs=True))
        village.phones.at(DAUGHTER).answers(presses="1")
        await village.send(attempt())
        await village.play()
        ended = village.service.attempts["t1"]
        assert ended.state is AttemptState.ACKED
        assert ended.provider_id in village.phones.calls

    in_village(story, request_timeout_s=HANG_UP_AFTER_S)


@pytest.mark.parametrize(("after_ms", "state"), [(0, UNKNOWN), (59_999, UNKNOWN), (60_000, NEW)])
@pytest.mark.parametrize("is_text", [False, True])
def test_a_call_that_is_not_listed_is_repeated_only_after_a_minute(after_ms, state, is_text):
    async def story(village):
        result = await village.look_up(attempt(is_text=is_text), after_ms=after_ms)
        assert result.news.state is state
        assert result.retry_after_ms

    in_village(story)


def test_a_list_that_cannot_be_read_leaves_the_attempt_in_doubt_even_after_a_minute():
    async def story(village):
        village.phones.spoil_next(RequestFault(status=503), on="list")
        unreadable = await village.look_up(attempt(), after_ms=300_000)
        village.phones.spoil_next(RequestFault(status=401, code=20003), on="list")
        unauthorized = await village.look_up(attempt(), after_ms=300_000)
        assert (unreadable.news.state, unreadable.is_misconfigured) == (UNKNOWN, False)
        assert (unauthorized.news.state, unauthorized.is_misconfigured) == (UNKNOWN, True)

    in_village(story)


def test_a_text_whose_answer_was_never_seen_is_found_by_its_number():
    async def story(village):
        village.phones.spoil_next(RequestFault(status=500))
        one = attempt(is_text=True)
        await village.send(one, text="编号 A1")
        found = await village.look_up(one, after_ms=5_000)
        assert (found.news.state, found.news.provider_id) == (AttemptState.SUBMITTED, village.phones.texts[0].sid)

    in_village(story)


def test_calls_to_others_and_calls_of_another_hour_are_not_taken_for_ours():
    async def story(village):
        await village.send(attempt("t2"), to=SON)
        village.phones.move_to(NOON_MS + 3_600_000)
        await village.send(attempt("t3"), to=DAUGHTER)
        result = await village.look_up(attempt(), after_ms=3_700_000)
        assert result.news.state is NEW

    in_village(story)


@pytest.mark.parametrize(
    ("to", "code"), [("13800000001", "E.164"), ("", "E.164"), ("+86 138", "E.164"), ("client:anna", "E.164")]
)
def test_what_is_no_number_is_never_asked_of_the_provider(to, code):
    async def story(village):
        voice = await village.send(attempt(), to=to)
        text = await village.send(attempt(is_text=True), to=to, text="编号")
        assert voice.news.state is text.news.state is FAILED
        assert code in voice.news.detail
        assert not village.phones.requests

    in_village(story)


def test_a_wrong_token_opens_the_breaker_and_shows_no_number():
    async def story(village):
        api = TwilioApi(settings(village.voice._settings.api_base, auth_token="stale"))
        result = await TwilioVoice(api).send(Delivery(attempt=attempt(), to=DAUGHTER), now_ms=NOON_MS)
        api.close()
        assert (result.news.state, result.is_misconfigured) == (NEW, True)
        assert "13800000001" not in result.news.detail

    in_village(story)


def test_the_sdk_logs_no_number(caplog):
    caplog.set_level("DEBUG")

    async def story(village):
        await village.send(attempt())
        await village.look_up(attempt(), after_ms=1)

    in_village(story)
    assert "13800000001" not in "".join(
        record.getMessage() for record in caplog.records if not record.name.startswith(("uvicorn", "httpx"))
    )


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 201 Created\r\nContent-Length: 9\r\n\r\nnot json!",
        b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n[]",
    ],
)
@pytest.mark.parametrize("channel_type", [TwilioVoice, TwilioSms])
def test_an_answer_that_cannot_be_read_may_have_rung_a_phone(answer, channel_type):
    async def talk(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        writer.close()

    async def story():
        server = await asyncio.start_server(talk, "127.0.0.1", 0)
        api = TwilioApi(settings(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"))
        delivery = Delivery(attempt=attempt(), to=DAUGHTER, text="编号")
        result = await channel_type(api).send(delivery, now_ms=NOON_MS)
        api.close()
        server.close()
        assert result.news.state is UNKNOWN

    asyncio.run(asyncio.wait_for(story(), 30))


@pytest.mark.parametrize(("is_text", "state"), [(False, AttemptState.SUBMITTED), (True, AttemptState.DELIVERED)])
def test_the_console_shows_and_acknowledges_nothing(is_text, state):
    async def story():
        delivery = Delivery(attempt=attempt(is_text=is_text), to="", text="")
        sent = await Console().send(delivery, now_ms=NOON_MS)
        again = await Console().look_up(delivery, now_ms=NOON_MS)
        await Console().cancel(delivery.attempt, now_ms=NOON_MS)
        assert sent.news == again.news
        assert sent.news.state is state
        assert is_only_shown(with_news(msgspec.structs.replace(delivery.attempt, channel="console"), sent.news))

    asyncio.run(story())
