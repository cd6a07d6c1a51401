"""The console in the reader's language: chosen by a form, kept in a cookie, on every page and before the login too."""

import re
import time

import pytest
from api_browser import Seen
from api_console import Desk, run
from api_devices import parked_detail
from hypothesis import given
from hypothesis import strategies as st

from alerts.messages import key_news
from alerts.model import CallPurpose
from api.language import LANGUAGE_COOKIE, Language, Speaker
from app.settings import Settings
from core.text import Bilingual

CHINESE = re.compile(r"[\u4e00-\u9fff]")
PAGES = ["/login", "/", "/alerts/a1", "/alerts/a0", "/visits?month=2024-02", "/homes", "/homes/h0001", "/rules", "/devices/inbox", "/parked", "/nothing"]  # fmt: skip


def shown(path, chosen, **ports):
    async def story():
        async with Desk(**ports).clerk() as browser:
            if chosen:
                browser.cookies.set(LANGUAGE_COOKIE, chosen)
            return (await browser.get(path)).text

    return run(story())


@pytest.mark.parametrize("path", PAGES)
def test_a_page_says_each_line_in_the_chosen_language_only(path):
    chinese, english, both = (shown(path, language) for language in ("zh", "en", "both"))
    assert 'class="en"' not in chinese
    assert 'class="zh"' not in english
    assert 'class="en"' in both
    assert 'class="zh"' in both
    assert '<html lang="zh-CN">' in chinese
    assert '<html lang="en">' in english
    assert "English" in chinese  # the way back is always there
    assert "中文" in english
    Seen(chinese).check()
    Seen(english).check()


def test_a_page_without_a_choice_speaks_the_services_default_and_an_unknown_choice_is_none():
    assert shown("/login", "") == shown("/login", "both") == shown("/login", "latin")
    assert shown("/login", "", language=Language.ZH) == shown("/login", "zh")
    assert Settings().language is Language.BOTH


def test_words_of_the_service_itself_leave_no_chinese_on_an_english_page_of_rules():
    words = re.sub(r"<form[^>]*/language.*?</form>", "", shown("/login", "en"), flags=re.DOTALL)
    assert CHINESE.search(words) is None


def test_a_choice_is_kept_and_leads_back_to_the_page_it_was_made_on():
    async def story():
        desk = Desk()
        async with desk.clerk() as browser:
            form = Seen((await browser.get("/visits?month=2024-02")).text).form("/language")
            answer = await browser.post("/language", data={"back": form["fields"]["back"], "language": "en"})
            return answer, (await browser.get(answer.headers["location"])).text

    answer, page = run(story())
    assert (answer.status_code, answer.headers["location"]) == (303, "/visits?month=2024-02")
    assert "HttpOnly" in answer.headers["set-cookie"]
    assert "SameSite=strict" in answer.headers["set-cookie"]
    assert 'aria-pressed="true" lang="en">English' in page


@pytest.mark.parametrize("back", ["//evil.example", "/\\evil.example", "https://evil.example", "", "/a\r\nb"])
def test_a_choice_never_leads_to_another_site(back):
    async def story():
        async with Desk().browser() as browser:
            return await browser.post("/language", data={"back": back, "language": "zh"})

    assert run(story()).headers["location"] == "/"


def test_a_choice_sent_by_another_site_or_of_no_language_is_refused():
    async def story():
        async with Desk().client(**{"sec-fetch-site": "cross-site"}) as other, Desk().browser() as browser:
            foreign = await other.post("/language", data={"language": "zh"})
            return foreign, await browser.post("/language", data={"language": "latin"})

    foreign, latin = run(story())
    assert (foreign.status_code, latin.status_code) == (403, 422)
    assert "set-cookie" not in {**foreign.headers, **latin.headers}


def test_json_says_both_languages_whatever_was_chosen():
    async def story():
        async with Desk().clerk() as browser:
            before = (await browser.get("/api/v1/alerts/a1")).json()
            browser.cookies.set(LANGUAGE_COOKIE, "en")
            return before, (await browser.get("/api/v1/alerts/a1")).json()

    before, after = run(story())
    assert before == after
    assert set(after["sentence"]) == {"zh", "en"}


def test_a_refusal_told_twice_is_told_once_and_one_that_quotes_a_name_stays_whole():
    english, chinese = Speaker(Language.EN), Speaker(Language.ZH)
    assert english.told("请写明原因 / state a reason") == "state a reason"
    assert chinese.told("请写明原因 / state a reason") == "请写明原因"
    assert english.told("没有 王村 / no village 王村") == "没有 王村 / no village 王村"
    assert Speaker(Language.BOTH).told("甲 / a") == "甲 / a"
    assert english.told("拒绝了 a/b / refused a/b") == "refused a/b"
    assert chinese.told("拒绝了 a/b / refused a/b") == "拒绝了 a/b"
    assert english.told("town / village") == "town / village"


@given(st.text("王a/ \n", max_size=20))
def test_a_text_is_halved_at_its_first_slash_between_blanks_if_only_its_first_half_is_chinese(text):
    zh, en = Speaker(Language.ZH).told(text), Speaker(Language.EN).told(text)
    if zh == text:
        first, joint, second = text.partition(" / ")
        assert not (joint and CHINESE.search(first)) or not second or CHINESE.search(second)
    else:
        assert text == f"{zh} / {en}"
        assert " / " not in zh
        assert CHINESE.search(zh)
        assert not CHINESE.search(en)


@pytest.mark.parametrize(
    "text",
    [
        f"{'王' * 100_000} 未登记 / nobody registered {'王' * 100_000}",
        "王" * 200_000,
        "王 /" * 50_000,
        "a" * 200_000,
        f"{'a' * 100_000} / {'a' * 100_000}",
    ],
    ids=["quoted twice", "one word", "half a joint, again and again", "no Chinese", "two halves without Chinese"],
)
def test_a_text_of_two_hundred_thousand_letters_is_read_in_one_pass(text):
    """A device says what it likes in its topic, and each row of /parked quotes it; by square it would be minutes."""
    before_s = time.process_time()
    assert Speaker(Language.EN).told(text) == text
    assert time.process_time() - before_s < 2


def test_the_halves_of_a_long_text_are_found_as_those_of_a_short_one():
    said = Bilingual("王" * 100_000, "a / " * 25_000)
    assert (Speaker(Language.ZH).told(str(said)), Speaker(Language.EN).told(str(said))) == (said.zh, said.en)


def test_why_a_message_is_parked_and_that_a_key_was_pressed_are_told_in_the_chosen_language_only():
    pressed = key_news(CallPurpose.ASK_RESIDENT, "1", 0)
    assert pressed is not None
    assert Speaker(Language.ZH).told(pressed.detail) == "按了键"
    assert Speaker(Language.EN).told(pressed.detail) == "a key was pressed"

    async def story(language):
        desk = Desk()
        strange = "care/h1/pir 未登记 / nobody registered care/h1/pir"
        desk.console.parked_rows = {1: parked_detail(detail=strange)}
        async with desk.clerk() as browser:
            browser.cookies.set(LANGUAGE_COOKIE, language)
            return (await browser.get("/parked")).text + (await browser.get("/parked/1")).text

    chinese, english = run(story("zh")), run(story("en"))
    assert chinese.count("care/h1/pir 未登记<") == 2
    assert "nobody registered" not in chinese
    assert english.count("nobody registered care/h1/pir<") == 2
    assert "未登记<" not in english
