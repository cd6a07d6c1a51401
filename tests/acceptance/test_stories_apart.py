"""A story is played on a data directory of its own: its made-up people never come among real ones."""

import asyncio

import msgspec
import pytest
from command_line import HOME, printed, shouwang_apart
from service_process import ServiceProcess

from app.demo import village_story
from app.files import DataFiles
from app.running import running_service
from app.simulation import Simulation, refuse_strangers, register
from core.errors import ConfigurationError
from core.localtime import MINUTE_MS
from device_sim.village import DEMO_START_MS, Scenario, village_events

VILLAGE = village_story().registrations


@pytest.fixture
def truth(tmp_path):
    truth = DataFiles(tmp_path).open_truth()
    yield truth
    truth.close()


def refused(truth) -> str:
    with pytest.raises(ConfigurationError) as told:
        refuse_strangers(truth, VILLAGE, "data_dir here")
    return str(told.value)


def test_a_story_finds_its_own_people_again(truth):
    refuse_strangers(truth, VILLAGE, "data_dir here")
    register(truth, VILLAGE)
    refuse_strangers(truth, VILLAGE, "data_dir here")


def test_a_real_home_among_them_is_refused_by_its_id_with_directory_and_remedy(truth, tmp_path):
    register(truth, VILLAGE)
    (tmp_path / "home.toml").write_text(HOME, "utf-8")
    printed("registry", "add", str(tmp_path / "home.toml"), data_dir=tmp_path)
    said = refused(truth)
    assert "h0123" in said
    assert "data_dir here" in said
    assert "use another --data-dir" in said
    assert "李秀英" not in said


def test_a_person_of_a_list_who_has_no_home_yet_is_refused_too(truth):
    person = msgspec.structs.replace(VILLAGE[0].person, id="p-99", home_id="")
    with truth.transaction() as unit:
        unit.people.put_person(person)
    assert "p-99" in refused(truth)


def test_a_real_person_under_an_id_of_the_story_is_not_written_over(truth):
    real = msgspec.structs.replace(VILLAGE[0].person, name="李秀英", phone="+8613800000000")
    register(truth, [msgspec.structs.replace(VILLAGE[0], person=real)])
    assert real.id in refused(truth)


def test_no_story_is_played_and_no_driven_clock_started_on_data_of_real_time(tmp_path):
    service = ServiceProcess(tmp_path / "data", clock="system")
    service.start()
    service.stop()
    played = shouwang_apart("sim", "--data-dir", "data", cwd=tmp_path)
    assert played.returncode == 2
    assert "use another --data-dir" in played.stderr
    (tmp_path / "data" / "service.json").unlink()  # what tells of the last start is not the only witness
    done = shouwang_apart("serve", "--clock", "driven", "--data-dir", "data", cwd=tmp_path)
    assert done.returncode == 2
    assert "real time" in done.stderr
    assert "use another --data-dir" in done.stderr


@pytest.mark.long
@pytest.mark.timeout(600)
def test_a_story_is_played_twice_on_its_own_directory_and_refused_once_a_real_home_is_there(tmp_path):
    service = ServiceProcess(tmp_path / "data")
    service.start()
    try:
        play(service, 0)
        play(service, 80)  # from before the end of the first, which came after an hour and a half
        (tmp_path / "home.toml").write_text(HOME, "utf-8")
        printed("registry", "add", str(tmp_path / "home.toml"), data_dir=tmp_path / "data")
        done = shouwang_apart("sim", "--speed", "max", "--data-dir", "data", cwd=tmp_path)
        assert done.returncode == 2
        assert "h0123" in done.stderr
    finally:
        service.end()


def play(service, from_minute):
    from_ms = DEMO_START_MS + from_minute * MINUTE_MS
    until_ms = from_ms + 5 * MINUTE_MS
    messages = village_events(7, from_ms, until_ms, Scenario(fall_minute=None, still_minute=None))
    story = msgspec.structs.replace(village_story(), messages=messages, start_ms=from_ms, until_ms=until_ms)
    asyncio.run(Simulation(service.data_dir, running_service(service.data_dir), story, speed=None).run())
