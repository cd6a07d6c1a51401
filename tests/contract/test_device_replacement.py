"""A new device in an old place: the place keeps its id, so curves, habits and signs go on through both."""

import pytest
from device_intake import NOW_MS, Intake

from core.errors import ConflictError, NotFoundError
from core.ids import HomeId
from core.localtime import HOUR_MS
from registry.devices import Adoption, InboxState
from registry.homes import DeviceRole
from rules.engine import Engine
from store.duckdb_series import DuckDbSeries

OLD, NEW = "zigbee2mqtt/h1/pir", "zigbee2mqtt/h1/pir_new"


@pytest.fixture
def intake(tmp_path):
    intake = Intake(tmp_path)
    adoption = Adoption(address=OLD, role=DeviceRole.INTERIOR_MOTION, name="pir", room="厨房", is_unheard=True)
    intake.desk.adopt("h1", adoption, "account:zhang")
    yield intake
    intake.close()


def home_of(intake):
    with intake.truth.view() as unit:
        return unit.people.home(HomeId("h1"))


def test_the_curve_is_read_through_both_devices_and_a_sign_of_before_still_counts(intake, tmp_path):
    engine, series = Engine(), DuckDbSeries(tmp_path / "series.duckdb")
    engine.set_home(home_of(intake))
    intake.hear(OLD, b'{"occupancy":true}')
    intake.clock.advance_to_ms(NOW_MS + HOUR_MS)
    intake.hear(NEW, b'{"occupancy":true}')
    after, before = intake.desk.replace("h1/pir", NEW, "account:zhang")
    assert (after.id, after.role, after.room, before.address) == ("h1/pir", "interior_motion", "厨房", OLD)
    intake.keeper.round()
    entries = intake.journal.read(0, 100)
    for entry in entries[:-1]:
        engine.on_readings(entry.log_time_ms, entry.readings)
    engine.set_home(home_of(intake))
    assert engine.home_status(HomeId("h1")).last_sign_at_ms == NOW_MS
    engine.on_readings(entries[-1].log_time_ms, entries[-1].readings)
    series.write(entries)
    told = [(one.device_id, one.observed_at_ms) for one in series.readings(HomeId("h1"), 0, NOW_MS * 2, 10)]
    series.close()
    assert told == [("h1/pir", NOW_MS), ("h1/pir", NOW_MS + HOUR_MS)]


def test_the_old_device_in_its_drawer_disturbs_nobody_and_can_be_put_back(intake):
    intake.desk.replace("h1/pir", NEW, "account:zhang")
    intake.admission._directory.find(OLD)
    intake.hear(OLD, b'{"occupancy":true}')
    intake.keeper.round()
    assert intake.desk.inbox() == []
    assert intake.parked.waiting(10) == []
    assert [one.address for one in intake.desk.inbox(InboxState.REJECTED)] == [OLD]
    intake.clock.advance_to_ms(NOW_MS + 1)
    intake.desk.replace("h1/pir", OLD, "account:li")
    with intake.truth.view() as unit:
        told = [(one.old_address, one.new_address, one.who) for one in unit.devices.replacements("h1")]
    assert told == [(OLD, NEW, "account:zhang"), (NEW, OLD, "account:li")]


def test_a_place_that_is_not_there_and_a_device_that_is_taken_are_refused(intake):
    intake.desk.adopt("h1", Adoption(address=NEW, role=DeviceRole.LEAK, is_unheard=True), "account:zhang")
    for old, new in (("h1/pir", NEW), ("h1/nothing", "care/h1/x"), ("h1/pir", " ")):
        with pytest.raises(ConflictError):
            intake.desk.replace(old, new, "account:zhang")
    with pytest.raises(NotFoundError):
        intake.desk.replace("h9/pir", "care/h9/x", "account:zhang")
