"""The service is asked how it is by threads that do not own the rules' engine, while its own thread works."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from alarm_house import AlarmHouse, Line
from ingest_directory import DirectoryInMemory

from app.device_inbox import DeviceInbox
from app.health import Health
from app.parked_keeper import ParkedKeeper
from app.watches import Watches
from core.events import Metric, Reading
from core.ids import DeviceId, HomeId
from core.localtime import MINUTE_MS
from ingest.admission import Admission
from ingest.session import IngestSession, SessionSettings
from registry.homes import Device, DeviceRole, Home
from rules.engine import Engine
from store.parked import ParkedFile

NINE = 1_709_600_400_000
HOMES = 40
LOOKS = 60


def home(n: int) -> Home:
    gateway = device(n, "g", DeviceRole.GATEWAY, beat_ms=10 * MINUTE_MS)
    motion = device(n, "m", DeviceRole.INTERIOR_MOTION)
    return Home(id=HomeId(f"h{n}"), person_id=None, area="a/b/c", devices=(gateway, motion))


def device(n: int, letter: str, role: DeviceRole, beat_ms: int | None = None) -> Device:
    address = f"{letter}{n}"
    own_id, home_id = DeviceId(address), HomeId(f"h{n}")
    return Device(id=own_id, home_id=home_id, address=address, role=role, room="hall", heartbeat_ms=beat_ms)


def heard(n: int, at_ms: int) -> Reading:
    return Reading(HomeId(f"h{n}"), DeviceId(f"g{n}"), Metric.ONLINE, True, at_ms, at_ms)


class Town:
    """Many homes on an engine that keeps few of them awake, and the service's health beside it."""

    def __init__(self, folder, threads: ThreadPoolExecutor) -> None:
        self.engine = Engine(awake=2)
        self.house = AlarmHouse(folder, Line(api_base="", public_base_url=""), engine=self.engine)
        with self.house.truth.transaction() as unit:
            for n in range(HOMES):
                unit.people.put_home(home(n))
        self.engine.on_time(NINE)
        for n in range(HOMES):
            self.engine.set_home(home(n))
        self.parked = parked = ParkedFile(folder / "journal.sqlite")
        truth, clock = self.house.truth, self.house.clock
        self.health = Health(
            truth,
            self.house.journal,
            self.house.pipeline,
            ingest=session(self.house),
            dispatcher=self.house.dispatcher,
            projections=(),
            watches=Watches(
                truth, self.house.desk, clock=clock, zone_name="Asia/Shanghai", desk_thread=threads, threads=threads
            ),
            parked=ParkedKeeper(truth, parked, DeviceInbox(truth, parked, {}), lambda _messages, _settled: None, clock),
            clock=clock,
            is_live_calls=False,
        )


def session(house: AlarmHouse) -> IngestSession:
    return IngestSession(
        SessionSettings(client_id="ingest", port=1),
        Admission(DirectoryInMemory(), []),
        house.journal,
        house.clock,
        on_committed=lambda _seq: None,
        on_tick=lambda _tick: None,
        on_fatal=lambda _error: None,
    )


@pytest.fixture
def town(tmp_path):
    with ThreadPoolExecutor(1) as threads:
        made = Town(tmp_path, threads)
        yield made
        made.parked.close()
        made.house.truth.close()
        made.house.journal.close()


def test_figures_that_are_read_while_readings_are_taken_in_disturb_no_home(town):
    is_read = threading.Event()
    with ThreadPoolExecutor(1) as own:
        working = own.submit(work, town.engine, is_read)
        for _ in range(LOOKS):
            town.health.view()
        is_read.set()
        assert working.result(60) > 0  # entries that were taken in meanwhile; raises what broke off


def work(engine: Engine, is_over: threading.Event) -> int:
    entries = 0
    while not is_over.is_set():
        entries += 1
        at_ms = NINE + entries
        engine.on_readings(at_ms, [heard(n, at_ms) for n in range(HOMES)])
        engine.on_time(at_ms)
    return entries


def test_a_look_at_the_figures_wakes_no_home_and_counts_those_that_cannot_be_seen(town):
    engine, dark_ms = town.engine, NINE + 60 * MINUTE_MS
    for at_ms in range(NINE, dark_ms, 5 * MINUTE_MS):
        engine.on_readings(at_ms, [heard(n, at_ms) for n in range(HOMES - 3)])
    engine.on_time(dark_ms)
    awake = [kept.home.id for kept in engine._homes if kept.rules is not None]
    assert town.health.view().blind_homes == 3
    assert [kept.home.id for kept in engine._homes if kept.rules is not None] == awake
    engine.remove_home(HomeId(f"h{HOMES - 1}"))
    assert town.health.view().blind_homes == 2
