"""Roles in the ledger, at its returns and at the press: who has no role in somebody's area reads and writes nothing."""

import asyncio
from datetime import date

import msgspec
import pytest
from api_console import run
from ledger_office import HOME, VISIT, LedgerOffice
from ledger_town import BOSS, GENERAL, KEY, VILLAGE

from app.accounts import LocalAccounts
from app.console import DeskConsole
from app.console_homes import HomeSources
from app.paper.console import PaperConsole
from app.paper.press import Press
from app.paper.sheets import SheetMaker
from core.errors import ForbiddenError
from core.ids import PersonId
from registry.access import Grant, Role
from visits.eligibility import Benefit
from visits.follow_ups import FollowUpKind
from visits.returns import ReturnStep

XIHE = "shuren/xihe"
ELSEWHERE = [Grant(Role.GRID, f"{XIHE}/g1")]
AUDITOR = [Grant(Role.AUDITOR)]
GRID = [Grant(Role.GRID, f"{VILLAGE}/g1")]
OFFICE = [Grant(Role.VILLAGE, VILLAGE)]
TOWN = [Grant(Role.TOWN, "shuren")]
PERIOD = {"id": "w1", "from_date": "2024-02-04", "until_date": "2024-02-05", "area": VILLAGE}


class Office(LedgerOffice):
    """The ledger of two villages and its press, with an account whose roles a test gives."""

    def __init__(self, folder) -> None:
        super().__init__(folder)
        with self.town.truth.transaction() as unit:
            far = msgspec.structs.replace(unit.people.person(GENERAL), id=PersonId("far"), area=f"{XIHE}/g1")
            unit.people.put_person(far)
        self.accounts = LocalAccounts(self.town.truth)
        self.accounts.create("zhang", "right horse battery")

    def more_ports(self, folder):
        truth, clock = self.town.truth, self.town.clock
        press = Press(truth, clock, self.town.book.policy, "Asia/Shanghai", None)
        sheets = SheetMaker(truth, press, folder / "sheets", signs=dict, zone_name="Asia/Shanghai", from_hour=17)
        return {"press": PaperConsole(truth, press, sheets, clock, self.threads)}

    def codes(self, grants, deeds, *, is_page=False):
        """Return the status of each (method, path, body), told by an account with these roles."""
        self.accounts.grant("zhang", grants, "cli:root")

        async def story():
            client = self.desk.clerk() if is_page else self.desk.program()
            async with client as one:
                return [
                    await one.request(method, path, **{"data" if is_page else "json": body})
                    for method, path, body in deeds
                ]

        return run(story())

    def drawn_up(self):
        return self.town.returning.draft("2024-02", VILLAGE, BOSS)[0]


@pytest.fixture
def office(tmp_path):
    office = Office(tmp_path)
    yield office
    office.close()


def deeds_of(office):
    """Return everything that can be asked of, or done to, one person of a village by a program."""
    draft = office.town.book.record(office.town.entry("2024-02-03T11:00"), "account:wang")
    done = office.town.signed("2024-02-02T11:00")
    check = office.town.matters.open(KEY, FollowUpKind.HAZARD, "电线", by=BOSS)
    benefit = office.town.matters.find(KEY, Benefit.ELDERLY_ALLOWANCE, by=BOSS)
    base, seen = "/api/v1/ledger", {"version": 1}
    visit = f"{base}/records/{draft.id}"
    return [
        ("GET", f"{base}/board?month=2024-02&area={VILLAGE}", None),
        ("GET", f"{base}/records/unsigned?area={VILLAGE}", None),
        ("GET", visit, None),
        ("GET", f"{base}/people/p1/standing", None),
        ("GET", f"{base}/follow-ups?area={VILLAGE}", None),
        ("GET", f"{base}/follow-ups?person_id=p1", None),
        ("GET", f"{base}/benefits?area={VILLAGE}", None),
        ("POST", f"{base}/records", VISIT),
        ("POST", f"{visit}/form", HOME | seen),
        ("POST", f"{visit}/sign", seen),
        ("POST", f"{visit}/approve", seen),
        ("POST", f"{visit}/merge", seen | {"into": done.id, "reason": "重复录入"}),
        ("POST", f"{base}/records/{done.id}/correct", VISIT | {"reason": "笔误", "version": 2}),
        ("POST", f"{base}/people/p1/facts", {"kind": "died", "on": "2024-02-01", "evidence": "死亡证明"}),
        ("POST", f"{base}/people/p1/monitored-month?month=2024-01", None),
        ("POST", f"{base}/follow-ups", {"person_id": "p1", "kind": "hazard", "what": "电线"}),
        ("POST", f"{base}/follow-ups/{check.id}/step", {"step": "accept", "on": "2024-02-03", "version": 1}),
        ("POST", f"{base}/benefits", {"person_id": "p1", "benefit": "elderly_allowance"}),
        ("POST", f"{base}/benefits/{benefit.id}/step", {"state": "told", "on": "2024-02-03", "version": 1}),
        ("POST", f"{base}/special-periods", PERIOD),
    ]


@pytest.mark.parametrize("grants", [ELSEWHERE, AUDITOR], ids=["another village's grid worker", "an auditor"])
def test_who_has_no_role_in_somebodys_area_reads_and_writes_nothing_in_their_ledger(office, grants):
    deeds = deeds_of(office)
    answers = office.codes(grants, deeds)
    told = {f"{method} {path}": answer.status_code for (method, path, _), answer in zip(deeds, answers, strict=True)}
    assert {name: code for name, code in told.items() if code != 403} == {}
    assert {answer.json()["code"] for answer in answers} == {"forbidden"}
    assert {answer.headers["content-type"] for answer in answers} == {"application/problem+json"}
    with office.town.truth.view() as unit:
        assert unit.standing.of(KEY) == []


def test_the_ledgers_pages_say_no_in_words(office):
    draft = office.town.book.record(office.town.entry("2024-02-03T11:00"), "account:wang")
    paths = ("/due", "/records", "/follow-ups", "/special", "/returns", f"/records/{draft.id}", "/standing/p1")
    for answer in office.codes(AUDITOR, [("GET", path, None) for path in paths], is_page=True):
        assert answer.status_code == 403
        assert "您的角色或片区无此权限" in answer.text


def test_a_page_of_everywhere_shows_of_it_what_is_ones_own(office):
    office.town.book.record(office.town.entry("2024-02-03T11:00"), "account:wang")
    office.town.book.record(office.town.entry("2024-02-03T11:00", PersonId("far")), "account:wang")
    office.town.matters.open(KEY, FollowUpKind.HAZARD, "电线", by=BOSS)
    office.town.matters.open(PersonId("far"), FollowUpKind.HAZARD, "煤气", by=BOSS)
    base = "/api/v1/ledger"
    asked = [f"{base}/board?month=2024-02", f"{base}/records/unsigned", f"{base}/follow-ups"]
    deeds = [("GET", path, None) for path in asked]
    board, unsigned, follow_ups = (answer.json() for answer in office.codes(ELSEWHERE, deeds))
    assert (board["area"], [row["person"]["person_id"] for row in board["rows"]]) == (f"{XIHE}/g1", ["far"])
    assert [one["person"]["person_id"] for one in (*unsigned, *follow_ups)] == ["far", "far"]
    (returns,) = office.codes(ELSEWHERE, [("GET", f"{base}/returns?month=2024-02", None)])
    assert [row["area"] for row in returns.json()] == [XIHE]
    assert len(office.codes(TOWN, deeds)[1].json()) == 2


def test_a_worker_of_two_grids_can_open_the_board_of_each(office):
    grids = [Grant(Role.GRID, f"{VILLAGE}/g1"), Grant(Role.GRID, f"{VILLAGE}/g2")]
    (first,) = office.codes(grids, [("GET", "/due?month=2024-02", None)], is_page=True)
    assert f'value="{VILLAGE}/g2"' in first.text
    (second,) = office.codes(grids, [("GET", f"/due?month=2024-02&area={VILLAGE}/g2", None)], is_page=True)
    assert "p3" in second.text


def test_a_grid_worker_records_and_signs_in_the_grid_and_decides_nothing(office):
    first, *_ = office.codes(GRID, [("POST", "/api/v1/ledger/records", VISIT)])
    assert first.status_code == 201
    visit = f"/api/v1/ledger/records/{first.json()['visit_id']}"
    death = {"kind": "died", "on": "2024-02-01", "evidence": "死亡证明"}
    deeds = [
        ("GET", visit, None),
        ("POST", f"{visit}/sign", {"version": 1}),
        ("POST", f"{visit}/approve", {"version": 2}),
        ("POST", f"{visit}/merge", {"version": 2, "into": "v", "reason": "重复录入"}),
        ("POST", "/api/v1/ledger/people/p1/facts", death),
    ]
    assert [answer.status_code for answer in office.codes(GRID, deeds)] == [200, 200, 403, 403, 403]
    assert [answer.status_code for answer in office.codes(OFFICE, deeds[-1:])] == [201]


def test_whoever_moved_is_read_by_the_new_village_and_what_the_old_one_did_by_the_old_one_too(office):
    draft = office.town.book.record(office.town.entry("2024-02-03T11:00"), "account:wang")
    with office.town.truth.transaction() as unit:
        unit.people.put_person(msgspec.structs.replace(unit.people.person(KEY), area=f"{XIHE}/g1"))
    deeds = [("GET", f"/api/v1/ledger/records/{draft.id}", None), ("GET", "/api/v1/ledger/people/p1/standing", None)]
    assert [answer.status_code for answer in office.codes(ELSEWHERE, deeds)] == [200, 200]
    assert [answer.status_code for answer in office.codes(GRID, deeds)] == [200, 403]


def test_nobody_withdraws_a_special_period_of_an_area_that_is_not_theirs(office):
    mine = PERIOD | {"area": XIHE, "is_withdrawn": True}
    path = "/api/v1/ledger/special-periods"
    assert office.codes(OFFICE, [("POST", path, PERIOD)])[0].status_code == 201
    assert office.codes([Grant(Role.VILLAGE, XIHE)], [("POST", path, mine)])[0].status_code == 403
    assert office.codes(OFFICE, [("POST", path, PERIOD | {"id": "w2", "area": ""})])[0].status_code == 403


def stepped(office, grants, step, text=""):
    row = office.drawn_up()
    form = {"step": step, "version": str(row.version), "text": text}
    return office.codes(grants, [("POST", f"/returns/{row.id}/step", form)], is_page=True)[0].status_code


def test_the_village_signs_a_return_and_the_town_receives_it_and_neither_does_the_others_part(office):
    assert [stepped(office, grants, "sign") for grants in (ELSEWHERE, AUDITOR, GRID, TOWN)] == [403] * 4
    assert stepped(office, OFFICE, "sign") == 303
    assert [stepped(office, grants, "receive", "2024-031") for grants in (OFFICE, GRID, AUDITOR)] == [403] * 3
    office.town.returning.step(office.drawn_up().id, ReturnStep.SEND_BACK, by=BOSS, text="补签")
    office.town.returning.step(office.drawn_up().id, ReturnStep.SIGN, by="account:li")
    assert stepped(office, TOWN, "receive", "2024-031") == 303
    assert stepped(office, OFFICE, "reopen", "漏报") == 403
    assert stepped(office, TOWN, "reopen", "漏报") == 303


def test_one_account_with_both_roles_does_not_receive_what_it_signed(office):
    both = [*OFFICE, *TOWN]
    assert stepped(office, both, "sign") == 303
    assert [stepped(office, both, step, "2024-031") for step in ("receive", "send_back")] == [409, 409]


def test_an_account_without_roles_does_not_receive_what_it_signed_either(office):
    assert stepped(office, [], "sign") == 303
    assert stepped(office, [], "receive", "2024-031") == 409
    office.town.returning.step(office.drawn_up().id, ReturnStep.RECEIVE, by=BOSS, text="2024-031")
    assert stepped(office, [], "reopen", "漏报") == 409


def test_a_return_is_drawn_up_and_read_in_clear_by_its_own_village_and_the_look_is_written_down(office):
    row = office.drawn_up()
    sheet, paper = ("GET", f"/returns/{row.id}/sheet", None), ("GET", f"/returns/{row.id}/paper", None)
    draw = ("POST", "/returns", {"month": "2024-02", "area": VILLAGE})
    for grants, code in ((ELSEWHERE, 403), (AUDITOR, 403), (GRID, 403), (OFFICE, 200)):
        assert office.codes(grants, [sheet], is_page=True)[0].status_code == code
        assert office.codes(grants, [paper], is_page=True)[0].status_code == code
        assert office.codes(grants, [draw], is_page=True)[0].status_code == (303 if code == 200 else code)
    with office.town.truth.view() as unit:
        looks = [one for one in unit.audit.list(subject=row.id) if one.action == "printed.return"]
    assert [one.actor for one in looks] == ["account:zhang"] * 2


def test_the_press_prints_nobody_of_another_village_and_nothing_for_an_auditor(office):
    done = office.town.signed("2024-02-02T11:00")
    forms = [
        ("POST", "/print/annex1/p1", {"reason": "存档"}),
        ("POST", f"/print/annex2/{done.id}", {"reason": "存档"}),
        ("POST", "/print/sheet", {"reason": "夜间值班", "area": VILLAGE}),
        ("POST", "/print/sheet", {"reason": "夜间值班", "area": "shuren"}),
        ("POST", "/print/ledger", {"reason": "核对", "area": VILLAGE}),
        ("POST", "/print/ledger", {"reason": "核对"}),
    ]
    for grants in (ELSEWHERE, AUDITOR):
        assert [answer.status_code for answer in office.codes(grants, forms, is_page=True)] == [403] * 6
    with office.town.truth.view() as unit:
        assert not [one for one in unit.audit.list(limit=1000) if one.action.startswith("printed.")]
    assert [answer.status_code for answer in office.codes(OFFICE, forms, is_page=True)][1:] == [200, 200, 403, 200, 403]


def test_the_list_of_visits_and_what_a_month_owes_show_ones_own_people_and_a_call_is_signed_by_their_staff(office):
    done, far = office.town.signed("2024-02-02T11:00"), office.town.signed("2024-02-02T11:00", PersonId("far"))
    nobody = HomeSources(engine=None, engine_executor=None, rules=None, series=None, hindsight=None)
    console = DeskConsole(
        office.town.truth,
        None,
        nobody,
        parked=None,
        policy=office.town.book.policy,
        changes=None,
        health=None,
        clock=office.town.clock,
        zone_name="Asia/Shanghai",
        executor=office.threads,
    )
    days = date(2024, 2, 1), date(2024, 2, 29)

    def seen(grants):
        office.accounts.grant("zhang", grants, "cli:root")
        visits = asyncio.run(console.visits(None, *days, account="zhang"))
        due = asyncio.run(console.due(days[0], "zhang"))
        return {row.visit_id for row in visits}, {row.person.person_id for row in due}

    assert seen(ELSEWHERE) == ({far.id}, {"far"})
    assert seen(TOWN) == ({done.id, far.id}, {"p1", "p2", "p3", "far"})
    for grants in (ELSEWHERE, AUDITOR):
        office.accounts.grant("zhang", grants, "cli:root")
        for asked in (console.visits("p1", *days, account="zhang"), console.review_visit(done.id, "zhang")):
            with pytest.raises(ForbiddenError):
                asyncio.run(asked)
    with pytest.raises(ForbiddenError):
        asyncio.run(console.due(days[0], "zhang"))
