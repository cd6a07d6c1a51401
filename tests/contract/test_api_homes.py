"""The pages and answers about homes and rules: what is seen, what is not, and why it rings or does not."""

import re

import pytest
from api_browser import Seen
from api_console import Desk, run
from api_home import TODAY, seen_home
from api_village import MINUTE_MS, NOW_MS, sample_alert

from api.home_views import HomeView
from api.problem_codes import ProblemCode, RefusedError
from core.errors import NotFoundError
from rules.home_mode import HomeMode

HALF_PAST_NINE_MS = NOW_MS - 43 * MINUTE_MS - 20_000  # 09:30 in Shanghai; the desk's clock says 10:13:20


def seen(path, desk=None):
    """Return (desk, answer) of a page that a clerk looks at."""

    async def story():
        own = desk or Desk()
        async with own.clerk() as browser:
            return own, await browser.get(path)

    return run(story())


def asked(path, **parameters):
    """Return (desk, answer) of the API."""

    async def story():
        desk = Desk()
        async with desk.program() as client:
            return desk, await client.get(f"/api/v1/{path}", params=parameters)

    return run(story())


def rows(text):
    return re.findall(r'<a href="/homes/(h\d+)">', text)


def test_homes_stand_blind_first_with_their_mode_in_words_and_names_masked():
    _, page = seen("/homes")
    assert rows(page.text) == ["h0002", "h0001"]
    for words in ("失察", "offline: cannot be seen", "在家", "学习 3/14", "走动", "王*", "12 小时 20 分前"):
        assert words in page.text
    assert "王秀英" not in page.text


@pytest.mark.parametrize(
    ("area", "shown"),
    [("", ["h0002", "h0001"]), ("shuren", ["h0002", "h0001"]), ("shuren/xihe", ["h0002"]), ("shuren/xi", [])],
)
def test_homes_can_be_asked_for_by_area_and_part_of_a_name_is_no_area(area, shown):
    _, page = seen(f"/homes?area={area}")
    assert rows(page.text) == shown
    assert [f["value"] for t, f in Seen(page.text).tags if t == "option"] == [
        "shuren",
        "shuren/qiaotou",
        "shuren/qiaotou/g3",
        "shuren/xihe",
        "shuren/xihe/g1",
    ]


@pytest.mark.parametrize("path", ["/", "/homes"])
def test_pages_of_many_homes_ask_for_no_single_one(path):
    desk, _ = seen(path)
    assert (desk.console.home_reads, desk.console.asked_ms) == (0, [])


@pytest.mark.parametrize("path", ["/", "/homes"])
def test_a_home_that_never_spoke_is_counted_and_said_to_be_so_and_not_at_home(path):
    desk = Desk()
    desk.console.known_homes = [HomeView(home_id="h0009", area="shuren/xihe/g1")]
    _, page = seen(path, desk)
    (row,) = re.findall(r"<tr>(?:(?!</tr>).)*/homes/h0009.*?</tr>", page.text, re.DOTALL)
    assert "从未收到消息" in row
    assert "never heard" in row
    assert "在家" not in row
    assert ("homes never heard" in page.text) is (path == "/")


def test_a_home_shows_how_it_stands_its_limit_and_what_cannot_be_seen():
    _, page = seen("/homes/h0001")
    for words in (
        "学习第 3 天，共 14 天",
        "卫生间没有传感器",
        "应有 9.5 个半小时有活动而没有",
        "最短 45 分钟，最长 12 小时 0 分",
        "还有 3 小时 0 分",
        "规则第3版",
        "day4_night8",
        "23:00",
        "不明",
    ):
        assert words in page.text
    assert 'href="/alerts/a1"' in page.text
    assert "王秀英" not in page.text


def test_a_blind_home_is_never_called_well():
    _, page = seen("/homes/h0002")
    assert "失察不等于平安" in page.text
    assert "失察" in page.text[page.text.index('id="now-title"') :]


def test_a_home_under_test_says_what_still_rings_and_until_when():
    desk = Desk()
    until_ms = NOW_MS + 50 * MINUTE_MS
    under_test = {"mode": HomeMode.TEST, "mode_until_ms": until_ms}
    desk.console.known_homes = [seen_home("h0001").model_copy(update=under_test)]
    _, page = seen("/homes/h0001", desk)
    for words in ("设备测试中：只有烟感", "only smoke, gas, CO and SOS ring", "02-27 11:03:20", "还有 50 分"):
        assert words in page.text
    _, page = seen("/homes/h0002")
    assert "under test" not in page.text.lower()


def test_a_past_minute_of_the_towns_clock_is_explained_and_stays_in_the_form():
    desk, page = seen("/homes/h0001?at=2024-02-27T09:30")
    assert desk.console.asked_ms == [None, HALF_PAST_NINE_MS]
    assert 'value="2024-02-27T09:30"' in page.text
    assert "02-27 09:30:00" in page.text


def test_what_the_script_reads_again_never_replays_the_past():
    desk, page = seen("/homes/h0001?at=2024-02-27T09:30")
    source = next(f["data-source"] for _, f in Seen(page.text).tags if f.get("id") == "live")
    assert source == "/homes/h0001/now"
    desk.console.asked_ms.clear()
    _, fragment = seen(source, desk)
    assert desk.console.asked_ms == [None]
    assert "<html" not in fragment.text


@pytest.mark.parametrize(
    "query",
    ["at=2024-02-27T10:14", "at=2024-02-30T10:00", "at=yesterday", "day=2024-02-28", "day=2024-02-30", "day=x"],
)
def test_a_minute_or_day_that_is_none_or_has_not_come_is_refused(query):
    desk, page = seen(f"/homes/h0001?{query}")
    assert page.status_code == 422
    assert desk.console.asked_ms == []


def test_an_empty_minute_is_now():
    desk, page = seen("/homes/h0001?at=")
    assert (page.status_code, desk.console.asked_ms) == (200, [None])


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (NotFoundError("记录始于 02-27 08:00"), 404, "记录始于 02-27 08:00"),
        (RefusedError(ProblemCode.TOO_MANY_REPLAYS), 503, "请稍后再问"),
        (RefusedError(ProblemCode.REPLAY_TOO_LONG, "shouwang rules why h0001"), 503, "shouwang rules why h0001"),
    ],
)
def test_a_past_that_cannot_be_told_is_said_on_the_page_and_the_rest_of_it_stays(error, status, words):
    desk = Desk()
    desk.console.explanation_error = error
    _, page = seen("/homes/h0001?at=2024-02-27T09:30", desk)
    assert page.status_code == status
    assert words in page.text
    assert "卫生间没有传感器" in page.text


def test_a_day_is_drawn_with_the_same_in_words_and_another_day_can_be_chosen():
    _, page = seen("/homes/h0001?day=2024-02-20")
    assert 'value="2024-02-20"' in page.text
    assert "1 段活动" in page.text
    assert "07:00–07:30" in page.text
    bars = [f["class"] for t, f in Seen(page.text).tags if t == "rect"]
    assert {"a", "b", "active", "limit", "seen", "away", "blind", "grid"} <= set(bars)
    assert page.text.count('class="bars raster"') == 28


def test_the_minute_asked_for_chooses_the_day_that_is_drawn():
    _, page = seen("/homes/h0001?at=2024-02-20T09:30")
    assert 'name="day" value="2024-02-20"' in page.text


def test_a_home_that_is_not_registered_is_a_page_that_says_so():
    _, page = seen("/homes/h9")
    assert page.status_code == 404
    assert "没有找到" in page.text


def test_the_rules_page_shows_who_changed_what_and_each_preset_beside_its_measured_alarms():
    _, page = seen("/rules")
    for words in ("王主任", "2024-02-01", "试行一个月", "0.48", "5.2 h", "13.8", "2.1–22.4", "HH101，1户一年", "未测"):
        assert words in page.text
    assert "shouwang rules backtest HOME --preset NAME" in page.text
    changed = page.text[page.text.index('class="changed"') :]
    assert "stove_ms" in changed[: changed.index("</tr>")]
    assert "hot_c" not in changed[: changed.index("</tr>")]


def test_the_rules_that_ship_and_a_refused_file_are_called_what_they_are():
    desk = Desk()
    shipped = {"version": 0, "changed_at": None, "notices": ["the rules file is refused"], "homes_with_layers": 0}
    desk.console.rulebook = desk.console.rulebook.model_copy(update=shipped)
    _, page = seen("/rules", desk)
    assert "出厂规则" in page.text
    assert "the rules file is refused" in page.text


def test_the_navigation_marks_where_one_is():
    for path in ("/homes", "/rules"):
        _, page = seen(path)
        current = [f["href"] for t, f in Seen(page.text).tags if t == "a" and "aria-current" in f]
        assert current == [path]


def test_the_api_explains_now_and_a_past_moment_and_refuses_one_to_come():
    desk, now = asked("homes/h0001/explanation")
    assert (now.json()["is_now"], desk.console.asked_ms) == (True, [None])
    desk, past = asked("homes/h0001/explanation", at_ms=HALF_PAST_NINE_MS)
    assert (past.json()["at_ms"], past.json()["rules_version"]) == (HALF_PAST_NINE_MS, 3)
    for wrong in (NOW_MS + 1, -1, 10**30, "x"):
        _, answer = asked("homes/h0001/explanation", at_ms=wrong)
        assert (answer.status_code, answer.json()["code"]) == (422, "validation")


def test_the_api_tells_a_day_that_nobody_vouches_for_as_null():
    _, answer = asked("homes/h0001/coverage")
    assert [(row["seen_min"], row["blind_min"], row["away_min"]) for row in answer.json()] == [
        (1380, 60, 120),
        (None, None, 0),
    ]


def test_the_api_tells_a_homes_mode_since_when_and_its_day_of_learning():
    _, answer = asked("homes/h0001")
    home = answer.json()
    assert (home["mode"], home["mode_since_ms"], home["learning_day"]) == ("home", NOW_MS - 900 * MINUTE_MS, 3)


@pytest.mark.parametrize(("day", "status"), [("2024-02-27", 200), ("2024-02-28", 422), ("2019-12-31", 422), ("x", 422)])
def test_the_api_gives_the_activity_of_a_day_that_has_begun(day, status):
    _, answer = asked("homes/h0001/activity", day=day)
    assert answer.status_code == status
    if status == 200:
        assert (answer.json()["day"], len(answer.json()["days"])) == (TODAY.isoformat(), 28)


def test_an_alert_leads_to_why_its_home_rang_in_the_first_whole_minute_that_it_rang():
    _, page = seen("/alerts/a1")  # opened at 09:53:20
    assert 'href="/homes/h0001?at=2024-02-27T09:54#why"' in page.text


def test_an_alert_that_opened_this_minute_leads_to_why_it_rings_now():
    desk = Desk()
    desk.console.alert_rows["a1"] = sample_alert(opened_at_ms=NOW_MS - 20_000)
    _, page = seen("/alerts/a1", desk)
    assert 'href="/homes/h0001#why"' in page.text
