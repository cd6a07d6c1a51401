"""Roles at the register's pages and API: everybody sees and does what the role allows in the area, and no more."""

import asyncio

import msgspec
import pytest
from gathered_lists import row, workbook
from ledger_kit import FORM
from people_town import XIHE, PeopleTown
from register_kit import GRID

from app.accounts import LocalAccounts
from core.errors import ConflictError
from registry.access import Grant, Role


class Town(PeopleTown):
    """One person in each village, and an account whose roles a test gives."""

    def __init__(self, folder) -> None:
        super().__init__(folder)
        self.accounts = LocalAccounts(self.room.truth)
        self.accounts.create("zhang", "right horse battery")
        self.near = self.room.file()
        self.far = self.room.file(msgspec.structs.replace(FORM, id_number="", name="李四"), XIHE)

    def as_role(self, grants, story):
        self.accounts.grant("zhang", grants, "cli:root")
        return self.tell(story)


@pytest.fixture
def town(tmp_path):
    town = Town(tmp_path)
    yield town
    town.close()


def test_r9_a_village_sees_and_changes_its_own_people_and_nobody_elses(town):
    near, far = f"/registry/{town.near.person.id}", f"/registry/{town.far.person.id}"
    verify = {"on": "2024-02-27", "version": "1", "why": "入户"}

    async def story(browser):
        return [
            (await browser.get("/registry")).text,
            [(await browser.get(path)).status_code for path in (near, far, f"{near}/history", f"{far}/history")],
            [(await browser.post(f"{path}/reveal", data={"reason": "核对"})).status_code for path in (near, far)],
            [(await browser.post(f"{path}/verify", data=verify)).status_code for path in (near, far)],
        ]

    listed, seen, revealed, changed = town.as_role([Grant(Role.VILLAGE, "shuren/qiaotou")], story)
    assert "王*" in listed
    assert "李*" not in listed
    assert (seen, revealed, changed) == ([200, 403, 200, 403], [200, 403], [303, 403])
    assert town.room.actions(town.far.person.id) == ["entry.created"]


def test_a_grid_worker_keeps_records_and_decides_nothing(town):
    base = f"/registry/{town.near.person.id}"

    async def story(browser):
        tier = await browser.post(f"{base}/tier", data={"tier": "general", "version": "1", "why": "x1"})
        begun = await browser.post(f"{base}/activate", data={"on": "2024-02-27", "version": "1", "why": "x1"})
        child = await browser.post(f"{base}/child-contacts", data={"on": "2024-02-20", "channel": "phone"})
        audit = await browser.get("/audit")
        files = {"file": ("x.xlsx", workbook(row(2, "王秀英")), "application/octet-stream")}
        taken = await browser.post("/gathering", data={"act": "take", "source": "grid"}, files=files)
        return [answer.status_code for answer in (tier, begun, child, audit, taken)], audit.text

    codes, text = town.as_role([Grant(Role.GRID, GRID)], story)
    assert codes == [403, 403, 303, 403, 403]
    assert "您的角色或片区无此权限" in text


def test_nobody_moves_a_person_into_an_area_that_is_not_theirs(town):
    form = msgspec.json.decode(msgspec.json.encode(FORM))
    body = {"command": {"kind": "form", "form": form, "area": XIHE}, "version": 1, "why": "搬家"}
    town.accounts.grant("zhang", [Grant(Role.VILLAGE, "shuren/qiaotou")], "cli:root")

    async def story():
        async with town.desk.program() as client:
            moved = await client.post(f"/api/v1/register/{town.near.person.id}/changes", json=body)
            made = await client.post("/api/v1/register", json={"form": form, "area": XIHE, "why": "x1"})
            return moved.json()["code"], made.json()["code"]

    assert asyncio.run(asyncio.wait_for(story(), 60)) == ("forbidden", "forbidden")


def test_an_auditor_sees_the_chain_and_nobodys_record(town):
    async def story(browser):
        listed = (await browser.get("/registry")).text
        return (
            listed,
            (await browser.get("/audit")).status_code,
            (await browser.get(f"/registry/{town.near.person.id}")).status_code,
        )

    listed, audit, entry = town.as_role([Grant(Role.AUDITOR)], story)
    assert "王*" not in listed
    assert (audit, entry) == (200, 403)


def test_a_village_decides_what_contradicts_of_its_own_people_only(town):
    async def gather(browser):
        for address in ("3组2号", "5组9号"):
            content = workbook(row(6, "赵淑珍", 村="", 网格="", 居住地址=address))
            files = {"file": ("x.xlsx", content, "application/octet-stream")}
            await browser.post("/gathering", data={"act": "take", "source": "grid"}, files=files)

    async def look(browser):
        return (await browser.post("/gathering/conflicts", data={"reason": "核对"})).text

    town.as_role([Grant(Role.TOWN)], gather)
    with town.room.truth.view() as unit:
        conflict = unit.gathering.conflicts()[0]

    async def decide(browser):
        form = {"decided": "kept", "why": "x1", "reason": "核对"}
        return (await browser.post(f"/gathering/conflicts/{conflict.id}", data=form)).status_code

    village = [Grant(Role.VILLAGE, "shuren/qiaotou")]
    assert "5组9号" not in town.as_role(village, look)
    assert town.as_role(village, decide) == 403
    assert "5组9号" in town.as_role([Grant(Role.TOWN)], look)
    assert town.as_role([Grant(Role.TOWN)], decide) == 200


def test_a_role_that_is_taken_away_is_gone_at_once_and_the_granting_is_in_the_chain(town):
    async def story(browser):
        first = (await browser.get("/audit")).status_code
        town.accounts.grant("zhang", [Grant(Role.GRID, GRID)], "cli:root")
        return first, (await browser.get("/audit")).status_code

    assert town.as_role([Grant(Role.TOWN)], story) == (200, 403)
    assert town.room.actions("account:zhang") == ["account.added", "account.granted", "account.granted"]
    assert town.accounts.grants("zhang") == [Grant(Role.GRID, GRID)]
    with pytest.raises(ConflictError):
        town.accounts.grant("nobody", [], "cli:root")
