"""What an account may see is not what it may do: moved people, a village's incident, unknown devices."""

import msgspec
import pytest
from alerts_village import Village
from two_villages import FAR, NEAR, TwoVillages

from core.ids import HomeId, PersonId
from registry.access import Grant, Role

GRID = Grant(Role.GRID, f"{NEAR}/g1")


@pytest.fixture
def villages(tmp_path):
    with Village.at(tmp_path / "truth.sqlite", homes=1) as village:
        one = TwoVillages(village, tmp_path)
        yield one
        one.close()


def move_in_with_the_other(villages):
    with villages.truth.transaction() as unit:
        person = unit.people.person(PersonId("near-person"))
        unit.people.put_person(msgspec.structs.replace(person, home_id=HomeId("far-home"), area=f"{FAR}/g1"))


def records_of(villages, *grants: Grant):
    async def story(_app, browser):
        says = {"accept": "application/json"}
        path = villages.ids["visit_id"]
        return [await browser.get(f"{at}{path}", headers=says) for at in ("/records/", "/api/v1/ledger/records/")]

    return villages.as_role(list(grants), story)


def test_the_village_of_before_sees_the_record_and_not_who_lives_in_the_new_home(villages):
    move_in_with_the_other(villages)
    page, record = records_of(villages, GRID)
    assert (page.status_code, record.status_code) == (200, 200)
    assert record.json()["housemates"] == []
    assert "far-person" not in page.text + record.text
    assert "李" not in page.text + record.text


def test_the_village_of_now_sees_housemates(villages):
    move_in_with_the_other(villages)
    _, record = records_of(villages, Grant(Role.GRID, f"{FAR}/g1"))
    assert [one["person_id"] for one in record.json()["housemates"]] == ["far-person"]
