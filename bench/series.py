"""What the embedded time series takes on the disk, and how long one home's curves take out of a county's file.

Homes live for five weeks, each night does its upkeep as in service. Budgets are those of the specification: eight bytes
a reading, 30 ms for 28 days of one home raw, 15 ms for 7 days by five minutes. Each query stands beside the same one
on a table in memory that holds this home alone: what the county costs. Usage: series.py [homes].
"""

import random
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
from figures import print_cost

from core.clock import monotonic_s
from core.events import Metric, Reading
from core.ids import DeviceId, HomeId
from core.localtime import DAY_MS, HOUR_MS, MINUTE_MS
from core.log import LogEntry
from store import duckdb_tables as tables
from store.duckdb_series import DuckDbSeries

HOMES = 40
DAYS = 35
BEGIN_MS = 20_524 * DAY_MS - 8 * HOUR_MS  # a local midnight, at the beginning of four weeks of the upkeep
ENTRY_READINGS = 5_000
ROUNDS = 9
BYTES, RAW_MS, FIVE_MS = 8.0, 30.0, 15.0


def day_of(home: int, day: int, meters: dict[int, float], dice: random.Random) -> Iterator[Reading]:
    """Yield some 1,800 readings of a home's day: motion, door, water, plug, thermometer, gateway."""
    begin_ms, home_id = BEGIN_MS + day * DAY_MS, HomeId(f"h{home:04d}")

    def told(device: str, metric: Metric, value: float, at_ms: int) -> Reading:
        key = (home, device)
        seqs[key] = seqs.get(key, 0) + 1
        arrives_ms = begin_ms + at_ms + dice.randrange(30, 900)
        return Reading(home_id, DeviceId(f"{home_id}/{device}"), metric, value, begin_ms + at_ms, arrives_ms, seqs[key])

    for room in ("kitchen", "hall", "bed", "bath"):
        for at_ms in sorted(dice.randrange(0, DAY_MS - 2 * MINUTE_MS, 2 * MINUTE_MS) for _ in range(120)):
            begins_ms = at_ms + dice.randrange(29_000)
            yield told(room, Metric.MOTION, True, begins_ms)
            yield told(room, Metric.MOTION, False, begins_ms + dice.randrange(20_000, 90_000))
    for at_ms in sorted(dice.randrange(DAY_MS) for _ in range(10)):
        yield told("door", Metric.OPEN, dice.random() < 0.5, at_ms)
    for slot in range(288):
        at_ms = slot * 5 * MINUTE_MS + dice.randrange(900)
        meters[home] = meters.get(home, 100.0) + dice.choice((0, 0, 0, 0.5, 3, 10))
        yield told("water", Metric.WATER_TOTAL_L, meters[home], at_ms)
        yield told("kettle", Metric.POWER_W, round(dice.choice((0, 0, 0, 0, 0, dice.gauss(1800, 30))), 1), at_ms)
        if slot % 2:
            yield told("climate", Metric.TEMPERATURE_C, round(dice.gauss(20, 1), 1), at_ms)
            yield told("gateway", Metric.ONLINE, True, at_ms)


seqs: dict[tuple[int, str], int] = {}


def fill(series: DuckDbSeries, homes: int) -> int:
    """Let the homes live; return how many readings there are."""
    dice, meters, seq, count = random.Random(1), dict[int, float](), 0, 0
    for day in range(DAYS):
        told = [one for home in range(homes) for one in day_of(home, day, meters, dice)]
        told.sort(key=lambda one: one.received_at_ms)
        for start in range(0, len(told), ENTRY_READINGS):
            seq += 1
            batch = tuple(told[start : start + ENTRY_READINGS])
            series.write([LogEntry(seq, batch[-1].received_at_ms, batch)])
        count += len(told)
        series.keep_up(BEGIN_MS + (day + 1) * DAY_MS + HOUR_MS)
    return count


def raw_bytes(series: DuckDbSeries) -> int:
    """Return what single readings take in the file, in whole blocks."""
    with series._database.cursor() as connection:  # noqa: SLF001  # the bench looks inside
        blocks = {
            row[0]
            for table in ("fresh", "recent", "settled")
            for row in connection.execute(
                f"SELECT DISTINCT block_id FROM pragma_storage_info('{table}') WHERE block_id >= 0"  # noqa: S608
            ).fetchall()
        }
        (size,) = connection.execute("SELECT block_size FROM pragma_database_size()").fetchone() or (0,)
    return len(blocks) * int(size)


def took_ms(work: Callable[[], Any]) -> list[float]:
    """Return milliseconds of each of some rounds, after one that warms up."""
    work()
    found: list[float] = []
    for _ in range(ROUNDS):
        begin_s = monotonic_s()
        work()
        found.append((monotonic_s() - begin_s) * 1000)
    return found


def alone(series: DuckDbSeries, home_id: HomeId) -> duckdb.DuckDBPyConnection:
    """Return a connection to tables in memory that hold one home and nothing else."""
    connection = series._database.cursor()  # noqa: SLF001  # the bench looks inside
    connection.execute("ATTACH ':memory:' AS alone")
    first, last = series._tracks.span(home_id)  # noqa: SLF001
    for table in ("fresh", "recent", "settled", "five"):
        connection.execute(
            f"CREATE TABLE alone.{table} AS SELECT * FROM {table} WHERE track BETWEEN {first} AND {last}"  # noqa: S608
        )
    connection.execute("USE alone")
    connection.execute(tables.SCHEMA)
    return connection


def main() -> int:
    homes = int(sys.argv[1]) if len(sys.argv) > 1 else HOMES
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "series.duckdb"
        series = DuckDbSeries(path)
        begin_s = monotonic_s()
        count = fill(series, homes)
        print(f"# {count} readings of {homes} homes in {monotonic_s() - begin_s:.0f} s, upkeep included", flush=True)
        home_id, until_ms = HomeId(f"h{homes // 2:04d}"), BEGIN_MS + DAYS * DAY_MS
        holds = print_cost("bytes a reading", "B", [raw_bytes(series) / count], [BYTES], target=1)
        print(f"# the whole file, roll-ups and free blocks included: {path.stat().st_size / count:.1f} B", flush=True)
        memory = alone(series, home_id)
        asked = [*series._tracks.span(home_id), until_ms - 28 * DAY_MS, until_ms]  # noqa: SLF001
        raw = took_ms(lambda: series.columns(home_id, *asked[2:]))
        holds &= print_cost("28 days of one home raw", "ms", raw, [RAW_MS] * ROUNDS, target=1)
        beside = took_ms(lambda: memory.execute(tables.READ, asked).fetchnumpy())
        holds &= print_cost("28 days of one home raw, beside a file of its own", "ms", raw, beside, target=8)
        week = [until_ms - 7 * DAY_MS, until_ms]
        five = took_ms(lambda: series.slots(home_id, *week))
        holds &= print_cost("7 days of one home by 5 min", "ms", five, [FIVE_MS] * ROUNDS, target=1)
        beside = took_ms(lambda: memory.execute(tables.ROLLED, [*asked[:2], *week]).fetchnumpy())
        holds &= print_cost("7 days of one home by 5 min, beside a file of its own", "ms", five, beside, target=8)
        objects = took_ms(lambda: series.readings(home_id, *asked[2:], 1_000_000))
        print(
            f"# 28 days of one home as readings, in order, each once: {statistics.median(objects):.0f} ms", flush=True
        )
        buckets = took_ms(lambda: series.buckets(home_id, *week, tables.FIVE_MS))
        print(f"# 7 days of one home by 5 min as objects, in order: {statistics.median(buckets):.0f} ms", flush=True)
        memory.close()
        series.close()
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
