"""The console on a phone of 390 px: nothing scrolls sideways, no table is cut, what to do comes first."""

import re

import pytest
from annex2_kit import home_form
from api_browser import Seen
from api_console import Desk, run
from api_village import NOW_MS, both, sample_alert
from ledger_office import LedgerOffice
from ledger_town import GENERAL, VILLAGE, WANG
from people_town import PeopleTown
from phone import CHROMIUM, PHONE_PX, measured

from api.views import EvidenceView
from visits.follow_ups import FollowUpKind

MENU_PX = 170  # a fifth of a small phone's screen

needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium to look with")


async def read(desk, paths, chosen=""):
    async with desk.clerk() as browser:
        if chosen:
            browser.cookies.set("shouwang_language", chosen)
        answers = {path: await browser.get(path) for path in paths}
        assert {answer.status_code for answer in answers.values()} == {200}
        return {path: answer.text for path, answer in answers.items()}


def grave(lines=11):
    text = both("卫生间漏水传感器报水 3 分钟 leak sensor reports water, three minutes")
    evidence = [EvidenceView(at_ms=NOW_MS - one, device_id="h1/leak", grade="fact", text=text) for one in range(lines)]
    desk = Desk()
    desk.console.alert_rows["a1"] = sample_alert("a1", priority="P0", evidence=evidence)
    return desk


def pages_of_the_desk():
    paths = "/", "/alerts/a1", "/alerts/a0", "/visits?month=2024-02", "/homes", "/homes/h0001", "/rules", "/devices/inbox", "/parked", "/homes/h0001/walk?since_ms=1709000000000"  # fmt: skip
    return run(read(grave(), (*paths, "/login")))


def pages_of_the_ledger(folder):
    office = LedgerOffice(folder)
    try:
        signed = office.town.signed("2024-02-02T10:00", form=home_form()).id
        draft = office.town.book.record(office.town.entry("2024-02-01T10:00", GENERAL), WANG).id
        office.town.returning.draft("2024-02", VILLAGE, WANG)
        office.town.matters.open(GENERAL, FollowUpKind.HAZARD, "线路老化", by=WANG)
        paths = ("/due?month=2024-02", f"/due?month=2024-02&area={VILLAGE}", "/records", f"/records/{signed}", f"/records/{draft}", "/records/new", "/returns?month=2024-02", "/follow-ups", "/special?year=2024", "/standing/p1")  # fmt: skip
        return run(read(office.desk, paths))
    finally:
        office.close()


def pages_of_the_register(folder):
    town = PeopleTown(folder)
    try:
        return run(read(town.desk, ("/registry", "/registry/unverified", "/registry/refresh", "/registry/new", "/gathering", "/audit")))  # fmt: skip
    finally:
        town.close()


def check(pages):
    for name, found in measured(pages).items():
        assert found["wide"] <= PHONE_PX, (name, found)
        assert found["menu"] <= MENU_PX, (name, found)
        if name != "/registry/new":  # annex 1's table of the household is a form of nine columns
            assert found["cut"] == 0, (name, found)


@needs_chromium
def test_no_page_of_the_desk_scrolls_sideways_on_a_phone():
    check(pages_of_the_desk())


@needs_chromium
def test_no_page_of_the_ledger_scrolls_sideways_on_a_phone(tmp_path):
    check(pages_of_the_ledger(tmp_path))


@needs_chromium
def test_no_page_of_the_register_scrolls_sideways_on_a_phone(tmp_path):
    check(pages_of_the_register(tmp_path))


def test_buttons_and_calls_of_an_alert_stand_before_its_evidence_and_long_evidence_is_folded():
    board, alert = run(read(grave(), ("/board", "/alerts/a1"))).values()
    for page in (board, alert):
        place = {what: page.index(what) for what in ('id="take-a1"', 'class="attempts"', 'class="evidence"')}
        assert list(place) == sorted(place, key=place.__getitem__)
    shown = re.search(r'<ul class="evidence".*?</ul>', board, re.DOTALL)[0]
    assert shown.count("<li>") == 4
    assert 'id="more-a1"' in board
    assert "其余 7 条" in board
    Seen(board).check()
