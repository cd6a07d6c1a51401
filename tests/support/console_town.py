"""One home's journal, engine, curves and registry under the console, moved on together as the service does."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import msgspec
from rules_walk import at, reading

from app.console_homes import HomesConsole, HomeSources
from app.hindsight import Hindsight
from app.rules_files import RuleKeeper, rules_file
from core.clock import ManualClock
from core.events import Metric, Reading
from core.ids import PersonId
from core.localtime import HOUR_MS, MINUTE_MS
from core.log import LogEntry
from registry.people import Category, Person
from rules.engine import Engine
from store.cipher import FieldCipher
from store.duckdb_series import DuckDbSeries
from store.journal import Journal
from store.truth.database import Truth
from visits.policy import built_in_policy

NINE = at("2024-03-05T09:00")
BOOK = """
version = 4
changed_by = "王主任"
changed_at = 2024-02-20
why = "试行"
[all]
stove_ms = "30 min"
[home.h1]
preset = "day4_night8"
"""


class Town:
    """The stores of one home and the console over them."""

    def __init__(self, folder, home, book="") -> None:
        self.home, self.clock = home, ManualClock(NINE)
        self.truth = Truth(folder / "truth.sqlite", FieldCipher(b"k" * 32))
        self.journal, self.series = Journal(folder / "journal.sqlite"), DuckDbSeries(folder / "series.duckdb")
        self.hindsight = Hindsight(Journal(folder / "journal.sqlite"))
        file = folder / "rules.toml"
        file.write_text(book, "utf-8")
        self.engine = Engine()
        self.keeper = RuleKeeper(self.engine, rules_file(file if book else None, folder / "last.toml"))
        with self.truth.transaction() as unit:
            person = Person(id=PersonId("p1"), home_id=home.id, area="a", categories=frozenset({Category.ALONE}))
            unit.people.put_person(msgspec.structs.replace(person, name="张桂英"))
            unit.people.put_home(msgspec.structs.replace(home, person_id=PersonId("p1")))
        self.keeper.set_homes([home])
        self.threads = ThreadPoolExecutor(2)
        sources = HomeSources(
            engine=self.engine,
            engine_executor=self.threads,
            rules=self.keeper,
            series=self.series,
            hindsight=self.hindsight,
        )
        self.console = HomesConsole(
            self.truth,
            sources,
            policy=built_in_policy(),
            clock=self.clock,
            zone_name="Asia/Shanghai",
            executor=self.threads,
        )

    def hear(self, *readings: Reading):
        """Take readings in, each at its own time, its deadlines judged first, as the pipeline does."""
        for one in readings:
            self.wait(one.observed_at_ms)
            seq = self.journal.append((one,), log_time_ms=one.observed_at_ms)
            self.series.write([LogEntry(seq, one.observed_at_ms, (one,))])
            self.engine.on_readings(one.observed_at_ms, [one])

    def wait(self, until_ms):
        self.clock.advance_to_ms(until_ms)
        self.journal.append((), log_time_ms=until_ms, is_tick=True)
        self.engine.on_time(until_ms)

    def ask(self, question):
        """Return the answer to a coroutine."""
        return asyncio.run(asyncio.wait_for(question, 60))

    def close(self):
        self.hindsight.close()
        self.threads.shutdown()
        self.truth.close()
        self.journal.close()
        self.series.close()


def moved(device, at_ms):
    return reading(device, Metric.MOTION, True, at_ms), reading(device, Metric.MOTION, False, at_ms + 1_000)


def lived(hours):
    """Yield some hours of somebody at home, with a gateway that beats."""
    for hour in range(hours):
        yield reading("gateway", Metric.ONLINE, True, NINE + hour * HOUR_MS)
        if hour % 3 == 0:
            yield from moved("kitchen", NINE + hour * HOUR_MS + MINUTE_MS)
