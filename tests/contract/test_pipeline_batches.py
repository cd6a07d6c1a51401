"""No snapshot of the rules passes a finding that is not kept: whoever starts from it would never find it again."""

import asyncio
from contextlib import contextmanager

import pytest
from alarm_house import HOME, AlarmHouse, Line, register
from desk_room import CONTACTS, finding
from kill_stories import NOON_MS

from app.rules_snapshot import SNAPSHOT
from core.errors import DurabilityError
from store.truth.database import Truth

LINE = Line(api_base="http://127.0.0.1:9", public_base_url="http://127.0.0.1:9", request_timeout_s=0.1)


class FailingDisk(Truth):
    """A disk that takes so many transactions and no more; the last two of a stop find it mended."""

    takes = 1_000

    @contextmanager
    def transaction(self):
        self.takes -= 1
        if self.takes == 0:
            raise DurabilityError("no space left")
        with super().transaction() as unit:
            yield unit


def house_of(folder) -> AlarmHouse:
    return AlarmHouse(folder, LINE, (finding(at_ms=NOON_MS),), truth=FailingDisk)


def test_a_finding_that_the_disk_did_not_take_is_found_again_after_the_next_start(tmp_path):
    async def fails():
        house = house_of(tmp_path)
        register(house.truth, CONTACTS)
        await house.start()
        house.truth.takes = 1
        with pytest.raises(DurabilityError):
            await house.ticked(NOON_MS)
        await house.pipeline.save()  # as a service does when it stops
        with house.truth.view() as unit:
            assert unit.cursors.blob(SNAPSHOT) is None
            assert unit.alerts.open_of_home(HOME, is_ticket=False) is None
        await house.close()

    async def starts_again():
        house = house_of(tmp_path)
        await house.start()
        await house.pipeline.save()
        with house.truth.view() as unit:
            assert unit.cursors.blob(SNAPSHOT) is not None
            assert unit.alerts.open_of_home(HOME, is_ticket=False) is not None
        await house.close()

    asyncio.run(asyncio.wait_for(fails(), 60))
    asyncio.run(asyncio.wait_for(starts_again(), 60))
