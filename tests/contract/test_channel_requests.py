"""Every request that the real SDK makes, and every answer of the stand-in, against Twilio's own description."""

import asyncio

import httpx
import pytest
from openapi_core.testing import MockRequest, MockResponse
from twilio_described import HOST, as_request, described
from twilio_village import BASE, DAUGHTER, FROM, NOON_MS, SID, TOKEN, attempt, in_village


@pytest.fixture(name="described")
def _described():
    return described()


def requests_of_both_channels():
    async def story(village):
        call, text = attempt(), attempt("t2", is_text=True)
        await village.send(call)
        await village.send(text, text="编号 A1")
        await village.look_up(call, after_ms=1)
        await village.look_up(text, after_ms=1)
        await village.voice.cancel(village.service.attempts["t1"], now_ms=NOON_MS)
        return list(village.phones.requests)

    return in_village(story)


def test_every_request_is_one_that_twilio_describes(described):
    requests = requests_of_both_channels()
    assert [(raw.method, raw.path.rsplit("/", 1)[1][:2]) for raw in requests] == [
        ("POST", "Ca"),
        ("POST", "Me"),
        ("GET", "Ca"),
        ("GET", "Me"),
        ("POST", "CA"),
    ]
    for raw in requests:
        described.validate_request(as_request(raw))


def test_the_look_up_asks_for_one_number_from_the_claim_on():
    calls = next(raw for raw in requests_of_both_channels() if raw.method == "GET" and "Calls" in raw.path)
    assert dict(calls.query)["To"] == DAUGHTER
    assert dict(calls.query)["StartTime>"] == "2026-10-26T07:33:20Z"


def test_a_call_names_its_attempt_in_every_callback_and_asks_for_all_four_events():
    body = requests_of_both_channels()[0].body.decode()
    form = httpx.QueryParams(body)
    assert form["Url"] == f"{BASE}/callbacks/twilio/t1/twiml"
    assert form["StatusCallback"] == f"{BASE}/callbacks/twilio/t1/status"
    assert form.get_list("StatusCallbackEvent") == ["initiated", "ringing", "answered", "completed"]
    assert form["Timeout"] == "45"


def test_every_answer_of_the_stand_in_is_one_that_twilio_describes(described):
    base = f"/2010-04-01/Accounts/{SID}"
    call = {"To": DAUGHTER, "From": FROM, "Url": f"{BASE}/callbacks/twilio/t1/twiml", "Timeout": "45"}
    call["StatusCallback"] = f"{BASE}/callbacks/twilio/t1/status"

    async def story(village):
        host = village.voice._settings.api_base
        async with httpx.AsyncClient(base_url=host, auth=(SID, TOKEN), trust_env=False) as http:
            made = await http.post(f"{base}/Calls.json", data=call)
            sid = made.json()["sid"]
            return [
                made,
                await http.get(f"{base}/Calls.json"),
                await http.get(f"{base}/Calls/{sid}.json"),
                await http.post(f"{base}/Calls/{sid}.json", data={"Status": "canceled"}),
                await http.post(f"{base}/Messages.json", data={"To": DAUGHTER, "From": FROM, "Body": "编号"}),
                await http.get(f"{base}/Messages.json"),
            ]

    for answer in in_village(story):
        asked = MockRequest(HOST, answer.request.method, answer.request.url.path)
        told = MockResponse(answer.content, status_code=answer.status_code, content_type="application/json")
        described.validate_response(asked, told)


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"To": "13800000001"}, 400, 21211),
        ({"From": "+85200000000"}, 400, 21210),
        ({"Url": "http://evil.example/callbacks/twilio/t1/twiml"}, 400, 21205),
        ({"StatusCallback": ""}, 400, 21609),
        ({"Timeout": "soon"}, 400, 21403),
        ({"StatusCallbackEvent": "hungup"}, 400, 21626),
    ],
)
def test_the_stand_in_lets_nothing_odd_through(change, status, code):
    call = {"To": DAUGHTER, "From": FROM, "Url": f"{BASE}/callbacks/twilio/t1/twiml"}
    call |= {"StatusCallback": f"{BASE}/callbacks/twilio/t1/status", **change}

    async def story(village):
        host = village.voice._settings.api_base
        async with httpx.AsyncClient(base_url=host, auth=(SID, TOKEN), trust_env=False) as http:
            return await http.post(f"/2010-04-01/Accounts/{SID}/Calls.json", data=call), list(village.phones.calls)

    answer, calls = in_village(story)
    assert (answer.status_code, answer.json()["code"], calls) == (status, code, [])


def test_four_requests_at_once_each_get_their_own_answer():
    async def story(village):
        numbers = [f"+861380000{number:04}" for number in range(24)]
        results = await asyncio.gather(*(village.send(attempt(f"t{number}"), to=number) for number in numbers))
        return {village.phones.calls[result.news.provider_id].to for result in results} == set(numbers)

    assert in_village(story)
