"""The monthly return: each finalised record once, the month before as it ended, frozen when signed, text stays text."""

import asyncio
import hashlib
import io
import json
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import msgspec
import pytest
from annex2_kit import home_form
from ledger_town import BOSS, GENERAL, KEY, LI, VILLAGE, WANG, LedgerTown
from openpyxl import load_workbook
from pypdf import PdfReader
from standing_kit import in_hospital, refused
from visits_kit import ZONE

from app.ledger_console import LedgerConsole
from app.ledger_due import served_from
from app.names import Says
from app.paper.return_form import ReturnPaper
from app.return_files import files_of_return, sheet_of, write_files
from core.errors import ConflictError
from registry.areas import Area, AreaTree
from registry.standing_facts import FactId
from visits.annex2 import Safety
from visits.eligibility import Benefit
from visits.returns import ReturnState, ReturnStep, deadline_words

NEW = "shuren/xin"
PAPER = ReturnPaper(ZONE)
NAMES = Says(place=AreaTree([Area("shuren", "树人镇"), Area(VILLAGE, "桥头村")]).shown)


@pytest.fixture
def town(tmp_path):
    town = LedgerTown(tmp_path)
    yield town
    town.truth.close()


def fed(content) -> list[tuple[str, int]]:
    return [(one.visit_id, one.version) for one in content.records]


def test_a_draft_can_be_drawn_up_again_and_a_signed_return_is_frozen(town):
    first = town.signed("2024-02-01T10:00")
    row, content = town.returning.draft("2024-02", VILLAGE, WANG)
    assert (row.state, fed(content)) == (ReturnState.DRAFT, [(first.id, 2)])
    second = town.signed("2024-02-02T10:00")
    _, content = town.returning.draft("2024-02", VILLAGE, WANG)
    assert fed(content) == [(first.id, 2), (second.id, 2)]
    signed = town.returning.step(row.id, ReturnStep.SIGN, by=WANG)
    third = town.signed("2024-02-03T10:00")
    again, content = town.returning.draft("2024-02", VILLAGE, WANG)
    assert (again, fed(content)) == (signed, [(first.id, 2), (second.id, 2)])
    town.returning.step(row.id, ReturnStep.RECEIVE, by=BOSS, text="2024-008")
    town.at("2024-03-15T09:00")
    fixed = town.book.correct(
        first.id, town.entry("2024-02-01T10:00", form=home_form(advice="勤看")), LI, reason="补写", version=2
    )
    _, content = town.returning.draft("2024-03", VILLAGE, WANG)
    assert fed(content) == [(fixed.id, 3), (third.id, 2)]
    assert content.records[0].is_correction


def test_a_draft_takes_no_record_from_any_other_return(town):
    record = town.signed("2024-02-01T10:00")
    town.returning.draft("2024-01", VILLAGE, WANG)
    row, content = town.returning.draft("2024-02", VILLAGE, WANG)
    assert fed(content) == fed(town.returning.read(row.id)[1]) == [(record.id, 2)]
    town.returning.step(row.id, ReturnStep.SIGN, by=WANG)
    assert fed(town.returning.read(row.id)[1]) == [(record.id, 2)]
    assert fed(town.returning.draft("2024-01", VILLAGE, WANG)[1]) == []


@pytest.mark.parametrize(
    ("month", "area"),
    [("2024-02", "shuren"), ("2024-02", ""), ("2024-02", f"{VILLAGE}/g1"), ("2024-03", VILLAGE), ("2030-05", VILLAGE)],
)
def test_only_a_village_draws_up_a_return_and_none_of_a_month_to_come(town, month, area):
    with pytest.raises(ConflictError):
        town.returning.draft(month, area, WANG)
    with town.truth.view() as unit:
        assert unit.returns.of_month(month) == []


def test_the_return_tells_the_month_before_the_month_so_far_and_all_that_is_open(town):
    town.signed("2024-02-03T10:00", form=home_form(electricity=Safety.UNSAFE))
    town.book.tell(in_hospital("2024-02-25", "2024-03-31", id=FactId("")), BOSS)
    town.book.tell(refused("2024-03-01", person_id=GENERAL, id=FactId("")), BOSS)
    town.at("2024-03-15T09:00")
    _, content = town.returning.draft("2024-03", VILLAGE, WANG)
    assert (content.previous_month, content.as_of) == ("2024-02", date(2024, 3, 15))
    assert [one.due.owed for one in content.previous if one.due.person_id == KEY] == [1]
    assert (content.previous_rate.contacted, content.previous_rate.active) == (1, 3)
    assert [one.kind for one in content.follow_ups] == ["hazard"]
    assert [(one.person_id, one.status) for one in content.absent] == [(KEY, "suspended"), (GENERAL, "refused")]
    assert any("春节" in one.words.zh for one in content.specials)


def test_a_receipt_closes_the_month_before_as_the_village_signed_it(town):
    town.at("2024-03-17T09:00")
    row, _ = town.returning.draft("2024-03", VILLAGE, WANG)
    town.returning.step(row.id, ReturnStep.SIGN, by=WANG)
    with pytest.raises(ConflictError, match="2024-02 已上报"):
        town.signed("2024-02-25T10:00")
    town.returning.step(row.id, ReturnStep.RECEIVE, by=BOSS, text="2024-031")
    town.returning.step(row.id, ReturnStep.REOPEN, by=BOSS, text="漏报")
    late = town.signed("2024-02-25T10:00")
    town.book.approve(late.id, BOSS)
    with town.truth.view() as unit:
        closed = {due.person_id: due.owed for due in unit.evaluations.of_month("2024-02", VILLAGE)}
    assert closed == {KEY: 2, "p2": 2, GENERAL: 1}
    town.at("2024-04-15T09:00")
    _, content = town.returning.draft("2024-04", VILLAGE, WANG)
    assert [one.visit_id for one in content.records] == [late.id]
    assert content.records[0].is_late


def test_a_return_that_is_sent_back_is_a_draft_again_and_takes_what_came_since(town):
    row, _ = town.returning.draft("2024-02", VILLAGE, WANG)
    town.returning.step(row.id, ReturnStep.SIGN, by=WANG)
    late = town.signed("2024-02-03T10:00")
    back = town.returning.step(row.id, ReturnStep.SEND_BACK, by=BOSS, text="缺记录")
    assert (back.state, back.digest) == (ReturnState.DRAFT, "")
    assert fed(town.returning.draft("2024-02", VILLAGE, WANG)[1]) == [(late.id, 2)]
    with pytest.raises(ConflictError):
        town.returning.step(row.id, ReturnStep.RECEIVE, by=BOSS, text="1")
    with pytest.raises(ConflictError):
        town.returning.step(row.id, ReturnStep.SIGN, by=WANG, version=1)


def test_drills_and_unsigned_records_are_not_reported(town):
    town.signed("2024-02-03T10:00", is_drill=True)
    town.book.record(town.entry("2024-02-02T10:00"), WANG)
    assert fed(town.returning.draft("2024-02", VILLAGE, WANG)[1]) == []


def test_the_files_are_the_same_each_time_fit_their_hashes_and_hold_no_formula(town, tmp_path):
    town.signed("2024-02-03T10:00", form=home_form(needs_text='=HYPERLINK("http://x")', advice="@SUM(1)"))
    row, content = town.returning.draft("2024-02", VILLAGE, WANG)
    first = {
        path.name: path.read_bytes() for path in write_files(files_of_return(row, content, PAPER), tmp_path / "out")
    }
    again = {
        path.name: path.read_bytes() for path in write_files(files_of_return(row, content, PAPER), tmp_path / "out")
    }
    assert first["return-2024-02-shuren-qiaotou.json"] == again["return-2024-02-shuren-qiaotou.json"]
    assert first["return-2024-02-shuren-qiaotou.pdf"] == again["return-2024-02-shuren-qiaotou.pdf"]
    for line in again["return-2024-02-shuren-qiaotou.sha256"].decode().splitlines():
        digest, name = line.split("  ")
        assert hashlib.sha256(again[name]).hexdigest() == digest
    book = load_workbook(tmp_path / "out" / "return-2024-02-shuren-qiaotou.xlsx")
    assert book.sheetnames == [
        "封面",
        "探访记录",
        "2024-01最终",
        "2024-02中期",
        "未结事项",
        "政策待遇",
        "异动与拒绝",
        "特殊时段",
        "流转",
    ]
    cells = [cell for sheet in book for line in sheet.iter_rows() for cell in line if isinstance(cell.value, str)]
    assert {cell.data_type for cell in cells} == {"s"}
    values = {cell.value for cell in cells}
    assert {"=王1", '=HYPERLINK("http://x")'} <= values
    assert json.loads(first["return-2024-02-shuren-qiaotou.json"])["records"][0]["name"] == "=王1"
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(first)


def test_a_signed_return_says_the_hash_of_its_content(town, tmp_path):
    row, _ = town.returning.draft("2024-02", VILLAGE, WANG)
    row = town.returning.step(row.id, ReturnStep.SIGN, by=WANG)
    paths = write_files(files_of_return(*town.returning.read(row.id), PAPER), tmp_path / "out")
    assert hashlib.sha256(paths[0].read_bytes()).hexdigest() == row.digest


@pytest.mark.parametrize(
    ("day", "is_red", "words"),
    [(14, False, "起草"), (16, True, "起草"), (19, True, "起草"), (20, True, "已逾期")],
)
def test_the_twentieth_itself_is_red(day, is_red, words):
    red, said = deadline_words("2024-02", date(2024, 2, day), None)
    assert (red, words in said.zh) == (is_red, True)


@pytest.mark.parametrize(
    ("begun", "day", "is_red", "words"),
    [
        (date(2024, 2, 20), 29, False, "不需上报"),
        (date(2024, 2, 19), 29, True, "已逾期"),
        (date(2024, 2, 16), 17, False, "起草"),
        (date(2024, 2, 15), 17, True, "起草"),
    ],
)
def test_nothing_is_late_that_was_due_before_anybody_of_the_village_was_served(begun, day, is_red, words):
    red, said = deadline_words("2024-02", date(2024, 2, day), None, begun)
    assert (red, words in said.zh) == (is_red, True)


def test_a_village_is_served_from_the_first_day_of_any_of_its_people(town):
    with town.truth.transaction() as unit:
        assert served_from(unit, VILLAGE) == date(2023, 1, 1)
        newcomer = msgspec.structs.replace(unit.people.person(GENERAL), area=NEW, active_from=date(2024, 1, 30))
        unit.people.put_person(newcomer)
        assert served_from(unit, NEW) == date(2024, 1, 30)


def test_the_page_of_returns_asks_nothing_of_a_month_before_the_village_was_served(town):
    town.at("2024-02-29T09:00")
    with town.truth.transaction() as unit:
        newcomer = msgspec.structs.replace(unit.people.person(GENERAL), area=NEW, active_from=date(2024, 2, 28))
        unit.people.put_person(newcomer)
    with ThreadPoolExecutor(1) as threads:
        shown = asyncio.run(LedgerConsole(town.book, threads).returns(date(2024, 2, 1), "wang"))
    assert {one.area: one.is_red for one in shown} == {VILLAGE: True, NEW: False}


def values_of(sheet: bytes) -> list[str]:
    """Return the text of every cell of a workbook, the labels first."""
    cells = [cell.value for page in load_workbook(io.BytesIO(sheet)) for line in page.iter_rows() for cell in line]
    return ["" if value is None else str(value).removesuffix(" 00:00:00") for value in cells]


def text_of(pdf: bytes) -> str:
    return re.sub(r"\s", "", "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages))


def test_the_return_on_paper_says_every_label_and_value_of_its_workbook_on_a_copy_for_each_hand(town):
    unsafe = home_form(electricity=Safety.UNSAFE, needs_text="要装扶手", gas=Safety.UNSAFE)
    record = town.signed("2024-02-03T10:00", form=unsafe)
    town.matters.find(GENERAL, Benefit.ELDERLY_ALLOWANCE, by=LI, note="满八十")
    town.book.tell(in_hospital("2024-02-25", "2024-03-31", id=FactId("")), BOSS)
    town.book.tell(refused("2024-03-01", person_id=GENERAL, id=FactId("")), BOSS)
    town.at("2024-03-02T09:00")
    town.book.correct(record.id, town.entry("2024-02-03T10:00", form=unsafe), LI, reason="补写", version=2)
    town.at("2024-03-15T09:00")
    row, _ = town.returning.draft("2024-03", VILLAGE, WANG)
    town.returning.step(row.id, ReturnStep.SIGN, by=WANG)
    town.returning.step(row.id, ReturnStep.RECEIVE, by=BOSS, text="2024-031")
    row, content = town.returning.read(row.id)
    text = text_of(PAPER.pdf(row, content, NAMES).content)
    lost = [value for value in values_of(sheet_of(row, content, ZONE, NAMES)) if re.sub(r"\s", "", value) not in text]
    assert lost == ["项目"]  # the head of the workbook's cover: the paper has boxes there
    for words in (
        "树人镇桥头村",
        "每月20日前",
        "村（社区）签字",
        "镇民政办签收",
        "政策待遇",
        "高龄津贴",
        "镇民政办存档",
    ):
        assert words in text
    assert text.count("2024-031") == 2 * 2  # the receipt on the cover and among the steps, on both copies


def test_a_return_of_a_village_where_nothing_happened_says_so_on_paper(town):
    row, content = town.returning.draft("2024-02", VILLAGE, WANG)
    text = text_of(PAPER.pdf(row, content).content)
    assert "未结事项" in text
    assert "无" in text
    assert "草稿" in text
