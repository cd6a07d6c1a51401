"""What an account may see is not what it may do: moved people, a village's incident, unknown devices."""

import msgspec
import pytest
from alerts_village import incident
from two_villages import FAR, NEAR

from api.language import LANGUAGE_COOKIE
from core.ids import HomeId, PersonId
from registry.access import DEED_WORDS, Deed, Grant, Role

GRID, WHOLE, DUTY = Grant(Role.GRID, f"{NEAR}/g1"), Grant(Role.GRID, NEAR), Grant(Role.DUTY)


def with_language(browser, language):
    return "; ".join([f"{LANGUAGE_COOKIE}={language}", *(f"{name}={value}" for name, value in browser.cookies.items())])


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


def acts_on_the_village(villages, *grants: Grant):
    """Return what reading a village's incident answers, and what each act upon it does."""
    outage = incident()
    villages.village.take(outage)
    with villages.truth.view() as unit:
        alert = unit.alerts.open_of_home(outage.home_id, is_ticket=False)
    api, page = f"/api/v1/alerts/{alert.id}", f"/alerts/{alert.id}"

    async def story(_app, browser):
        seen = [await browser.get(path) for path in (api, f"{api}/homes", page)]
        version, why = alert.version, {"reason": "核对电话"}
        closing = {"outcome": "hazard_removed", "version": version, "note": "已来电"}
        done = [
            await browser.post(f"{page}/reveal", data=why),
            await browser.post(f"{api}/reveal", json=why),
            await browser.post(f"{page}/acknowledge", data={"version": version, "idempotency_key": "k1"}),
            await browser.post(f"{api}/acknowledge", json={"version": version}),
            await browser.post(f"{page}/close", data=closing),
            await browser.post(f"{api}/close", json=closing),
        ]
        return [one.status_code for one in seen], [one.status_code for one in done]

    return villages.as_role(list(grants), story)


def test_one_grids_worker_reads_of_a_villages_incident_and_acts_on_none_of_it(villages):
    assert acts_on_the_village(villages, GRID) == ([200] * 3, [403] * 6)


@pytest.mark.parametrize("grant", [WHOLE, Grant(Role.VILLAGE, NEAR), DUTY])
def test_who_watches_over_the_whole_village_acts_on_its_incident(villages, grant):
    seen, done = acts_on_the_village(villages, grant)
    assert seen == [200] * 3
    assert 403 not in done
    assert done[:2] == [200, 200]


def taken_devices(villages, *grants: Grant):
    async def story(_app, browser):
        adoption = {"address": "a/new", "home_id": "near-home", "role": "interior_motion"}
        return [
            (await browser.post("/devices/inbox/adopt", data=adoption)).status_code,
            (await browser.post("/api/v1/devices/inbox/adopt", json=adoption)).status_code,
            (await browser.post("/devices/inbox/adopt", data=adoption | {"home_id": "nobodys"})).status_code,
            (await browser.post("/devices/inbox/reject", data={"address": "a/new"})).status_code,
            (await browser.post("/api/v1/devices/inbox/reject", json={"address": "a/new"})).status_code,
        ]

    return villages.as_role(list(grants), story)


def test_a_duty_desk_sees_unknown_devices_and_takes_none_into_a_home(villages):
    assert taken_devices(villages, DUTY) == [403] * 5


def test_who_keeps_the_register_takes_a_device_into_a_home(villages):
    assert 403 not in taken_devices(villages, Grant(Role.TOWN))


def test_a_duty_desk_whose_clerk_keeps_one_grid_takes_devices_into_that_grids_homes(villages):
    assert taken_devices(villages, DUTY, GRID)[2:] == [403] * 3
    assert 403 not in taken_devices(villages, DUTY, GRID)[:2]


def test_what_a_role_does_not_allow_is_said_in_words_of_both_languages(villages):
    async def story(_app, browser):
        return [
            await browser.get("/api/v1/homes/far-home", headers={"accept": "application/json"}),
            await browser.get("/homes/far-home"),
            await browser.get("/homes/far-home", headers={"cookie": with_language(browser, "zh")}),
            await browser.get("/homes/far-home", headers={"cookie": with_language(browser, "en")}),
        ]

    home, both, chinese, english = villages.as_role([GRID], story)
    assert {answer.status_code for answer in (home, both, chinese, english)} == {403}
    assert home.json()["detail"] == (
        "您在此处无权查看住户和处理报警 / your role or area does not allow seeing homes and handling alerts"
    )
    assert (
        "您在此处无权查看住户和处理报警 / your role or area does not allow seeing homes and handling alerts"
        in both.text
    )
    assert "您在此处无权查看住户和处理报警" in chinese.text
    assert "does not allow seeing homes" not in chinese.text
    assert "您在此处无权" not in english.text


def test_every_deed_has_words():
    assert set(DEED_WORDS) == set(Deed)


def test_what_nobody_knows_is_said_in_both_languages(villages):
    async def story(_app, browser):
        says = {"accept": "application/json"}
        return [await browser.get(f"/api/v1/{path}", headers=says) for path in ("alerts/nosuch", "homes/h0200")]

    alert, home = villages.as_role([Grant(Role.TOWN)], story)
    assert (alert.status_code, alert.json()["detail"]) == (404, "没有此报警 nosuch / no alert nosuch")
    assert (home.status_code, home.json()["detail"]) == (404, "没有此住户 h0200 / no home h0200")
