"""Unknown devices and parked messages on their pages and in the API: one click adopts, one rejects, one reads again."""

import pytest
from api_browser import Seen, submit
from api_console import Desk, run
from api_devices import parked_detail, waiting_device
from api_village import NOW_MS

from api.device_views import RefusedView, UnheardView
from api.home_views import DeviceView
from registry.devices import InboxState
from registry.homes import DeviceRole

ADDRESS = "zigbee2mqtt/h0001/pir"


def test_one_click_adopts_a_device_with_what_the_page_suggests():
    async def story():
        desk = Desk()
        async with desk.clerk() as browser:
            answer, after = await submit(browser, "/devices/inbox", "/devices/inbox/adopt", role="interior_motion")
            return answer, after.text, desk.console.adopted, (await browser.get("/devices/inbox")).text

    answer, after, adopted, empty = run(story())
    assert answer.headers["location"] == "/homes/h0001#devices-title"
    assert "h0001" in after
    ((home_id, adoption, account, is_anyway),) = adopted
    assert (home_id, adoption.address, adoption.role) == ("h0001", ADDRESS, DeviceRole.INTERIOR_MOTION)
    assert (account, is_anyway) == ("zhang", False)
    assert ADDRESS not in empty


def test_the_page_says_what_a_device_told_of_itself_and_chooses_its_probable_role():
    async def story():
        desk = Desk()
        async with desk.clerk() as browser:
            return (await browser.get("/devices/inbox")).text

    text = run(story())
    for told in (ADDRESS, "Zigbee2MQTT", "Aqara", "3.0", "motion", "battery", "<dd>7</dd>", "h0002 shuren/xihe/g2"):
        assert told in text
    options = [attributes for tag, attributes in Seen(text).tags if tag == "option" and "selected" in attributes]
    assert [one["value"] for one in options] == ["interior_motion"]


def test_who_may_not_decide_sees_the_devices_and_who_decides_and_no_button():
    async def story():
        desk = Desk()
        desk.console.onlookers = {"zhang"}
        async with desk.clerk() as browser:
            return (await browser.get("/devices/inbox")).text

    text = run(story())
    assert ADDRESS in text
    assert "镇民政办" in text
    assert "/devices/inbox/adopt" not in text
    assert "/devices/inbox/reject" not in text


def test_a_device_that_is_not_on_the_allow_list_needs_a_tick_more():
    async def story():
        desk = Desk()
        desk.console.inbox_rows = {ADDRESS: waiting_device(is_allowed=False)}
        async with desk.clerk() as browser:
            form = {"address": ADDRESS, "home_id": "h0001", "role": "leak"}
            refused = await browser.post("/devices/inbox/adopt", data=form)
            taken = await browser.post("/devices/inbox/adopt", data={**form, "is_anyway": "true"})
            return refused.status_code, taken.status_code

    assert run(story()) == (409, 303)


def test_one_click_rejects_a_device():
    async def story():
        desk = Desk()
        async with desk.clerk() as browser:
            await submit(browser, "/devices/inbox", "/devices/inbox/reject")
            shown = (await browser.get("/devices/inbox?state=rejected")).text
            return desk.console.inbox_rows[ADDRESS].state, shown

    state, shown = run(story())
    assert state is InboxState.REJECTED
    assert "account:zhang" in shown


def test_what_the_broker_refused_stands_beside_what_is_parked_and_says_that_nothing_of_it_is_kept():
    async def story():
        desk = Desk()
        refused = RefusedView(client="box-7", topic="home/<b>/x", count=41, last_ms=NOW_MS)
        desk.console.refused = desk.console.refused.model_copy(update={"refused": [refused]})
        async with desk.clerk() as browser:
            ours = (await browser.get("/parked")).text
            desk.console.refused = desk.console.refused.model_copy(update={"is_ours": False, "refused": []})
            return ours, (await browser.get("/parked")).text

    ours, theirs = run(story())
    for told in ("box-7", "home/&lt;b&gt;/x", "41", "内容不留", "nothing of it is kept", "remedy"):
        assert told in ours
    assert "The broker is your own" not in ours
    assert "The broker is your own: what it refused stands in its own log" in theirs
    assert "Announced topics" not in ours + theirs


def test_an_announced_topic_that_a_broker_keeps_from_the_service_stands_on_the_page_of_parked_messages():
    async def story():
        desk = Desk()
        unheard = [UnheardView(broker="north", topic="home/<b>/state")]
        desk.console.refused = desk.console.refused.model_copy(update={"is_ours": False, "unheard": unheard})
        async with desk.clerk() as browser:
            return (await browser.get("/parked")).text

    shown = run(story())
    assert "Announced topics that the broker does not let the service hear" in shown
    assert "north: <code>home/&lt;b&gt;/state</code>" in shown


def test_a_parked_message_is_shown_cut_and_escaped_and_can_be_read_again_from_its_page():
    async def story():
        desk = Desk()
        desk.console.parked_rows = {1: parked_detail("<b>00 ff</b>", is_text=False, is_cut=True)}
        async with desk.clerk() as browser:
            text = (await browser.get("/parked/1")).text
            answer, _ = await submit(browser, "/parked/1", "/parked/1/retry")
            missing = await browser.get("/parked/2")
            return text, answer.headers["location"], desk.console.retried, missing.status_code

    text, location, retried, missing = run(story())
    assert "&lt;b&gt;00 ff&lt;/b&gt;" in text
    assert "十六进制" in text
    assert "只显示开头" in text
    assert (location, retried, missing) == ("/parked/1", [1], 404)


def test_a_message_that_was_read_since_says_where_and_cannot_be_read_again():
    async def story():
        desk = Desk()
        desk.console.parked_rows = {1: parked_detail(entry_seq=42)}
        async with desk.clerk() as browser:
            return (await browser.get("/parked/1")).text

    text = run(story())
    assert "journal entry 42" in text
    assert "/parked/1/retry" not in text


def test_a_program_adopts_rejects_and_asks_for_reading_again():
    async def story():
        desk = Desk()
        async with desk.program() as client:
            inbox = (await client.get("/api/v1/devices/inbox")).json()
            rejected = (await client.post("/api/v1/devices/inbox/reject", json={"address": ADDRESS})).json()
            body = {"address": ADDRESS, "home_id": "h0001", "role": "leak", "units": {"C1": "10 L"}}
            adopted = await client.post("/api/v1/devices/inbox/adopt", json=body)
            nowhere = await client.post("/api/v1/devices/inbox/adopt", json={**body, "home_id": "h9"})
            again = await client.post("/api/v1/parked/retry", json={"parked_ids": [1, 2]})
            counts = (await client.get("/api/v1/parked/counts")).json()
            one = (await client.get("/api/v1/parked/1")).json()
            return inbox, rejected, adopted, nowhere, again, counts, one, desk.console.adopted

    inbox, rejected, adopted, nowhere, again, counts, one, calls = run(story())
    assert inbox["devices"][0]["address"] == ADDRESS
    assert rejected["state"] == "rejected"
    assert adopted.json() == {"device_id": "h0001/pir"}
    assert calls[0][1].units == {"C1": "10 L"}
    assert (nowhere.status_code, nowhere.json()["code"]) == (404, "not_found")
    assert (again.status_code, again.json()) == (202, {"asked": 1})
    assert len(counts) == 9
    assert one["payload_text"] == "not json"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("devices/inbox/adopt", {"address": "", "home_id": "h1", "role": "leak"}),
        ("devices/inbox/adopt", {"address": "a", "home_id": "h 1", "role": "leak"}),
        ("devices/inbox/adopt", {"address": "a", "home_id": "h1", "role": "toaster"}),
        ("devices/inbox/reject", {"address": "a" * 301}),
        ("parked/retry", {"parked_ids": []}),
        ("parked/retry", {"parked_ids": [0]}),
    ],
)
def test_what_makes_no_sense_is_refused(path, body):
    async def story():
        desk = Desk()
        async with desk.program() as client:
            return (await client.post(f"/api/v1/{path}", json=body)).status_code

    assert run(story()) == 422


@pytest.mark.parametrize("path", ["/devices/inbox", "/parked", "/parked/1"])
def test_nobody_sees_devices_or_messages_without_a_login(path):
    async def story():
        desk = Desk()
        async with desk.browser() as browser:
            return await browser.get(path)

    answer = run(story())
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")


def test_the_page_of_a_home_shows_what_its_devices_are_and_how_long_their_batteries_last():
    async def story():
        desk = Desk()

        async def devices(home_id):
            told = {"model": "RTCGQ11LM", "maker": "Aqara", "firmware": "3000-0001", "learned_limit_ms": 10_800_000}
            role = DeviceRole.INTERIOR_MOTION
            return [DeviceView(device_id="h0001/pir", home_id=home_id, role=role, battery_days_left=41, **told)]

        desk.console.devices = devices
        async with desk.clerk() as browser:
            return (await browser.get("/homes/h0001")).text

    text = run(story())
    for told in ("Aqara RTCGQ11LM", "3000-0001", "约剩 41 天", "about 41 days left", "missed after 3 h 0 min"):
        assert told in text


def test_a_walk_through_a_home_turns_each_sensor_green_that_is_heard_since_it_began():
    async def story():
        desk = Desk()
        role = DeviceRole.INTERIOR_MOTION
        rows = [
            DeviceView(device_id="h0001/pir", home_id="h0001", role=role, last_heard_ms=NOW_MS),
            DeviceView(device_id="h0001/door", home_id="h0001", role=role, last_heard_ms=NOW_MS - 1),
            DeviceView(device_id="h0001/leak", home_id="h0001", role=role),
        ]

        async def devices(home_id):
            return rows

        desk.console.devices = devices
        async with desk.clerk() as browser:
            begun = await browser.get("/homes/h0001/walk")
            return begun, await browser.get(begun.headers["location"])

    begun, shown = run(story())
    assert begun.headers["location"] == f"/homes/h0001/walk?since_ms={NOW_MS}"
    assert "1 / 3" in shown.text
    assert (shown.text.count("已听到"), shown.text.count("还没有")) == (1, 2)
    assert shown.headers["refresh"] == "3"
