"""A finding that cannot be kept by a fault of ours: told to the supervisor, kept as it came, in nobody's way."""

import asyncio

import msgspec
from alarm_house import HOME, AlarmHouse, Line, register
from desk_room import CONTACTS, finding
from kill_stories import NOON_MS
from sqlalchemy import text

from app.desk_service import RULES_CURSOR
from core.ids import HomeId
from core.localtime import MINUTE_MS
from rules.findings import FindingKind, Priority

LINE = Line(api_base="", public_base_url="")
LATER_MS = NOON_MS + MINUTE_MS
FIRST = finding(at_ms=NOON_MS)
JOINING = finding(FindingKind.EMERGENCY, Priority.P0, at_ms=LATER_MS)
OF_ANOTHER = msgspec.structs.replace(finding(FindingKind.EMERGENCY, Priority.P0, at_ms=LATER_MS), id="f2", home_id="h2")
TROUBLE = HomeId(f"service:finding:{HOME}")


def house_of(folder) -> AlarmHouse:
    return AlarmHouse(folder, LINE, (FIRST, JOINING, OF_ANOTHER))


async def lives(folder) -> AlarmHouse:
    """Return a house whose first alert cannot be read any more when the next findings come."""
    house = house_of(folder)
    register(house.truth, CONTACTS)
    await house.start()
    await house.ticked(NOON_MS)
    with house.truth.transaction() as unit:
        unit.alerts._connection.execute(
            text("UPDATE alert SET ladder = '{}'")
        )  # a fault that no decision of ours makes
    await house.ticked(LATER_MS)
    return house


def test_a_finding_that_cannot_be_kept_is_told_and_keeps_no_other_from_ringing(tmp_path):
    async def story():
        house = await lives(tmp_path)
        assert house.pipeline.finding_faults == 1
        assert house.pipeline.findings_waiting == 0
        with house.truth.view() as unit:
            assert unit.alerts.open_of_home(HomeId("h2"), is_ticket=False).priority is Priority.P0
            told = unit.alerts.open_of_home(TROUBLE, is_ticket=False)
            assert (told.priority, told.kinds) == (Priority.P1, (FindingKind.STORAGE_TROUBLE,))
            assert HOME in told.sentence.zh
            assert HOME in told.sentence.en
            kept = unit.alerts.findings_of_kind(FindingKind.EMERGENCY, LATER_MS + 1)
            assert {one.id for one in kept} == {JOINING.id, OF_ANOTHER.id}
            assert unit.cursors.seq(RULES_CURSOR) == 2
        await house.close()

    asyncio.run(asyncio.wait_for(story(), 60))


def test_a_restart_goes_on_after_a_finding_that_could_not_be_kept_and_does_not_tell_it_again(tmp_path):
    async def story():
        house = await lives(tmp_path)
        await house.close()  # without a snapshot, as after a kill
        house = house_of(tmp_path)
        await house.start()
        assert (house.pipeline.seq, house.pipeline.finding_faults) == (2, 0)
        await house.close()

    asyncio.run(asyncio.wait_for(story(), 60))
