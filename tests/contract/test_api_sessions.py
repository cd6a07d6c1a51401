"""Sessions: the cookie, the throttle, and that no other site can act for a clerk."""

import asyncio

import pytest
from api_console import Desk, run
from api_village import BASE, MINUTE_MS

from api.services import SESSION_COOKIE
from app.server import quiet_server

WRONG = {"name": "zhang", "password": "wrong"}
RIGHT = {"name": "zhang", "password": "right horse"}


@pytest.mark.parametrize("is_secure", [True, False])
def test_the_session_cookie_is_out_of_reach_of_script_and_of_other_sites(is_secure):
    async def story():
        desk = Desk(secure_cookies=is_secure)
        async with desk.browser() as browser:
            form = await browser.post("/login", data=RIGHT)
            return form.headers["set-cookie"], (await browser.post("/api/v1/login", json=RIGHT)).headers["set-cookie"]

    for cookie in run(story()):
        parts = {part.strip().lower() for part in cookie.split(";")[1:]}
        assert cookie.startswith(f"{SESSION_COOKIE}=token-zhang")
        assert {"httponly", "samesite=strict", "path=/"} <= parts
        assert ("secure" in parts) is is_secure


def test_a_bearer_token_opens_what_the_cookie_opens_and_logging_out_ends_it():
    async def story():
        desk = Desk()
        async with desk.program() as client:
            before = await client.get("/api/v1/homes")
            left = await client.post("/api/v1/logout")
            return before.status_code, left.status_code, (await client.get("/api/v1/homes")).status_code

    assert run(story()) == (200, 204, 401)


def test_logging_out_by_the_form_ends_the_session_itself_not_only_the_cookie():
    async def story():
        desk = Desk()
        async with desk.clerk() as browser:
            token = browser.cookies[SESSION_COOKIE]
            answer = await browser.post("/logout")
            return answer.headers["location"], await desk.accounts.account_of(token), dict(browser.cookies)

    assert run(story()) == ("/login", None, {})


def test_five_failures_stop_a_name_for_a_quarter_of_an_hour_even_with_the_right_password():
    async def story():
        desk = Desk()
        async with desk.browser() as client:
            failures = [(await client.post("/api/v1/login", json=WRONG)).status_code for _ in range(5)]
            refused = await client.post("/api/v1/login", json={**RIGHT, "name": " ZHANG "})
            asked = desk.accounts.asked
            other = await client.post("/api/v1/login", json={"name": "chen", "password": "other horse"})
            desk.clock.advance_to_ms(desk.clock.now_ms() + 15 * MINUTE_MS)
            return failures, refused, asked, other.status_code, await client.post("/api/v1/login", json=RIGHT)

    failures, refused, asked, other, later = run(story())
    assert failures == [401] * 5
    assert (refused.status_code, refused.json()["code"], refused.headers["retry-after"]) == (
        429,
        "too_many_logins",
        "900",
    )
    assert asked == 5  # the password was not even looked at
    assert (other, later.status_code) == (200, 200)


def test_who_guesses_a_name_elsewhere_does_not_close_the_desk():
    async def story():
        desk = Desk()
        async with desk.client(address="192.168.1.66") as stranger, desk.client(address="192.168.1.20") as clerk:
            guesses = [(await stranger.post("/api/v1/login", json=WRONG)).status_code for _ in range(6)]
            forged = await stranger.post("/api/v1/login", json=WRONG, headers={"x-forwarded-for": "192.168.1.77"})
            return guesses, forged.status_code, (await clerk.post("/api/v1/login", json=RIGHT)).status_code

    assert run(story()) == ([401] * 5 + [429], 429, 200)


def test_a_header_that_names_an_address_is_believed_of_a_proxy_on_this_machine_alone(monkeypatch):
    monkeypatch.delenv("FORWARDED_ALLOW_IPS", raising=False)
    served = quiet_server(Desk().app)
    assert served.config.proxy_headers
    assert served.config.forwarded_allow_ips == "127.0.0.1,::1"


def test_a_new_password_opens_the_desk_again_at_once():
    async def story():
        desk = Desk()
        async with desk.browser() as client:
            for _ in range(6):
                await client.post("/api/v1/login", json=WRONG)
            desk.accounts.passwords["zhang"], desk.accounts.set_ms["zhang"] = "new horse", 2
            return (await client.post("/api/v1/login", json={"name": "zhang", "password": "new horse"})).status_code

    assert run(story()) == 200


def test_guesses_side_by_side_do_not_slip_past_the_throttle():
    async def story():
        desk = Desk()
        async with desk.client() as client:
            answers = await asyncio.gather(*(client.post("/api/v1/login", json=WRONG) for _ in range(20)))
        return desk.accounts.asked, [answer.status_code for answer in answers].count(429)

    assert run(story()) == (5, 15)


def test_a_login_that_succeeds_forgives_earlier_slips():
    async def story():
        desk = Desk()
        async with desk.browser() as client:
            for _ in range(3):
                for _ in range(4):
                    await client.post("/api/v1/login", json=WRONG)
                yield (await client.post("/api/v1/login", json=RIGHT)).status_code

    async def gather():
        return [status async for status in story()]

    assert run(gather()) == [200, 200, 200]


def test_the_login_page_says_what_is_wrong_and_keeps_the_name():
    async def story():
        desk = Desk()
        async with desk.browser() as browser:
            return [await browser.post("/login", data=WRONG) for _ in range(6)]

    answers = run(story())
    assert [answer.status_code for answer in answers] == [401] * 5 + [429]
    assert "账号或密码不对" in answers[0].text
    assert 'value="zhang"' in answers[0].text
    assert "wrong" not in answers[0].text.replace("Wrong name", "")
    assert "登录失败次数过多" in answers[5].text
    assert "请等15分钟再试" in answers[5].text
    assert "Try again in 15 min" in answers[5].text
    assert "shouwang account add NAME --replace" in answers[5].text


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec-fetch-site": "same-origin"}, 303),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"origin": BASE}, 303),
        ({"origin": "https://evil.test"}, 403),
        ({"origin": "http://desk.test.evil.test"}, 403),
        ({"origin": "null"}, 403),
        ({}, 403),
    ],
    ids=str,
)
def test_a_form_acts_only_when_our_own_page_sent_it(headers, status):
    async def story():
        desk = Desk()
        token = await desk.accounts.login("zhang", "right horse")
        form = {"version": "3", "idempotency_key": "k"}
        async with desk.client(cookie=f"{SESSION_COOKIE}={token}", **headers) as client:
            answer = await client.post("/alerts/a1/acknowledge", data=form)
        return answer.status_code, desk.console.alert_rows["a1"].owner

    assert run(story()) == (status, "account:zhang" if status == 303 else "")


def test_the_api_refuses_a_cookie_from_elsewhere_and_takes_a_token():
    async def story():
        desk = Desk()
        token = await desk.accounts.login("zhang", "right horse")
        body = {"version": 3}
        async with desk.client() as client:
            url = "/api/v1/alerts/a1/acknowledge"
            by_cookie = await client.post(url, json=body, headers={"cookie": f"{SESSION_COOKIE}={token}"})
            by_token = await client.post(url, json=body, headers={"authorization": f"Bearer {token}"})
            return by_cookie, by_token

    by_cookie, by_token = run(story())
    assert (by_cookie.status_code, by_cookie.json()["code"]) == (403, "forbidden_origin")
    assert by_token.status_code == 200
