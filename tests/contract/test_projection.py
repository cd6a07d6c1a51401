"""How the service feeds a time-series store: it waits, stands still or goes on, and says which."""

import asyncio
from contextlib import closing

import pytest

from app.projection import Projection
from core.clock import monotonic_s
from core.events import Metric, Reading
from core.ids import DeviceId, HomeId
from store.influx_ledger import InfluxLedger
from store.influx_series import InfluxSeries, InfluxTarget
from store.journal import Journal

WAIT_S = 30


def reading(number: int) -> Reading:
    return Reading(HomeId("h1"), DeviceId("h1/pir"), Metric.MOTION, True, 1_700_000_000_000 + number, number, number)


@pytest.fixture
def journal(tmp_path):
    with closing(Journal(tmp_path / "journal.sqlite")) as journal:
        yield journal


def projection_on(server, journal, tmp_path) -> Projection:
    target = InfluxTarget(url=server.url, token="t", org="o", bucket="b")
    return Projection(journal, InfluxSeries(target, InfluxLedger(tmp_path / "influx.sqlite")), "influx")


async def until(holds) -> None:
    end_s = monotonic_s() + WAIT_S
    while not holds():
        assert monotonic_s() < end_s
        await asyncio.sleep(0.01)


async def followed(projection, holds) -> None:
    task = asyncio.create_task(projection.run())
    await until(holds)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await projection.finish()


def test_a_store_that_is_away_is_waited_for_without_being_a_problem_and_gets_everything(server, journal, tmp_path):
    journal.append([reading(1)], log_time_ms=1)
    server.statuses = [503]
    projection = projection_on(server, journal, tmp_path)
    said = []

    def is_done() -> bool:
        said.append((projection.problem, projection.waits_for))
        return len(server.taken) == 1 and not projection.waits_for

    asyncio.run(followed(projection, is_done))
    assert {problem for problem, _ in said} == {""}
    assert any("503" in waits for _, waits in said)
    assert (projection.failures, projection.waits_for, projection.cursor) == (1, "", 1)


def test_a_store_that_refuses_us_is_a_problem_and_stands_still_until_somebody_acts(server, journal, tmp_path):
    journal.append([reading(1)], log_time_ms=1)
    server.status = 401
    projection = projection_on(server, journal, tmp_path)
    asyncio.run(followed(projection, lambda: projection.is_stopped))
    assert "influx_token" in projection.problem
    assert (projection.cursor, server.taken) == (0, [])
    server.status = 204
    again = projection_on(server, journal, tmp_path)
    asyncio.run(followed(again, lambda: len(server.taken) == 1))
    assert not again.is_stopped


def test_entries_that_were_forgotten_before_a_store_came_are_counted(server, journal, tmp_path):
    for number in range(1, 10):
        journal.append([reading(number)], log_time_ms=number)
    first = projection_on(server, journal, tmp_path)
    first.sink.write(journal.read(0, 2))
    first.sink.close()
    journal.trim(6)
    projection = projection_on(server, journal, tmp_path)
    asyncio.run(followed(projection, lambda: len(server.taken) == 5))
    assert projection.skipped == 4
    assert projection.cursor == 9
