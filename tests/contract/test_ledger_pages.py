"""The ledger's pages over the real ledger: each action is a plain form post, nothing inline, names masked."""

import re
from datetime import date, timedelta
from io import BytesIO

import msgspec
import pytest
from annex2_kit import home_form, phone_form
from api_browser import Seen, submit
from api_console import run
from ledger_office import HOME, VISIT, LedgerOffice
from ledger_town import GENERAL, KEY, VILLAGE, WANG
from openpyxl import load_workbook

from api.home_views import ActiveDayView, ActivityView, CoverageView
from api.ledger_wording import LEDGER_WORDS
from app.ledger_board import MOST_ROWS
from visits.annex2 import Safety
from visits.follow_ups import FollowUpKind
from visits.model import Met


@pytest.fixture
def office(tmp_path):
    office = LedgerOffice(tmp_path)
    yield office
    office.close()


def paths(office):
    record = office.town.signed("2024-02-02T10:00", form=home_form(gas=Safety.UNSAFE)).id
    draft = office.town.book.record(office.town.entry("2024-02-01T10:00", GENERAL), WANG).id
    office.town.returning.draft("2024-02", VILLAGE, WANG)
    return ["/due", "/due?month=2024-02&area=shuren/qiaotou", "/due?month=2024-02&worker=c1", "/records", "/records/new?person_id=p1", f"/records/{record}", f"/records/{draft}", "/standing/p1", "/follow-ups", "/special?year=2024", "/returns?month=2024-02"]  # fmt: skip


def test_every_page_of_the_ledger_is_clean_labelled_masked_and_asks_for_a_login(office):
    async def story():
        shown = paths(office)
        async with office.desk.client(accept="text/html") as nobody, office.desk.clerk() as browser:
            refused = [await nobody.get(path) for path in shown]
            return refused, [(path, await browser.get(path)) for path in shown]

    refused, pages = run(story())
    assert {(answer.status_code, answer.headers["location"]) for answer in refused} == {(303, "/login")}
    for path, answer in pages:
        assert answer.status_code == 200, path
        page = Seen(answer.text)
        page.check()
        assert [tag for tag, _ in page.tags].count("h1") == 1
        for secret in ("王1", "13800000001", "13900000000"):
            assert secret not in answer.text, path


def test_a_visit_is_written_down_signed_corrected_and_its_versions_are_shown(office):
    async def story():
        async with office.desk.clerk() as browser:
            keys = [re.findall(r'name="key" value="(.{20,})"', (await browser.get("/records/new")).text) for _ in "12"]
            assert keys[0] != keys[1]
            answer, page = await submit(browser, "/records/new?person_id=p1", "/records/new", **VISIT)
            path = answer.headers["location"]
            assert "草稿" in page.text
            _, signed = await submit(browser, path, f"{path}/sign")
            assert "第 1 次" in signed.text
            fixed = {**VISIT, "advice": "每周陪聊", "reason": "补写建议"}
            _, corrected = await submit(browser, path, f"{path}/correct", **fixed)
            assert "补写建议" in corrected.text
            assert "v3" in corrected.text
            again = await browser.post(f"{path}/sign", data={"version": "3"})
            return again, (await browser.get("/due?month=2024-02&area=shuren/qiaotou")).text

    again, board = run(story())
    assert again.status_code == 409
    assert "已签字" in again.text
    assert "上门仍欠 1 次" in board
    assert "上门仍欠 2 次" in board


def test_an_incomplete_draft_says_what_it_lacks_and_is_filled_on_its_page(office):
    async def story():
        async with office.desk.clerk() as browser:
            lacking = {**VISIT, "gas": "not_assessed"}
            answer, page = await submit(browser, "/records/new", "/records/new", **lacking)
            path = answer.headers["location"]
            assert "燃气安全" in page.text
            assert "此后不可修改" not in page.text
            refused = await browser.post(f"{path}/sign", data={"version": "1"})
            _, filled = await submit(browser, path, f"{path}/form", **HOME)
            return refused.status_code, filled.text

    status, filled = run(story())
    assert status == 409
    assert "此后不可修改" in filled


def test_a_late_entry_is_approved_and_a_double_entry_merged_on_the_page(office):
    office.town.at("2024-02-20T09:00")
    late = office.town.signed("2024-02-03T10:00")
    twin = office.town.signed("2024-02-03T10:10", met=Met.NOBODY)

    async def story():
        async with office.desk.clerk() as browser:
            _, approved = await submit(browser, f"/records/{late.id}", f"/records/{late.id}/approve")
            _, merged = await submit(
                browser, f"/records/{twin.id}", f"/records/{twin.id}/merge", into=late.id, reason="同一次"
            )
            return approved.text, merged.text

    approved, merged = run(story())
    assert "补录批准" in approved
    assert "已合并入" in merged


async def posted(browser, action, **data):
    answer = await browser.post(action, data=data)
    assert answer.status_code == 303, answer.text
    return await browser.get(answer.headers["location"])


def test_follow_ups_and_benefits_are_worked_on_their_page(office):
    office.town.matters.open(KEY, FollowUpKind.HAZARD, "线路老化", by=WANG)

    async def story():
        async with office.desk.clerk() as browser:
            _, opened = await submit(
                browser,
                "/follow-ups",
                "/follow-ups",
                person_id="p3",
                kind="referral",
                what="助浴",
                need="",
                referred_to="日间照料中心",
            )
            hazard = next(form["action"] for form in Seen(opened.text).forms if form["action"].endswith("/step"))
            _, closed = await submit(browser, "/follow-ups", hazard, step="close", text="已更换", on="2024-02-03")
            _, benefit = await submit(
                browser, "/follow-ups", "/benefits", person_id="p3", benefit="subsistence", note=""
            )
            return opened.text, closed.text, benefit.text

    opened, closed, benefit = run(story())
    assert "助浴" in opened
    assert "线路老化" not in closed
    assert "低保" in benefit


def test_standing_and_special_days_are_told_on_their_pages(office):
    async def story():
        async with office.desk.clerk() as browser:
            _, fact = await submit(
                browser,
                "/standing/p1",
                "/standing/p1",
                kind="suspended",
                on="2024-02-01",
                until="2024-02-20",
                absence="hospital",
                evidence="证明",
                was="",
                tier="",
                is_signed="",
                is_override="",
            )
            special = await posted(
                browser,
                "/special",
                id="storm-1",
                from_date="2024-02-20",
                until_date="2024-02-21",
                level="red",
                title="寒潮",
                area="",
            )
            return fact.text, special.text

    fact, special = run(story())
    assert "暂停（异动）" in fact
    assert "极端天气：寒潮" in special


def test_a_return_is_drawn_up_signed_and_received_on_its_page(office):
    async def story():
        async with office.desk.clerk() as browser:
            drafted = await posted(browser, "/returns", month="2024-02", area=VILLAGE)
            step = next(form["action"] for form in Seen(drafted.text).forms if form["action"].endswith("/step"))
            _, signed = await submit(browser, "/returns?month=2024-02", step, step="sign")
            refused, _ = await submit(browser, "/returns?month=2024-02", step, step="receive", text="2024-008")
        async with office.desk.clerk("chen") as browser:
            _, received = await submit(browser, "/returns?month=2024-02", step, step="receive", text="2024-008")
            sheet = await browser.get(step.replace("/step", "/sheet"))
            paper = await browser.get(step.replace("/step", "/paper"))
            return signed, refused, received, sheet, paper

    signed, refused, received, sheet, paper = run(story())
    assert (paper.headers["content-type"], paper.content[:5]) == ("application/pdf", b"%PDF-")
    assert "/paper" in received.text
    assert "村已签字" in signed.text
    assert refused.status_code == 409
    assert "who signed a return for its village" in refused.text
    assert "镇已签收" in received.text
    assert load_workbook(BytesIO(sheet.content))["封面"]["B6"].value == "2024-008"


class Watched:
    """Homes that were seen all day for so many days of February 2024, with a sign of life each."""

    def __init__(self, days) -> None:
        self.days = [date(2024, 2, number) for number in range(1, days + 1)]

    async def coverage(self, home_id):  # noqa: ARG002 - one home is asked for
        return [CoverageView(day=day, seen_min=1440, blind_min=0, away_min=0) for day in self.days]

    async def activity(self, home_id, day):
        rows = [
            ActiveDayView(day=one, from_ms=0, half_hours=[3], is_recorded=True)
            for one in self.days
            if day - timedelta(days=27) <= one <= day
        ]
        return ActivityView(home_id=home_id, day=day, from_ms=0, until_ms=1, strips=[], days=rows)


@pytest.mark.parametrize(("days", "status"), [(20, 303), (19, 409)])
def test_a_monitored_month_is_a_record_to_sign_and_counts_for_nothing_by_default(office, days, status):
    office.town.at("2024-03-01T09:00")
    office.ledger._watcher = Watched(days)

    async def story():
        async with office.desk.clerk() as browser:
            answer = await browser.post("/standing/p3/monitored", data={"month": "2024-02"})
            if answer.status_code != 303:
                return answer.status_code, ""
            path = answer.headers["location"]
            _, signed = await submit(browser, path, f"{path}/sign")
            return answer.status_code, signed.text

    found, text = run(story())
    assert found == status
    if status == 303:
        assert "镇里书面确认之前，整月监测不计入" in text
        assert "本月监测覆盖 20 天" in text


def test_every_code_of_the_ledger_has_words_in_both_languages():
    assert all(words.zh and words.en for group in LEDGER_WORDS.values() for words in group.values())
    assert all(set(LEDGER_WORDS[name]) for name in LEDGER_WORDS)


def test_a_board_of_more_people_than_it_lists_counts_all_and_lists_whom_one_chooses(office):
    office.town.signed("2024-02-01T10:00", GENERAL, form=phone_form())
    with office.town.truth.transaction() as unit:
        for number in range(MOST_ROWS):
            person = unit.people.person(GENERAL)
            other = {"id": f"q{number}", "home_id": f"hq{number}", "name": "", "phone": ""}
            unit.people.put_person(msgspec.structs.replace(person, **other))

    async def story():
        async with office.desk.clerk() as browser:
            paths = ("/due?month=2024-02", "/due?month=2024-02&risk=done")
            return [(await browser.get(path)).text for path in paths]

    everybody, done = run(story())
    assert "done (1)" in everybody
    assert f"Only the {MOST_ROWS} most urgent are listed" in everybody
    assert f'<span class="count">{MOST_ROWS + 3}</span>' in everybody
    rows = done[done.index('id="rows-title"') :]
    assert '<span class="count">1</span>' in rows
    assert f"person_id={GENERAL}" in rows
    assert "most urgent are listed" not in done


def test_a_row_of_the_board_says_how_many_visits_were_made_and_are_still_owed(office):
    async def story():
        async with office.desk.clerk() as browser:
            return (await browser.get("/due?month=2024-02&area=shuren/qiaotou")).text

    board = run(story())
    assert "已做 0 次" in board
    assert "还欠 1 次" in board
    assert "1 still owed" in board
    assert "应完成 1 次" in board


@pytest.mark.parametrize("query", ["area=nowhere", "area=shuren/qiaoto", "worker=nobody"])
def test_a_board_of_no_area_or_worker_that_there_is_answers_404_on_page_and_api(office, query):
    async def story():
        async with office.desk.clerk() as browser:
            page = await browser.get(f"/due?month=2024-02&{query}")
            return page, await browser.get(f"/api/v1/ledger/board?month=2024-02&{query}")

    page, answer = run(story())
    assert (page.status_code, answer.status_code) == (404, 404)
    assert answer.json()["code"] == "not_found"
    assert "there is no" in page.text
