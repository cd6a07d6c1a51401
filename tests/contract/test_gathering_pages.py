"""Gathered lists at the desk and by the API: tried, taken, decided by plain forms, masked until a reason is given."""

import pytest
from api_browser import Seen
from gathered_lists import number, row, workbook
from people_town import PeopleTown

from api.language import LANGUAGE_COOKIE
from api.security import MAX_BODY_BYTES, MAX_UPLOAD_BYTES

NASTY = "<script>alert('x')</script>"


@pytest.fixture
def town(tmp_path):
    town = PeopleTown(tmp_path)
    yield town
    town.close()


def sent(browser, content, act="take", source="grid", **columns):
    files = {"file": ("名单.xlsx", content, "application/octet-stream")}
    return browser.post(
        "/gathering",
        data={"act": act, "source": source} | {f"column:{header}": field for header, field in columns.items()},
        files=files,
    )


def test_a_list_is_tried_then_taken_and_every_row_has_its_fate_masked(town):
    content = workbook(row(2, "王秀英"), row(4, "李桂兰", 身份证号="512222193805010021"))

    async def story(browser):
        tried = await sent(browser, content, act="try")
        none = len(town.room.register.all())
        taken = await sent(browser, content)
        return tried, none, taken, await browser.get(taken.headers["location"]), await browser.get("/gathering")

    tried, none, taken, fates, listed = town.tell(story)
    assert (tried.status_code, none, taken.status_code) == (200, 0, 303)
    assert "未作任何改动" in tried.text
    for text in (tried.text, fates.text, listed.text):
        for secret in ("王秀英", "李桂兰", number(2), "512222193805010021", "13800000002"):
            assert secret not in text
    assert "校验码不符" in fates.text
    assert "王*" in fates.text
    assert fates.text.rindex("未收") < fates.text.rindex("新增")
    assert len(town.room.register.all()) == 1


@pytest.mark.parametrize(
    ("language", "said", "unsaid"),
    [
        (
            "zh",
            ["居住地址 → 居住地址;", "工作簿，共 1 张表，第 1 张"],
            ["sheet 1 of 1", "residence.detail", "id_number"],
        ),
        ("en", ["居住地址 → residence;", "workbook, sheet 1 of 1"], ["工作簿", "residence.detail", "id_number"]),
    ],
)
def test_what_was_read_of_a_list_is_told_in_words_of_the_readers_language(town, language, said, unsaid):
    async def story(browser):
        browser.cookies.set(LANGUAGE_COOKIE, language)
        return await sent(browser, workbook(row(2, "王秀英")), act="try")

    page = town.tell(story).text
    read = page[page.index(" → ") - 20 : page.index("</p>", page.index(" → "))]
    assert all(one in read for one in said)
    assert not any(one in read for one in unsaid)


def test_a_column_that_was_not_recognised_is_named_on_the_page(town):
    content = workbook(["王秀英", number(2), "桥头村"], header=["老人姓名", "号甲", "所属村居"])

    async def story(browser):
        refused = await sent(browser, content)
        return (
            refused,
            await sent(browser, content, act="try", 号甲="id_number"),
            await sent(browser, content, 号甲="id_number"),
        )

    refused, tried, taken = town.tell(story)
    assert refused.status_code == 422
    assert "没有身份证号这一列" in refused.text
    assert 'name="column:号甲"' in refused.text
    assert 'value="id_number" selected' in tried.text
    assert taken.status_code == 303
    assert len(town.room.register.all()) == 1


def test_what_contradicts_is_seen_side_by_side_after_a_reason_and_decided_with_one(town):
    async def story(browser):
        await sent(browser, workbook(row(2, "王秀英")))
        await sent(browser, workbook(row(2, "王秀英", 居住地址="5组9号")), source="other")
        page = (await browser.get("/gathering")).text
        bare = await browser.post("/gathering/conflicts", data={"reason": ""})
        shown = await browser.post("/gathering/conflicts", data={"reason": "逐条核对"})
        action = next(form["action"] for form in Seen(shown.text).forms if "conflicts/" in form["action"])
        done = await browser.post(action, data={"decided": "offered", "why": "电话核对", "reason": "逐条核对"})
        again = await browser.post(action, data={"decided": "kept", "why": "电话核对", "reason": "逐条核对"})
        return page, bare, shown, done, again

    page, bare, shown, done, again = town.tell(story)
    assert "5组9号" not in page
    assert (bare.status_code, again.status_code) == (422, 409)
    assert "3组2号" in shown.text
    assert "5组9号" in shown.text
    assert "没有待决定的" in done.text
    assert town.room.register.all()[0].person.address == "5组9号"
    assert town.room.actions("conflicts") == ["conflicts.revealed", "conflicts.revealed"]


def test_a_file_that_is_no_list_is_told_on_the_page_and_nothing_is_taken(town):
    async def story(browser):
        wrong = await sent(browser, b"PK\x03\x04broken")
        nothing = await browser.post("/gathering", data={"act": "take", "source": "grid"})
        return wrong, nothing.status_code

    wrong, nothing = town.tell(story)
    assert (wrong.status_code, nothing) == (422, 422)
    assert "cannot be read" in wrong.text
    assert town.room.actions() == []


def test_r15_who_was_not_met_is_accounted_for_with_how_that_is_known(town):
    async def story(browser):
        await sent(browser, workbook(row(2, "王秀英", 居住地址="3组7号"), row(4, "李桂兰", 居住地址="3组7号")))
        before = (await browser.get("/registry/unverified")).text
        one, other = (filed.person.id for filed in town.room.register.all())
        await browser.post(f"/gathering/verifications/{one}", data={"outcome": "moved", "why": "邻居告知"})
        half = (await browser.get("/registry/unverified")).text
        await browser.post(f"/registry/{other}/verify", data={"on": "2024-02-27", "version": "1", "why": "入户"})
        return before, half, (await browser.get("/registry/unverified")).text

    before, half, after = town.tell(story)
    assert "已核实 0 / 2 人，0 / 1 户（0%）" in before
    assert "已核实 1 / 2 人，0 / 1 户（50%）" in half
    assert "已核实 2 / 2 人，1 / 1 户（100%）" in after


def test_r15_a_newer_list_asks_for_its_people_again_whatever_became_of_the_one_before(town):
    async def story(browser):
        await sent(browser, workbook(row(2, "王秀英"), row(4, "李桂兰")))
        one, other = (filed.person.id for filed in town.room.register.all())
        await browser.post(f"/gathering/verifications/{one}", data={"outcome": "not_found", "why": "邻居告知"})
        await browser.post(f"/registry/{other}/verify", data={"on": "2024-02-27", "version": "1", "why": "入户"})
        done = (await browser.get("/registry/unverified")).text
        town.room.pass_days(1)
        await sent(browser, workbook(row(2, "王秀英"), row(4, "李桂兰")), source="health")
        asked = (await browser.get("/registry/unverified")).text
        for who in (one, other):
            await browser.post(f"/gathering/verifications/{who}", data={"outcome": "moved", "why": "邻居告知"})
        return done, asked, (await browser.get("/registry/unverified")).text

    done, asked, again = town.tell(story)
    assert "已核实 2 / 2 人，2 / 2 户（100%）" in done
    assert "已核实 0 / 2 人，0 / 2 户（0%）" in asked
    assert "已核实 2 / 2 人，2 / 2 户（100%）" in again


def test_no_text_of_a_list_can_become_markup(town):
    header = ["姓名", "身份证号", "居住地址", NASTY]

    async def story(browser):
        taken = await sent(browser, workbook([NASTY, number(2), NASTY, NASTY], ["x", NASTY, "", ""], header=header))
        await sent(browser, workbook([NASTY, number(2), f"{NASTY}2", NASTY], header=header))
        texts = [(await browser.get(taken.headers["location"])).text, (await browser.get("/gathering")).text]
        texts.append((await browser.post("/gathering/conflicts", data={"reason": NASTY})).text)
        texts.append((await sent(browser, workbook([NASTY, number(2), "", ""], header=header), act="try")).text)
        return texts

    for text in town.tell(story):
        assert "<script>" not in text
        Seen(text).check()


def test_the_api_tries_by_default_takes_when_told_and_keeps_what_contradicts_masked(town):
    async def story(client):
        base = "/api/v1/gathering"
        tried = await client.post(f"{base}?source=grid", content=workbook(row(2, "王秀英")))
        taken = await client.post(f"{base}?source=grid&dry_run=false", content=workbook(row(2, "王秀英")))
        await client.post(f"{base}?source=other&dry_run=false", content=workbook(row(2, "王秀英", 居住地址="5组9号")))
        conflicts = await client.get(f"{base}/conflicts")
        body = {"decided": "kept", "why": "与本人核对"}
        decided = await client.post(f"{base}/conflicts/{conflicts.json()[0]['conflict_id']}", json=body)
        person_id = town.room.register.all()[0].person.id
        closed = await client.post(
            f"{base}/verifications/{person_id}", json={"outcome": "not_found", "why": "查无此人"}
        )
        listed = await client.get(base)
        one = await client.get(f"{base}/{listed.json()[0]['gathering_id']}")
        wrong = await client.post(f"{base}?source=grid", content=b"not a list")
        return tried, taken, conflicts, decided, closed, listed, one, wrong

    tried, taken, conflicts, decided, closed, listed, one, wrong = town.ask(story)
    assert (tried.json()["gathering_id"], taken.json()["rows"][0]["fate"]) == ("", "new")
    assert [(c["field"], c["label"]["zh"]) for c in conflicts.json()] == [("residence.detail", "居住地址")]
    assert (decided.status_code, closed.status_code, len(listed.json())) == (204, 204, 2)
    assert (wrong.status_code, wrong.json()["code"]) == (422, "validation")
    for answer in (tried, taken, conflicts, listed, one):
        for secret in ("王秀英", number(2), "5组9号", "3组2号"):
            assert secret not in answer.text


def test_a_list_may_be_larger_than_any_other_body_and_has_a_limit_too(town):
    async def story(client):
        large = await client.post("/api/v1/gathering?source=grid", content=b"x" * (MAX_BODY_BYTES * 2))
        other = await client.post("/api/v1/register", content=b"x" * (MAX_BODY_BYTES + 1))
        too_large = await client.post("/api/v1/gathering?source=grid", content=b"x" * (MAX_UPLOAD_BYTES + 1))
        return large.status_code, other.status_code, too_large.status_code

    assert town.ask(story) == (422, 413, 413)
