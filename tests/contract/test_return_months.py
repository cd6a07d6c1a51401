"""Which months a return tells of: nothing after its own, however late it is drawn up, and each record says what it counts for."""

from datetime import date

import pytest
from annex2_kit import home_form, phone_form
from ledger_town import BOSS, GENERAL, KEY, LI, VILLAGE, WANG, LedgerTown
from visits_kit import ZONE

from app.return_sections import sections_of
from visits.annex2 import Safety
from visits.eligibility import Benefit
from visits.returns import ReturnStep


@pytest.fixture
def town(tmp_path):
    town = LedgerTown(tmp_path)
    yield town
    town.truth.close()


def rows_of(content, row, *columns: str) -> list[tuple[object, ...]]:
    """Return some columns of the sheet of records."""
    section = sections_of(row, content, ZONE)[0]
    places = [[head for head, _ in section.heads].index(name) for name in columns]
    return [tuple(values[place] for place in places) for values in section.rows]


def test_a_return_drawn_up_late_holds_no_record_of_a_later_month_and_the_next_one_does(town):
    town.signed("2024-01-20T10:00")
    february = town.signed("2024-02-01T10:00")
    town.at("2024-04-10T09:00")
    march, april = town.signed("2024-03-31T23:50"), town.signed("2024-04-01T00:10")
    row, content = town.returning.draft("2024-02", VILLAGE, WANG)
    assert [one.local_date for one in content.records] == [date(2024, 1, 20), date(2024, 2, 1)]
    town.returning.step(row.id, ReturnStep.SIGN, by=WANG)
    _, content = town.returning.read(row.id)
    assert [one.visit_id for one in content.records][1:] == [february.id]
    row, content = town.returning.draft("2024-03", VILLAGE, WANG)
    assert [one.visit_id for one in content.records] == [march.id]
    town.returning.step(row.id, ReturnStep.SIGN, by=WANG)
    assert [one.visit_id for one in town.returning.draft("2024-04", VILLAGE, WANG)[1].records] == [april.id]


def test_what_was_opened_or_found_after_the_month_is_left_to_the_next_return(town):
    town.signed("2024-02-01T10:00", form=home_form(gas=Safety.UNSAFE))
    town.at("2024-03-10T09:00")
    town.signed("2024-03-09T10:00", form=home_form(electricity=Safety.UNSAFE))
    town.matters.find(GENERAL, Benefit.ELDERLY_ALLOWANCE, by=LI, note="满八十")
    february, march = (town.returning.draft(month, VILLAGE, WANG)[1] for month in ("2024-02", "2024-03"))
    assert (len(february.follow_ups), len(march.follow_ups)) == (1, 2)
    assert (len(february.benefits), len(march.benefits)) == (0, 1)


def test_a_record_of_a_month_that_was_returned_before_says_so(town):
    town.at("2024-03-10T09:00")
    town.signed("2024-01-02T10:00")
    town.signed("2024-03-09T10:00")
    row, content = town.returning.draft("2024-03", VILLAGE, WANG)
    assert rows_of(content, row, "探访日期", "补录") == [(date(2024, 1, 2), "补录"), (date(2024, 3, 9), "")]


def test_each_record_says_what_it_counts_for_or_why_it_counts_for_nothing(town):
    town.signed("2024-02-01T10:00")
    town.signed("2024-02-02T10:00", KEY, form=phone_form())
    town.signed("2024-02-02T11:00", GENERAL, form=phone_form())
    row, content = town.returning.draft("2024-02", VILLAGE, BOSS)
    assert [text for (text,) in rows_of(content, row, "计入")] == [
        "重点对象半月上门",
        "不计：重点对象每半月须上门，电话不能代替",
        "一般对象每月探访",
    ]
