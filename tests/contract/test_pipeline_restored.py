"""What the rules remember after a restart: from the snapshot if they take it, otherwise all of it from the journal."""

import asyncio

import msgspec
from alarm_house import HOME, AlarmHouse, Line
from kill_stories import NOON_MS

from app.rules_snapshot import SNAPSHOT
from core.events import Metric, Reading
from core.ids import DeviceId
from registry.homes import Device, DeviceRole, Home
from rules.engine import SNAPSHOT_VERSION, Engine, Snapshot

LINE = Line(api_base="", public_base_url="")
HALL = Device(id=DeviceId("hall"), home_id=HOME, address="hall", role=DeviceRole.INTERIOR_MOTION, room="hall")


def of_another_version(blob: bytes) -> bytes:
    kept = msgspec.msgpack.decode(blob, type=Snapshot)
    return msgspec.msgpack.encode(msgspec.structs.replace(kept, version=SNAPSHOT_VERSION - 1))


async def lived(folder) -> None:
    house = AlarmHouse(folder, LINE, engine=Engine())
    with house.truth.transaction() as unit:
        unit.people.put_home(Home(id=HOME, person_id=None, area="a/b/c", devices=(HALL,)))
    house.journal.append((Reading(HOME, HALL.id, Metric.MOTION, True, NOON_MS, NOON_MS),), log_time_ms=NOON_MS)
    await house.start()
    await house.pipeline.save()
    await house.close()


async def last_sign_after_a_restart(folder, changed=lambda blob: blob) -> tuple[int | None, int, int]:
    engine = Engine()
    house = AlarmHouse(folder, LINE, engine=engine)
    with house.truth.transaction() as unit:
        unit.cursors.set_blob(SNAPSHOT, changed(unit.cursors.blob(SNAPSHOT)))
    await house.start()
    found = engine.home_status(HOME).last_sign_at_ms, house.pipeline.snapshot_seq, house.pipeline.seq
    await house.close()
    return found


def test_a_snapshot_that_the_rules_refuse_is_made_good_by_the_whole_journal(tmp_path, caplog):
    asyncio.run(asyncio.wait_for(lived(tmp_path), 60))
    found = asyncio.run(asyncio.wait_for(last_sign_after_a_restart(tmp_path, of_another_version), 60))
    assert found == (NOON_MS, 0, 1)  # no entry is forgotten before a new snapshot stands
    assert "refused" in caplog.text


def test_a_snapshot_that_the_rules_take_needs_no_entry_of_the_journal(tmp_path):
    asyncio.run(asyncio.wait_for(lived(tmp_path), 60))
    assert asyncio.run(asyncio.wait_for(last_sign_after_a_restart(tmp_path), 60)) == (NOON_MS, 1, 1)
