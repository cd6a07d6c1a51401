"""Writing a visit down at the desk: somebody is found by name, a refused form comes back whole, each error by its name."""

import pytest
from api_browser import Seen, submit
from api_console import run
from ledger_office import VISIT, LedgerOffice
from ledger_town import VILLAGE

from registry.areas import Area, AreaTree


@pytest.fixture
def office(tmp_path):
    office = LedgerOffice(tmp_path)
    with office.town.truth.transaction() as unit:
        unit.entries.put_areas(
            AreaTree([Area("shuren", "树人镇"), Area(VILLAGE, "桥头村"), Area(f"{VILLAGE}/g1", "一组")])
        )
    yield office
    office.close()


def posted(office, **fields):
    async def story():
        async with office.desk.clerk() as browser:
            return await browser.post(
                "/records/new", data=VISIT | {"needs": ["daily_care"], "advice": "每周陪聊"} | fields
            )

    return run(story())


@pytest.mark.parametrize(
    ("fields", "status", "title"),
    [
        ({"person_id": "h0123"}, 404, "没有找到"),
        ({"started_at": "2024-02-09T10:00"}, 422, "填写有误"),
        ({"started_at": "soon"}, 422, "填写有误"),
        ({"gas": "perhaps"}, 422, "填写有误"),
    ],
)
def test_a_refused_visit_comes_back_as_it_was_typed_with_the_reason(office, fields, status, title):
    answer = posted(office, **fields)
    assert answer.status_code == status
    page = Seen(answer.text)
    page.check()
    assert title in answer.text
    assert "已有人先处理" not in answer.text
    told = page.form("/records/new")["fields"]
    assert told["person_id"] == fields.get("person_id", "p1")
    assert told["started_at"] == fields.get("started_at", VISIT["started_at"])
    assert "每周陪聊" in answer.text
    assert 'value="good" selected' in answer.text
    assert office.town.truth is not None


def test_somebody_is_found_by_name_home_or_village_and_the_form_is_filled_in(office):
    async def story():
        async with office.desk.clerk() as browser:
            shown = [
                (await browser.post("/records/find", data={"find": text})).text for text in ("王2", "h2", "桥头", "无")
            ]
            return shown, await submit(browser, "/records/new?person_id=p1", "/records/new", **VISIT)

    (by_name, by_home, by_village, nobody), (_, draft) = run(story())
    assert "person_id=p2" in by_name
    assert "person_id=p1" not in by_name
    assert "person_id=p3" in by_home
    assert all(f"person_id=p{number}" in by_village for number in (1, 2, 3))
    assert "nobody found" in nobody
    assert "王2" not in by_village  # masked
    assert "草稿" in draft.text


def test_the_person_and_the_due_list_lead_to_the_form(office):
    async def story():
        async with office.desk.clerk() as browser:
            return [(await browser.get(path)).text for path in ("/standing/p1", f"/due?month=2024-02&area={VILLAGE}")]

    for text in run(story()):
        assert "/records/new?person_id=p1" in text
