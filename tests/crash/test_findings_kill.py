"""Kill -9 between and within batches of findings loses none, keeps none twice, and keeps nothing by halves."""

import asyncio
import random

import msgspec
import pytest
from alarm_house import Line
from desk_room import finding
from kill_matrix import KEY, TRUTH, KilledService
from kill_stories import NOON_MS
from killed_service import Life

from app.desk_service import RULES_CURSOR
from app.finding_queue import BATCH
from core.ids import HomeId, PersonId
from registry.homes import Home
from registry.people import Category, Person
from rules.findings import FindingKind, Priority
from store.cipher import FieldCipher
from store.journal import Journal
from store.truth.database import Truth

HOMES = 2 * BATCH + 7
HAZARDS = (5, 50)
NOBODY = Line(api_base="http://127.0.0.1:9", public_base_url="http://127.0.0.1:9", request_timeout_s=0.1)
"""The provider is away: what is to be rung waits in the outbox, and this story is about how it comes there."""


def findings():
    """A tick finds something in every home at once, in two of them a life hazard."""
    for n in range(HOMES):
        priority = Priority.P0 if n in HAZARDS else Priority.P1
        kind = FindingKind.EMERGENCY if n in HAZARDS else FindingKind.INACTIVITY
        yield msgspec.structs.replace(finding(kind, priority, at_ms=NOON_MS), home_id=HomeId(f"h{n}"), id=f"f{n}")


def register(folder):
    truth = Truth(folder / TRUTH, FieldCipher(KEY))
    with truth.transaction() as unit:
        for n in range(HOMES):
            home, person, alone = HomeId(f"h{n}"), PersonId(f"p{n}"), frozenset({Category.ALONE})
            number = f"+8529{n:07d}"
            unit.people.put_person(Person(id=person, home_id=home, area="a/b/c", categories=alone, phone=number))
            unit.people.put_home(Home(id=home, person_id=person, area="a/b/c"))
    truth.close()


class Kept(msgspec.Struct):
    """What stands in the database: homes with an alert, and the journal entry up to which all is kept."""

    homes: set[str]
    cursor: int
    last_seq: int


def kept(folder) -> Kept:
    """Read what is there, and hold it to the promise that an alert is never there by halves."""
    truth, journal = Truth(folder / TRUTH, FieldCipher(KEY)), Journal(folder / "journal.sqlite")
    with truth.view() as unit:
        alerts = unit.alerts.list(None, 10_000)
        for alert in alerts:
            assert [one.id for one in unit.alerts.findings(alert.id)] == list(alert.finding_ids)
            assert unit.alerts.timers(alert.id), "an alert that waits for nothing"
            assert [one.contact_id for one in unit.outbox.of_alert(alert.id)][:1] == [None], "nobody is to be rung"
            assert [line.what for line in unit.alerts.trace(alert.id)].count("opened") == 1
        found = Kept({str(alert.home_id) for alert in alerts}, unit.cursors.seq(RULES_CURSOR), journal.last()[0])
        assert len(found.homes) == len(alerts), "two alerts of one finding"
    truth.close()
    journal.close()
    return found


class WatchedService(KilledService):
    """Looks at the database each time a life has ended."""

    def __init__(self, life, kills) -> None:
        super().__init__(life, kills)
        self.seen: list[Kept] = []

    async def _heard(self):
        answer = await super()._heard()
        if answer is None:
            self.seen.append(await asyncio.to_thread(kept, self._life.folder))
        return answer


def at_noon(made):
    """Return a service after the tick of noon, however often it died in it."""

    async def story():
        service = made()
        try:
            await service.start()
            await service.tick(NOON_MS)
        finally:
            await service.end()
        return service

    return asyncio.run(asyncio.wait_for(story(), 100))


@pytest.mark.parametrize("seed", range(3))
def test_a_kill_amid_the_batches_of_one_moment_loses_no_finding_and_keeps_no_half_of_one(tmp_path, seed):
    chance = random.Random(seed)
    register(tmp_path)
    life = Life(folder=tmp_path, line=NOBODY, port=0, findings=tuple(findings()))
    # a batch is two steps, before and after its commit: the first life dies amid the first batches, others later
    kills = (chance.randrange(2, 5), chance.randrange(1, 6), chance.randrange(3, 6))
    service = at_noon(lambda: WatchedService(life, kills))
    assert len(service.deaths) == 3
    partly = [one for one in service.seen if 0 < len(one.homes) < HOMES]
    assert partly, "no death was amid the batches"
    for one in partly:
        assert one.cursor < one.last_seq, "the cursor has passed findings that are not kept"
        assert {f"h{n}" for n in HAZARDS} <= one.homes, "a life hazard waited for others"
    assert len(kept(tmp_path).homes) == HOMES


def test_a_life_that_is_not_killed_keeps_them_in_batches_with_the_cursor_at_the_end(tmp_path):
    register(tmp_path)
    life = Life(folder=tmp_path, line=NOBODY, port=0, findings=tuple(findings()))
    service = at_noon(lambda: KilledService(life, ()))
    found = kept(tmp_path)
    assert (len(found.homes), found.cursor) == (HOMES, found.last_seq)
    batches = [step for step in service.steps if step == "after a commit"]
    assert len(batches) >= -(-HOMES // BATCH)
