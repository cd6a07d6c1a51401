"""While readings pour in without a pause, ladders go on and the journal's readers move."""

import asyncio

from alarm_house import HOME, AlarmHouse, Line, register
from desk_room import CONTACTS, finding
from sqlalchemy import text

from core.clock import SystemClock
from store.journal import Journal

MOST_READS = 4_000


class PouringJournal(Journal):
    """Readings come as fast as they are taken in: each look finds another entry, until told otherwise."""

    left = 0

    def pour(self, is_enough, when_over) -> None:
        self._is_enough, self._when_over, self.left = is_enough, when_over, MOST_READS

    def read(self, after_seq, limit):
        if self.left:
            self.left -= 1
            if not self.left or self._is_enough():
                self.enough_after, self.left = MOST_READS - self.left, 0
                self._when_over()
            else:
                self.append((), log_time_ms=self.last()[1] + 1)
        return super().read(after_seq, limit)


def test_a_step_that_is_due_is_taken_while_readings_pour_in(tmp_path):
    async def story():
        house = AlarmHouse(tmp_path, Line(api_base="", public_base_url=""), journal=PouringJournal, clock=SystemClock())
        register(house.truth, CONTACTS)
        house.desk.take_findings((finding(at_ms=house.clock.now_ms()),))
        with house.truth.transaction() as unit:
            unit.alerts._connection.execute(text("UPDATE timer SET due_at_ms = 1"))
            alert = unit.alerts.open_of_home(HOME, is_ticket=False)
        loop, is_over = asyncio.get_running_loop(), asyncio.Event()
        house.journal.pour(lambda: house.desk.next_timer_ms() != 1, lambda: loop.call_soon_threadsafe(is_over.set))
        house.start_running()
        await is_over.wait()
        assert house.journal.enough_after < MOST_READS
        with house.truth.view() as unit:
            assert unit.alerts.get(alert.id).version > alert.version
        await house.close()

    asyncio.run(asyncio.wait_for(story(), 60))
