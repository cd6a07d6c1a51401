"""The register: masked by default, revealed with a reason, changed by plain forms, every look recorded."""

import asyncio

import msgspec
import pytest
from api_browser import Seen, submit
from ledger_kit import CHILD, FORM
from people_town import SECRETS, XIHE, PeopleTown
from register_kit import GRID

from registry.commands import SetContacts
from registry.entries import Child

NASTY = "<script>alert('x')</script>"


@pytest.fixture
def town(tmp_path):
    town = PeopleTown(tmp_path)
    yield town
    town.close()


def posted(form=FORM, **more):
    """Return annex 1 as a browser sends it."""
    fields = {
        "filed_on": "2024-01-08",
        "name": form.name,
        "sex": "female",
        "id_number": form.id_number,
        "phone": form.phone,
        "residence.village": "桥头村",
        "residence.detail": "3组12号",
        "capacity": "intact",
        "categories": ["alone", "empty_nest"],
        "household.0.name": "王秀英",
        "household.0.visits_often": "no",
        "is_water_safe": "yes",
        "pension_yuan": "190",
        "area": GRID,
        "version": "0",
        "why": "入户调查",
    }
    return fields | more


PAGES = ["/registry", "/registry/new", "/registry/refresh", "/registry/unverified", "/audit"]


def test_who_is_not_logged_in_sees_no_page_of_the_register(town):
    async def story():
        async with town.desk.browser() as browser:
            return [(await browser.get(path)).headers.get("location") for path in PAGES]

    assert set(asyncio.run(asyncio.wait_for(story(), 60))) == {"/login"}


def test_annex_1_is_filed_by_a_plain_form_and_shown_masked(town):
    async def story(browser):
        answer = await browser.post("/registry/new", data=posted())
        return answer, (await browser.get(answer.headers["location"])).text, (await browser.get("/registry")).text

    answer, entry, listed = town.tell(story)
    assert answer.status_code == 303
    for text in (entry, listed):
        assert "王*" in text
        for secret in SECRETS:
            assert secret not in text
    assert FORM.id_number[-4:] in entry
    assert "独居老年人、空巢老年人" in entry
    assert "没有第一探访联系人" in entry
    assert "未激活" in listed
    assert "树人镇 桥头村 第三网格" in listed
    kept = town.room.register.all()[0].entry.form
    assert (kept.pension_yuan, kept.is_water_safe, kept.household[0].visits_often) == (190, True, False)
    assert [action for action in town.room.actions() if action.startswith("entry")] == ["entry.created", "entry.read"]


def test_a_wrong_form_comes_back_filled_in_with_every_reason(town):
    async def story(browser):
        wrong = posted(id_number="512222193805010021", phone="70605678", pension_yuan="一百", filed_on="2024-02-30")
        first = await browser.post("/registry/new", data=wrong)
        second = await browser.post("/registry/new", data=wrong | {"pension_yuan": "100", "filed_on": "2024-02-28"})
        return first, second

    first, second = town.tell(story)
    assert (first.status_code, second.status_code) == (422, 422)
    assert "请填整数" in first.text
    assert "没有这一天" in first.text
    assert "校验码不符" in second.text
    assert "没有区号" in second.text
    assert 'value="桥头村"' in second.text
    assert town.room.register.all() == []


def test_a_record_is_seen_in_clear_after_a_reason_and_edited_there(town):
    one = town.room.do(town.room.file(), SetContacts(first_contact=CHILD, children=(Child(name="李梅"),)))
    base = f"/registry/{one.person.id}"

    async def story(browser):
        empty = await browser.post(f"{base}/reveal", data={"reason": " "})
        page, _ = await submit(browser, base, f"{base}/reveal", reason="核对证件")
        saved = await browser.post(f"{base}/form", data=posted(illness="糖尿病", version="2", why="住院后更新"))
        late = await browser.post(f"{base}/form", data=posted(illness="冠心病", version="2", why="住院后更新"))
        return empty, page, saved, late, (await browser.get(f"{base}/history")).text

    empty, page, saved, late, history = town.tell(story)
    assert (empty.status_code, saved.status_code, late.status_code) == (422, 303, 409)
    for secret in SECRETS:
        assert secret in page.text
    assert page.headers["cache-control"] == "no-store"
    assert "住院后更新" in history
    assert "糖尿病" not in history
    assert town.room.register.all()[0].person.illness == "糖尿病"
    with town.room.truth.view() as unit:
        looks = [row for row in unit.audit.list() if row.action == "entry.revealed"]
    assert [(row.actor, row.subject, row.detail) for row in looks] == [("account:zhang", one.person.id, "核对证件")]


def test_contacts_consent_service_and_tier_are_set_by_the_entrys_forms(town):
    one = town.room.file()
    base = f"/registry/{one.person.id}"
    contact = {"first_contact.name": "赵大妈", "first_contact.relation": "neighbour", "first_contact.phone": "13700000000",
               "first_contact.town_by": "民政办", "first_contact.village_by": "两委", "first_contact.appointed_on": "2024-01-05",
               "children.0.name": "李刚", "children.0.lives_in": "重庆", "why": "两委会议"}  # fmt: skip

    async def story(browser):
        refused = await browser.post(f"{base}/activate", data={"on": "2024-02-27", "version": "1", "why": "开始"})
        codes = [
            (await browser.post(f"{base}/{kind}", data=fields | {"version": str(version)})).status_code
            for version, (kind, fields) in enumerate(
                [
                    ("contacts", contact),
                    ("activate", {"on": "2024-02-27", "why": "开始服务"}),
                    (
                        "consent",
                        {
                            "purpose": "visiting",
                            "state": "given",
                            "on": "2024-02-27",
                            "by_guardian": "no",
                            "why": "签字",
                        },
                    ),
                    ("tier", {"tier": "general", "why": "与女儿同住"}),
                    ("verify", {"on": "2024-02-27", "why": "入户"}),
                    ("guardian", {"legal_capacity": "limited", "guardian.name": "李刚", "why": "判决"}),
                    ("assess", {"assessment.reaction": "较慢", "assessment.family_visits_often": "no", "why": "入户"}),
                    ("end", {"on": "2024-02-27", "why": "搬走"}),
                ],
                start=1,
            )
        ]
        child = await browser.post(
            f"{base}/child-contacts", data={"on": "2024-02-20", "channel": "wechat", "note": "视频"}
        )
        wrong = await browser.post(f"{base}/nothing", data={"version": "9", "why": "x"})
        return refused, codes, child.status_code, wrong.status_code, (await browser.get(base)).text

    refused, codes, child, wrong, page = town.tell(story)
    assert refused.status_code == 422
    assert "第一探访联系人" in refused.text
    assert (codes, child, wrong) == ([303] * 8, 303, 422)
    kept = town.room.register.all()[0].entry
    assert kept.first_contact.appointed_on.isoformat() == "2024-01-05"
    assert [one.name for one in kept.children] == ["李刚"]
    assert (kept.assessment.family_visits_often, kept.guardian.name) == (False, "李刚")
    assert "人工认定" in page
    assert "微信" in page


def test_the_refresh_page_shows_overdue_in_red_and_the_unverified_page_who_is_left(town):
    one = town.room.file()

    async def story(browser):
        before = (await browser.get("/registry/unverified")).text
        await browser.post(
            f"/registry/{one.person.id}/verify", data={"on": "2024-02-27", "version": "1", "why": "入户"}
        )
        after = (await browser.get("/registry/unverified")).text
        town.room.pass_days(183)
        return before, after, (await browser.get("/registry/refresh")).text

    before, after, refresh = town.tell(story)
    assert "已核实 0 / 1 人，0 / 1 户（0%）" in before
    assert "已核实 1 / 1 人，1 / 1 户（100%）" in after
    assert "100%" in after
    assert '<span class="late"><span class="zh">逾期' in refresh


def test_the_list_is_by_area_and_by_what_is_missing(town):
    town.room.file()
    town.room.file(msgspec.structs.replace(FORM, id_number="", name="李四"), XIHE)

    async def story(browser):
        return [
            (await browser.get(path)).text
            for path in ("/registry?area=shuren/xihe", "/registry?show=waiting", "/registry?show=help")
        ]

    xihe, waiting, needing = town.tell(story)
    assert "李*" in xihe
    assert "王*" not in xihe
    assert "李*" in waiting
    assert "王*" in waiting
    assert "王*" not in needing


def test_the_audit_page_shows_the_chain_and_where_it_is_broken(town):
    town.room.file()

    async def story(browser):
        await browser.get("/registry")
        whole = (await browser.get("/audit")).text
        with town.room.truth._writer.begin() as connection:
            connection.exec_driver_sql("UPDATE audit SET actor = 'x' WHERE number = 1")
        return whole, (await browser.get("/audit?subject=all")).text

    whole, broken = town.tell(story)
    assert "链完好" in whole
    assert "entry.created" in whole
    assert "链在第 1 行断开" in broken
    assert "entry.created" not in broken


def test_a_page_that_refreshes_itself_is_one_look_and_after_ten_minutes_another(town):
    one = town.room.file()

    async def story(browser):
        for _ in range(3):
            await browser.get(f"/registry/{one.person.id}")
        town.room.clock.advance_to_ms(town.room.clock.now_ms() + 600_000)
        await browser.get(f"/registry/{one.person.id}")
        await browser.get("/homes/h0001")

    town.tell(story)
    assert town.room.actions(one.person.id) == ["entry.created", "entry.read", "entry.read"]
    assert town.room.actions("h0001") == ["home.read"]


def test_no_text_of_a_record_can_become_markup_or_leave_the_accessible_form(town):
    nasty = {f"assessment.{name}": NASTY for name in ("reaction", "needs")} | {"why": NASTY, "version": "1"}

    async def story(browser):
        made = await browser.post("/registry/new", data=posted(name=NASTY, illness=NASTY, benefits=NASTY, why=NASTY))
        base = made.headers["location"]
        await browser.post(f"{base}/assess", data=nasty)
        texts = [(await browser.get(path)).text for path in (*PAGES, base, f"{base}/history")]
        revealed = await browser.post(f"{base}/reveal", data={"reason": NASTY})
        wrong = await browser.post(f"{base}/form", data=posted(name=NASTY, phone=NASTY, version="2"))
        return [*texts, revealed.text, wrong.text]

    for text in town.tell(story):
        assert "<script>" not in text
        Seen(text).check()
