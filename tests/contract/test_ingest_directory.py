"""The directory over a real registry: addresses of every convention, parts, install records, and changes taken up."""

from contextlib import closing

import pytest
from fixture_rows import NOW_MS
from pysqlite3 import dbapi2 as sqlite
from typer.testing import CliRunner

from app.cli import app
from app.directory import RegistryDirectory
from app.files import DataFiles
from app.simulation import register
from core.errors import ConfigurationError
from core.log import ParkReason
from device_sim.sensor_map import parse_sensor_map
from ingest.admission import Admission

HOME = """
[home]
id = "h1"
[sensor]
pir = { role = "interior_motion", address = "zigbee2mqtt/h1/pir" }
board = { role = "gateway", address = "tasmota/board", units = { Switch1 = "not open", C1 = "10 L" } }
leak = { role = "leak", address = "tasmota/board/Switch2", units = { Switch2 = "wet" } }
door = { role = "outside_door" }
"""


@pytest.fixture
def truth(tmp_path):
    truth = DataFiles(tmp_path).open_truth()
    register(truth, [parse_sensor_map(HOME, where="home.toml").registration])
    yield truth
    truth.close()


def heard(door, topic, payload, at_ms=NOW_MS):
    readings, parked = door.admit(topic, payload, retain=False, received_at_ms=at_ms)
    return {(one.device_id, one.metric.value): one.value for one in readings}, parked and parked.reason


def test_each_sensor_is_found_at_the_address_of_its_convention_and_a_part_before_its_whole(truth):
    door = Admission(RegistryDirectory(truth))
    assert heard(door, "zigbee2mqtt/h1/pir", b'{"occupancy":true}') == ({("h1/pir", "motion"): True}, None)
    assert heard(door, "care/h1/door/event", b'{"open":true}') == ({("h1/door", "open"): True}, None)
    said = b'{"Switch1":"ON","Switch2":"ON","COUNTER":{"C1":7}}'
    assert heard(door, "tele/board/SENSOR", said) == (
        {("h1/board", "open"): False, ("h1/leak", "wet"): True, ("h1/board", "water_total"): 70.0},
        None,
    )


def test_what_is_registered_of_a_message_is_kept_and_the_message_parked_for_the_rest(truth):
    door = Admission(RegistryDirectory(truth))
    pack = b'[{"bn":"","n":"open","vb":true},{"n":"stranger/open","vb":true}]'
    assert heard(door, "care/h1/door/senml", pack) == ({("h1/door", "open"): True}, ParkReason.UNKNOWN_DEVICE)


def test_a_changed_install_record_is_taken_up_by_a_running_service(truth):
    directory = RegistryDirectory(truth, look_again_s=0.0)
    door = Admission(directory)
    assert heard(door, "tele/board/SENSOR", b'{"Switch1":"ON"}')[0] == {("h1/board", "open"): False}
    changed = HOME.replace("not open", "open")
    register(truth, [parse_sensor_map(changed, where="home.toml").registration])
    directory.find("tasmota/board")
    later = heard(door, "tele/board/SENSOR", b'{"Switch1":"OFF"}', NOW_MS + 1)
    assert later[0] == {("h1/board", "open"): False}


def test_a_registry_that_cannot_be_read_for_a_while_makes_no_sensor_silent(truth, tmp_path):
    directory = RegistryDirectory(truth, look_again_s=0.0)
    door = Admission(directory)
    with closing(sqlite.connect(DataFiles(tmp_path).truth, isolation_level=None)) as other:
        other.execute("ALTER TABLE fact RENAME TO elsewhere")  # as good as a disk that does not answer
        assert heard(door, "care/h1/door/event", b'{"open":true}') == ({("h1/door", "open"): True}, None)
        assert heard(door, "care/h1/stranger/event", b'{"open":true}')[1] is ParkReason.UNKNOWN_DEVICE
        other.execute("ALTER TABLE elsewhere RENAME TO fact")
    register(
        truth, [parse_sensor_map(HOME + '[sensor.stranger]\nrole = "interior_door"\n', where="home.toml").registration]
    )
    said = heard(door, "care/h1/stranger/event", b'{"open":true}', NOW_MS + 1)
    assert said == ({("h1/stranger", "open"): True}, None)


def test_to_look_again_is_to_look_at_once_also_after_a_look_that_failed(truth, tmp_path):
    directory = RegistryDirectory(truth, look_again_s=3600.0)
    door = Admission(directory)
    with closing(sqlite.connect(DataFiles(tmp_path).truth, isolation_level=None)) as other:
        other.execute("ALTER TABLE fact RENAME TO elsewhere")
        assert heard(door, "care/h1/stranger/event", b'{"open":true}')[1] is ParkReason.UNKNOWN_DEVICE
        assert not door.look_again()
        other.execute("ALTER TABLE elsewhere RENAME TO fact")
    register(
        truth, [parse_sensor_map(HOME + '[sensor.stranger]\nrole = "interior_door"\n', where="home.toml").registration]
    )
    assert door.look_again()
    assert directory.find("care/h1/stranger") is not None


def test_an_install_record_that_nobody_could_read_by_is_refused_with_file_device_and_remedy(tmp_path):
    file = tmp_path / "home.toml"
    file.write_text(HOME.replace("10 L", "ten litres"))
    done = CliRunner().invoke(app, ["registry", "add", str(file), "--data-dir", str(tmp_path / "data")])
    assert isinstance(done.exception, ConfigurationError)
    assert "h1/board, units, C1" in str(done.exception)
