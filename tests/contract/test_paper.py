"""The press over a real register: what it prints is written down with its hash; pages and commands hand out the file."""

import asyncio
import hashlib
import io
import re
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import msgspec
import pytest
from annex2_kit import home_form
from api_browser import submit
from api_console import Desk
from ledger_kit import FORM
from openpyxl import load_workbook
from pypdf import PdfReader
from register_kit import GRID, NOW_MS, RegisterRoom

from app.console_registry import RegistryConsole
from app.paper.console import PaperConsole
from app.paper.last_signs import last_signs
from app.paper.press import Press
from app.paper.sheets import SheetMaker
from app.paper.village_sheet import KEPT_NIGHTS
from core.errors import ConflictError, NotFoundError
from core.events import Metric, Reading
from core.ids import DeviceId, HomeId, VisitId
from core.localtime import DAY_MS, HOUR_MS
from registry.areas import Area, AreaTree
from registry.homes import Device, DeviceRole, Home
from rules.engine import Engine
from visits.annex2 import Care
from visits.model import ContactClass, Visit
from visits.policy import built_in_policy

VILLAGE = "shuren/qiaotou"
FIVE_IN_THE_AFTERNOON = 17


class Office:
    """A register with one person served, a press and what makes the sheets."""

    def __init__(self, folder) -> None:
        self.room = RegisterRoom(folder)
        self.folder = folder / "sheets"
        self.threads = ThreadPoolExecutor(1)
        self.engine_thread = ThreadPoolExecutor(1)
        with self.room.truth.transaction() as unit:
            unit.entries.put_areas(
                AreaTree([Area("shuren", "树人镇"), Area(VILLAGE, "桥头村"), Area(GRID, "第三网格")])
            )
        self.filed = self.room.serve()
        self.person = self.filed.person
        self.press = Press(self.room.truth, self.room.clock, built_in_policy(), "Asia/Shanghai", None)
        self.engine = Engine()
        self.sheets = SheetMaker(
            self.room.truth,
            self.press,
            self.folder,
            signs=last_signs(self.room.truth, self.engine, self.engine_thread, "Asia/Shanghai"),
            zone_name="Asia/Shanghai",
            from_hour=FIVE_IN_THE_AFTERNOON,
        )

    def visit(self, **changes):
        one = Visit(
            id=VisitId("v-1"),
            person_id=self.person.id,
            contact_class=ContactClass.C1_HOME,
            started_at_ms=NOW_MS - DAY_MS,
            local_date=date(2024, 2, 26),
            area=GRID,
            number=4,
            form=home_form(advice="多喝水"),
        )
        one = msgspec.structs.replace(one, **changes)
        with self.room.truth.transaction() as unit:
            unit.visits.put(one)
        return one

    def rows(self, action):
        with self.room.truth.view() as unit:
            return [row for row in unit.audit.list(limit=1000) if row.action == action]

    def made(self):
        return sorted(path.relative_to(self.folder).as_posix() for path in self.folder.glob("*/*.pdf"))

    def close(self) -> None:
        self.threads.shutdown()
        self.engine_thread.shutdown()
        self.room.close()


@pytest.fixture
def office(tmp_path):
    one = Office(tmp_path)
    yield one
    one.close()


def text_of(content):
    return re.sub(r"\s", "", "".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages))


def test_a_print_is_written_down_with_its_hash_and_reason(office):
    printed = office.press.annex1(office.person.id, "account:zhang", "存档")
    assert printed.sha256 == hashlib.sha256(printed.content).hexdigest()
    (row,) = office.rows("printed.annex1")
    assert (row.actor, row.subject) == ("account:zhang", office.person.id)
    assert row.detail == "存档 (2 copies, pdf)"
    with office.room.truth.view() as unit:
        assert unit.audit.verify().broken_at is None


def test_the_register_prints_whom_it_knows_with_the_tier_of_the_day(office):
    text = text_of(office.press.annex1(office.person.id, "account:zhang", "存档").content)
    assert FORM.id_number in text
    assert "王秀英" in text
    assert "■重点对象" in text


def test_a_visit_is_printed_with_its_number_and_how_many_services_were_given(office):
    office.visit(form=home_form(care=Care(on=date(2024, 2, 26), text="送药", signature="li")))
    text = text_of(office.press.annex2("v-1", "account:zhang", "存档").content)
    assert "树人镇特殊困难老年人探访关爱服务记录表" in text
    assert "老年人姓名：王秀英" in text
    assert "第4次" in text
    assert "第1次开展关爱" in text
    assert office.rows("printed.annex2")[0].detail == "存档 (3 copies, pdf)"


def test_a_visit_written_down_weeks_later_says_so_on_paper(office):
    office.visit(entered_on=date(2024, 3, 20))
    assert "补录" in text_of(office.press.annex2("v-1", "account:zhang", "存档").content)


def test_what_is_not_there_is_not_printed_and_not_written_down(office):
    office.visit(form=None)
    with pytest.raises(NotFoundError):
        office.press.annex1("p-nobody", "account:zhang", "存档")
    with pytest.raises(NotFoundError):
        office.press.annex2("v-none", "account:zhang", "存档")
    with pytest.raises(ConflictError, match="no form"):
        office.press.annex2("v-1", "account:zhang", "存档")
    assert not office.rows("printed.annex1") + office.rows("printed.annex2")


def test_the_sheets_of_the_evening_are_made_once_readable_by_their_owner_only(office):
    ten_in_the_morning = NOW_MS
    office.sheets.look(ten_in_the_morning)
    assert not office.folder.exists()
    office.sheets.look(ten_in_the_morning + 7 * HOUR_MS)
    assert office.made() == ["2024-02-27/shuren_qiaotou.pdf"]
    path = office.folder / "2024-02-27/shuren_qiaotou.pdf"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    first = path.read_bytes()
    office.room.clock.advance_to_ms(NOW_MS + 8 * HOUR_MS)
    office.sheets.look(ten_in_the_morning + 8 * HOUR_MS)
    assert path.read_bytes() == first


def test_an_evening_that_was_cut_off_in_the_middle_is_made_again(office):
    evening = NOW_MS + 8 * HOUR_MS
    office.sheets.look(evening)
    (office.folder / "2024-02-27/made").unlink()
    (office.folder / "2024-02-27/shuren_qiaotou.pdf").unlink()
    office.sheets.look(evening)
    assert office.made() == ["2024-02-27/shuren_qiaotou.pdf"]


def test_a_week_of_sheets_is_kept(office):
    for day in range(KEPT_NIGHTS + 3):
        office.sheets.look(NOW_MS + 8 * HOUR_MS + day * DAY_MS)
    assert len(office.made()) == KEPT_NIGHTS
    assert office.made()[-1] == "2024-03-07/shuren_qiaotou.pdf"


def test_a_sheet_says_when_the_home_last_showed_life_whom_to_ring_and_what_is_open(office):
    kitchen = Device(
        id=DeviceId("k"),
        home_id=office.person.home_id,
        address="care/h/k",
        role=DeviceRole.INTERIOR_MOTION,
        room="厨房",
    )
    home = Home(id=HomeId(office.person.home_id), person_id=office.person.id, area=GRID, devices=(kitchen,))
    with office.room.truth.transaction() as unit:
        unit.people.put_home(home)
    office.engine.set_home(home)
    at_ms = NOW_MS - HOUR_MS
    office.engine.on_readings(at_ms, [Reading(home.id, kitchen.id, Metric.MOTION, True, at_ms, at_ms, None, 0)])
    text = text_of(office.sheets.sheet(VILLAGE, NOW_MS).content)
    assert "树人镇桥头村停电断网备用表" in text
    assert "02-2709:13厨房" in text
    assert "李梅紧急联系人13900005678" in text


def test_whoever_is_no_longer_served_stands_on_no_sheet(office):
    with office.room.truth.transaction() as unit:
        unit.people.put_person(msgspec.structs.replace(office.person, active_until=date(2024, 2, 1)))
    assert "共0人" in text_of(office.sheets.sheet(VILLAGE, NOW_MS).content)


def test_a_clerk_prints_from_the_page_and_the_name_of_the_file_says_nobody(office):
    console = PaperConsole(office.room.truth, office.press, office.sheets, office.room.clock, office.threads)
    registry = RegistryConsole(office.room.truth, office.room.register, office.room.clock, office.threads)
    desk = Desk(register=registry, press=console)

    async def story():
        async with desk.clerk() as browser:
            page = f"/registry/{office.person.id}"
            pdf, _ = await submit(browser, page, f"/print/annex1/{office.person.id}", reason="存档")
            word, _ = await submit(
                browser, page, f"/print/annex1/{office.person.id}", reason="存档", paper_format="docx"
            )
            sheet, _ = await submit(browser, f"/registry?area={VILLAGE}", "/print/sheet", reason="夜间值班")
            ledger, _ = await submit(browser, f"/registry?area={VILLAGE}", "/print/ledger", reason="半年核对")
            bare = await browser.post(f"/print/annex1/{office.person.id}", data={"reason": ""})
            return pdf, word, sheet, ledger, bare

    pdf, word, sheet, ledger, bare = asyncio.run(asyncio.wait_for(story(), 60))
    assert pdf.content.startswith(b"%PDF")
    assert pdf.headers["content-disposition"] == f"attachment; filename*=UTF-8''annex1-{office.person.id}.pdf"
    assert pdf.headers["cache-control"] == "no-store"
    assert word.content.startswith(b"PK")
    assert "停电断网备用表" in text_of(sheet.content)
    assert bare.status_code == 422
    assert [row.subject for row in office.rows("printed.sheet")] == [VILLAGE]
    rows = list(load_workbook(io.BytesIO(ledger.content)).worksheets[0].iter_rows(values_only=True))
    assert [row[0] for row in rows] == ["编号", office.person.id]
    assert [(row.subject, row.detail) for row in office.rows("printed.ledger")] == [(VILLAGE, "半年核对 (1 people)")]
