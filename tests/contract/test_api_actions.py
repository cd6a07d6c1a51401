"""What clerks and the phone provider do through the API: take, close, press, sign, reveal, call back."""

import asyncio

import pytest
from api_console import Desk, run
from api_village import SIGNATURE

WITHOUT_LOGIN = {"/api/v1/login", "/healthz", "/readyz", "/metrics"}


def test_two_clerks_who_take_one_alert_at_once_get_one_owner_and_one_polite_refusal():
    async def story():
        desk = Desk()
        async with desk.program("zhang") as zhang, desk.program("chen") as chen:
            return await asyncio.gather(
                *(c.post("/api/v1/alerts/a1/acknowledge", json={"version": 3}) for c in (zhang, chen))
            )

    answers = sorted(run(story()), key=lambda answer: answer.status_code)
    assert [answer.status_code for answer in answers] == [200, 409]
    assert answers[0].json()["state"] == "acknowledged"
    assert answers[1].json()["code"] == "conflict"


def test_one_clerk_who_presses_twice_has_taken_it_once():
    async def story():
        desk = Desk()
        async with desk.program() as client:
            for key in (None, None, "k-1"):
                headers = {"idempotency-key": key} if key else {}
                yield_to = await client.post("/api/v1/alerts/a1/acknowledge", json={"version": 3}, headers=headers)
                yield yield_to

    async def gather():
        return [answer.status_code async for answer in story()]

    assert run(gather()) == [200, 200, 409]


def test_an_alert_is_closed_only_with_an_outcome_and_the_version_that_was_seen():
    async def story():
        desk = Desk()
        async with desk.program() as client:
            url = "/api/v1/alerts/a1/close"
            without = await client.post(url, json={"version": 3})
            stale = await client.post(url, json={"version": 2, "outcome": "seen_well"})
            done = await client.post(url, json={"version": 3, "outcome": "seen_well", "note": "在院里晒太阳"})
            return without.json()["code"], stale.json()["code"], done.json()

    without, stale, done = run(story())
    assert (without, stale) == ("validation", "conflict")
    assert (done["state"], done["outcome"], done["closed_by"]) == ("closed", "seen_well", "account:zhang")


def test_a_key_said_to_the_clerk_is_recorded_once():
    async def story():
        desk = Desk()
        async with desk.program() as client:
            first = await client.post("/api/v1/attempts/t2/press", json={"digits": "1"})
            again = await client.post("/api/v1/attempts/t2/press", json={"digits": "2"})
            wrong = await client.post("/api/v1/attempts/t2/press", json={"digits": "12"})
            return first.json(), again.status_code, wrong.status_code

    first, again, wrong = run(story())
    assert (first["attempts"][1]["digits"], again, wrong) == ("1", 409, 422)


def test_a_contact_is_signed_once():
    async def story():
        desk = Desk()
        async with desk.program() as client:
            first = await client.post("/api/v1/visits/v1/review")
            return first.json(), (await client.post("/api/v1/visits/v1/review")).status_code

    first, again = run(story())
    assert (first["reviewed_by"], first["needs_review"], again) == ("account:zhang", False, 409)


def test_numbers_are_shown_only_for_a_reason_which_is_recorded():
    async def story():
        desk = Desk()
        async with desk.program() as client:
            without = await client.post("/api/v1/alerts/a1/reveal", json={"reason": ""})
            shown = await client.post("/api/v1/alerts/a1/reveal", json={"reason": "电话联系女儿"})
            return without.status_code, shown.json(), desk.console.looks

    without, shown, looks = run(story())
    assert without == 422
    assert shown["contacts"][0]["phone"] == "+8613900005678"
    assert looks == [("a1", "电话联系女儿", "zhang")]


@pytest.mark.parametrize("kind", ["twiml", "gather", "status", "sms-status"])
def test_a_signed_callback_is_passed_on_and_answered_as_the_provider_wants(kind):
    async def story():
        desk = Desk()
        async with desk.client(**{"x-twilio-signature": SIGNATURE}) as client:
            answer = await client.post(f"/callbacks/twilio/t1/{kind}?try=2", data={"CallSid": "CA1", "Digits": "1"})
        return answer, desk.callbacks

    answer, callbacks = run(story())
    assert callbacks.seen == [(kind, "t1", {"CallSid": "CA1", "Digits": "1"})]
    assert callbacks.signed_paths == [f"/callbacks/twilio/t1/{kind}?try=2"]
    if kind in {"twiml", "gather"}:
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/xml"
        assert "<Response>" in answer.text
    else:
        assert (answer.status_code, answer.content) == (204, b"")


def test_a_callback_with_a_wrong_signature_or_for_no_attempt_of_ours_changes_nothing():
    async def story():
        desk = Desk()
        async with desk.client() as client:
            forged = await client.post("/callbacks/twilio/t1/gather", data={"Digits": "1"})
            headers = {"x-twilio-signature": SIGNATURE}
            unknown = await client.post("/callbacks/twilio/t9/gather", data={"Digits": "1"}, headers=headers)
        return forged, unknown, desk.callbacks.seen

    forged, unknown, seen = run(story())
    assert (forged.status_code, forged.json()["code"]) == (403, "bad_signature")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "not_found")
    assert seen == []


def test_a_body_over_the_limit_is_refused_with_and_without_a_stated_length():
    async def endless():
        for _ in range(80):
            yield b"a=" + b"x" * 1024 + b"&"

    async def story():
        async with Desk().client() as client:
            url = "/callbacks/twilio/t1/status"
            form = {"content-type": "application/x-www-form-urlencoded"}
            stated = await client.post(url, content=b"x" * 70_000, headers=form)
            return stated, await client.post(url, content=endless(), headers=form)

    assert [answer.status_code for answer in run(story())] == [413, 413]
