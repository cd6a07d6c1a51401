"""The console's pages: what they show, and that every action works as a plain form post."""

import re

import pytest
from api_browser import Seen, submit
from api_console import Desk, run
from api_village import NOW_MS, sample_alert

from alerts.model import AlertState


@pytest.mark.parametrize("path", ["/", "/board", "/alerts/a1", "/visits", "/homes", "/homes/h0001", "/rules"])
def test_who_is_not_logged_in_is_sent_to_the_login_page_and_a_script_is_told(path):
    async def story():
        async with Desk().browser() as browser:
            page = await browser.get(path)
            return page, await browser.get(path, headers={"accept": "application/problem+json"})

    page, script = run(story())
    if path != "/board":
        assert (page.status_code, page.headers["location"]) == (303, "/login")
    assert (script.status_code, script.json()["code"]) == (401, "unauthorized")


def test_the_board_shows_evidence_who_is_being_rung_and_what_they_pressed():
    async def story():
        desk = Desk()
        async with desk.clerk() as browser:
            before = (await browser.get("/")).text
            _, after = await submit(browser, "/", "/attempts/t2/press", digits="2")
            return before, after.text

    before, after = run(story())
    assert "厨房最后一次活动" in before
    assert "女儿 李* •••5678" in before
    assert "振铃中" in before
    assert "还有 2 分钟" in before
    assert "P1 <span" in before
    assert "按了" not in before
    assert "按了" in after
    assert "我去不了" in after
    assert "不能前往" in after


def test_a_blind_home_is_called_blind_and_stands_before_homes_that_are_seen():
    async def story():
        desk = Desk()
        desk.console.alert_rows = {}
        async with desk.clerk() as browser:
            return (await browser.get("/board")).text

    text = run(story())
    assert "失察不等于平安" in text
    row = text[text.index(">h0002<") :]
    assert "失察" in row[: row.index("</tr>")]


def test_the_board_orders_alerts_by_gravity_then_by_time_left():
    async def story():
        desk = Desk()
        desk.console.alert_rows = {
            "late": sample_alert("late", deadline_ms=NOW_MS + 900_000),
            "soon": sample_alert("soon", deadline_ms=NOW_MS + 60_000),
            "owned": sample_alert("owned", state=AlertState.ACKNOWLEDGED, owner="account:chen", deadline_ms=NOW_MS),
            "grave": sample_alert("grave", priority="P0", deadline_ms=None),
        }
        async with desk.clerk() as browser:
            return (await browser.get("/board")).text

    assert re.findall(r'id="alert-(\w+)"', run(story())) == ["grave", "soon", "late", "owned"]


def test_an_alert_is_taken_and_closed_by_plain_forms():
    async def story():
        desk = Desk()
        async with desk.clerk() as browser:
            _, taken = await submit(browser, "/", "/alerts/a1/acknowledge")
            _, closed = await submit(browser, "/", "/alerts/a1/close", outcome="seen_well", note="在院里晒太阳")
            return taken.text, closed.text, desk.console.alert_rows["a1"]

    taken, closed, alert = run(story())
    assert "已接警，未确认平安" in taken
    assert "account:zhang" in taken
    assert "在院里晒太阳" in closed
    assert (alert.state, alert.outcome, alert.closed_by) == ("closed", "seen_well", "account:zhang")


def test_a_form_leads_back_to_the_page_it_stood_on_and_never_to_another_site():
    async def story():
        desk = Desk()
        async with desk.clerk() as browser:
            answer, page = await submit(browser, "/alerts/a1", "/attempts/t2/press", digits="1")
            form = {"version": "4", "idempotency_key": "k", "back": "//evil.test/"}
            away = await browser.post("/alerts/a1/acknowledge", data=form)
            return answer.headers["location"], page.text, away.headers["location"]

    back, page, away = run(story())
    assert (back, away) == ("/alerts/a1", "/")
    assert "我去看" in page


def test_the_second_of_two_clerks_is_told_politely_on_a_page_and_by_script():
    async def story():
        desk = Desk()
        async with desk.clerk("zhang") as zhang, desk.clerk("chen") as chen:
            form = Seen((await chen.get("/")).text).form("/alerts/a1/acknowledge")["fields"]
            await submit(zhang, "/", "/alerts/a1/acknowledge")
            page = await chen.post("/alerts/a1/acknowledge", data=form)
            script = await chen.post(
                "/alerts/a1/acknowledge", data=form, headers={"accept": "application/problem+json"}
            )
            return page, script

    page, script = run(story())
    assert (page.status_code, script.status_code) == (409, 409)
    assert "已有人先处理" in page.text
    assert "account:zhang" in page.text
    assert script.json()["code"] == "conflict"


def test_pressing_acknowledge_twice_is_harmless():
    async def story():
        desk = Desk()
        async with desk.clerk() as browser:
            form = Seen((await browser.get("/")).text).form("/alerts/a1/acknowledge")["fields"]
            return [(await browser.post("/alerts/a1/acknowledge", data=form)).status_code for _ in range(2)]

    assert run(story()) == [303, 303]


def test_an_ended_alert_shows_its_ledger_entry_what_it_counts_for_and_why_and_can_be_signed():
    async def story():
        desk = Desk()
        async with desk.clerk() as browser:
            before = (await browser.get("/alerts/a0")).text
            answer, _ = await submit(browser, "/alerts/a0", "/visits/v1/review")
            return before, answer.headers["location"], desk.console.visit_rows["v1"].reviewed_by

    before, back, signer = run(story())
    assert "✓ " in before
    assert "✗ " in before
    assert "只有上门才算" in before
    assert (back, signer) == ("/alerts/a0", "account:zhang")


def test_the_visits_page_shows_a_key_persons_owed_home_visit_in_red_with_words():
    async def story():
        desk = Desk()
        async with desk.clerk() as browser:
            owed = (await browser.get("/visits")).text
            return owed, (await browser.get("/visits?month=2024-03")).text, await browser.get("/visits?month=2024-13")

    owed, paid, wrong = run(story())
    assert 'class="owed"' in owed
    assert "上门仍欠 1 次" in owed
    assert "2024-02" in owed
    assert 'class="paid"' in paid
    assert "没有欠下的上门探访" in paid
    assert wrong.status_code == 422


def test_the_stream_sends_versions_only_and_tells_the_browser_to_come_back_within_three_seconds():
    async def story():
        desk = Desk()
        async with desk.clerk() as browser:
            answer = await browser.get("/events")
            left = desk.app.state.services.streams
            desk.app.state.services.streams = 10_000
            return answer, left, await browser.get("/events")

    answer, left, full = run(story())
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert re.findall(r"data: (.*)\r\n", answer.text) == ["1", "2"]
    assert max(int(ms) for ms in re.findall(r"retry: (\d+)", answer.text)) <= 3000
    assert left == 0
    assert (full.status_code, full.json()["code"]) == (503, "too_many_streams")


def test_the_board_says_how_many_alerts_stand_in_the_lists_of_incidents():
    async def story():
        desk = Desk()
        desk.console.listed = 9_999
        async with desk.clerk() as browser:
            return (await browser.get("/")).text

    assert "9999 more stand in the lists of their villages&#39; incidents, held" in run(story())
