"""While another program holds the database no finding is at fault: it is kept when the database is free."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from alarm_house import AlarmHouse, Line, register, twilio
from desk_room import CONTACTS, HOME, finding
from kill_stories import NOON_MS
from pysqlite3 import dbapi2 as sqlite

from alerts.model import PlaceCall
from api.problems import problem_of, problem_response
from app.callbacks import TwilioCallbacks
from app.desk_service import RULES_CURSOR, DeskService
from app.finding_keeper import FindingKeeper
from app.finding_queue import Batch
from core.clock import ManualClock
from core.errors import BusyError, ConflictError
from core.localtime import MINUTE_MS
from rules.findings import Priority
from store.cipher import FieldCipher
from store.truth.database import Truth
from visits.policy import built_in_policy

LINE = Line(api_base="", public_base_url="")
FIRST = finding(at_ms=NOON_MS)
SHORT_S = 0.02


class HeldTruth(Truth):
    """Another connection takes the file on `hold` and lets it go after so many writers have waited in vain."""

    def __init__(self, path, cipher) -> None:
        super().__init__(path, cipher, busy_timeout_s=SHORT_S)
        self._left = 0
        self.let_go = lambda: None
        self._other = sqlite.connect(path, isolation_level=None, check_same_thread=False)

    def hold(self, times):
        self._left = times
        self._other.execute("BEGIN IMMEDIATE")

    @contextmanager
    def transaction(self):
        try:
            with super().transaction() as unit:
                yield unit
        except BusyError:
            self._left -= 1
            if self._left == 0:
                self.let_go()
                self._other.execute("ROLLBACK")
            raise

    def close(self):
        self._other.close()
        super().close()


@pytest.fixture
def held(tmp_path):
    truth = HeldTruth(tmp_path / "truth.sqlite", FieldCipher(b"k" * 32))
    yield truth
    truth.close()


def test_a_held_database_is_no_conflict_and_says_that_nothing_was_written(held):
    held.hold(1)
    with pytest.raises(BusyError, match="another program holds the database") as told, held.transaction():
        pass
    assert not isinstance(told.value, ConflictError)


def test_a_finding_of_the_gravest_is_kept_however_often_the_database_was_held(tmp_path):
    async def story():
        house = AlarmHouse(tmp_path, LINE, (FIRST,), truth=HeldTruth)
        register(house.truth, CONTACTS)
        await house.start()
        told = []
        house.truth.let_go = lambda: told.extend(house.pipeline.problems())
        house.truth.hold(times=7)
        await house.ticked(NOON_MS)
        with house.truth.view() as unit:
            assert unit.alerts.open_of_home(HOME, is_ticket=False).priority is Priority.P1
            assert unit.cursors.seq(RULES_CURSOR) == 1
        assert (house.pipeline.finding_faults, house.pipeline.step_faults) == (0, 0)
        assert house.pipeline.held.times == 7
        assert "another program holds the database since" in told[0]
        await house.ticked(NOON_MS + MINUTE_MS)
        assert house.pipeline.problems() == []
        await house.close()

    asyncio.run(asyncio.wait_for(story(), 60))


def test_steps_that_are_due_wait_for_the_database_and_are_no_fault(tmp_path):
    async def story():
        house = AlarmHouse(tmp_path, LINE, (FIRST,), truth=HeldTruth)
        register(house.truth, CONTACTS)
        await house.start()
        due_ms = await house.ticked(NOON_MS)
        house.truth.hold(times=3)
        await house.ticked(due_ms)
        assert house.pipeline.step_faults == 0
        assert house.pipeline.held.times + house.dispatcher.faults == 3
        await house.close()

    asyncio.run(asyncio.wait_for(story(), 60))


def test_a_batch_that_found_the_database_held_waits_whole_with_its_cursor(held):
    clock = ManualClock(NOON_MS)
    desk = DeskService(held, clock, built_in_policy(), on_change=lambda _trace: None)
    keeper, batch = FindingKeeper(held, desk, clock), Batch((FIRST,), 7)
    held.hold(2)
    for _ in range(2):
        with pytest.raises(BusyError):
            keeper.keep(batch)
        assert (keeper.unkept, keeper.faults) == (batch, 0)
    keeper.keep(batch)
    assert (keeper.unkept, keeper.faults) == (None, 0)
    with held.view() as unit:
        assert unit.cursors.seq(RULES_CURSOR) == 7


def test_whoever_asks_meanwhile_is_told_to_ask_again():
    problem = problem_of(BusyError("another program holds the database"))
    assert (problem.status, problem.code) == (503, "busy")
    assert int(problem_response(BusyError("x")).headers["Retry-After"]) > 0


def test_a_key_that_could_not_be_kept_is_asked_for_again(held):
    clock = ManualClock(NOON_MS)
    desk = DeskService(held, clock, built_in_policy(), on_change=lambda _trace: None)
    register(held, CONTACTS)
    desk.take_findings((FIRST,))
    desk.run_timers(NOON_MS)
    with held.view() as unit:
        alert = unit.alerts.open_of_home(HOME, is_ticket=False)
        one = next(one for one in unit.outbox.of_alert(alert.id) if isinstance(one.effect, PlaceCall))
    api = twilio(Line(api_base="http://127.0.0.1:1", public_base_url="http://127.0.0.1:1"))
    with ThreadPoolExecutor(1) as threads:
        calls = TwilioCallbacks(api, held, desk, clock, threads)
        held.hold(1)
        said = asyncio.run(calls.gather(one.id, {"Digits": "1"}))
    api.close()
    assert "<Gather" in said
