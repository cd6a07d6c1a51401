"""What a clerk sees of a village that lived for a morning and fell silent, before and after a restart."""

import asyncio
from contextlib import contextmanager

import httpx
import msgspec
import pytest
from service_process import ServiceProcess

from app.accounts import LocalAccounts
from app.demo import village_story
from app.files import DataFiles
from app.running import running_service
from app.simulation import Simulation
from core.localtime import HOUR_MS
from device_sim.village import DEMO_START_MS, Scenario, village_events

SEED = 7
MORNING_MS = 3 * HOUR_MS
PASSWORD = "right horse battery"


@pytest.fixture(scope="module")
def village(tmp_path_factory):
    service = ServiceProcess(tmp_path_factory.mktemp("village") / "data")
    truth = DataFiles(service.data_dir).open_truth()
    LocalAccounts(truth).create("zhang", PASSWORD)
    truth.close()
    service.start()
    until_ms = DEMO_START_MS + MORNING_MS
    quiet = Scenario(fall_minute=None, still_minute=None)
    messages = village_events(SEED, DEMO_START_MS, until_ms, quiet)
    story = msgspec.structs.replace(village_story(), messages=messages, until_ms=until_ms)
    asyncio.run(Simulation(service.data_dir, running_service(service.data_dir), story, speed=None).run())
    yield service
    service.stop()


@contextmanager
def clerk(service):
    with httpx.Client(base_url=f"http://127.0.0.1:{service.http_port}", timeout=60) as client:
        token = client.post("/api/v1/login", json={"name": "zhang", "password": PASSWORD}).json()["token"]
        client.headers["authorization"] = f"Bearer {token}"
        yield client


@pytest.mark.timeout(180)
def test_homes_their_days_and_any_past_minute_are_shown_and_a_restart_changes_none_of_it(village):
    with clerk(village) as desk:
        before = desk.get("/api/v1/homes").json()
        page = desk.get("/homes/h01", params={"at": "2026-03-02T08:00"}, headers={"accept": "text/html"})
        then = desk.get("/api/v1/homes/h01/explanation", params={"at_ms": DEMO_START_MS + 2 * HOUR_MS}).json()
    assert len(before) == 12
    assert {(home["mode"], home["is_blind"]) for home in before} == {("offline", True)}  # nobody sends any more
    assert all(home["learning_day"] == 1 and home["last_sign"] for home in before)
    assert page.status_code == 200
    assert "03-02 08:00:00" in page.text
    assert page.text.count('class="a"') > 0
    assert "杨*" in page.text
    assert (then["mode"] != "offline", bool(then["signs"])) == (True, True)
    village.stop()
    village.start()
    with clerk(village) as desk:
        assert desk.get("/api/v1/homes").json() == before
        assert desk.get("/api/v1/homes/h01/explanation", params={"at_ms": then["at_ms"]}).json() == then
        assert desk.get("/api/v1/health").json()["now_ms"] >= DEMO_START_MS + MORNING_MS
        assert desk.get("/homes/h01", params={"day": "2026-03-02"}).text.count('class="a"') > 0
