"""The whole application over one database with two villages; an account whose roles a test gives goes about in it."""

import asyncio
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date

import httpx
import msgspec
from alerts_village import Village
from annex2_kit import home_form
from api_village import BASE
from ledger_kit import FORM
from prometheus_client import CollectorRegistry
from visits_kit import POLICY, ZONE

from api.application import create_app
from api.views import HealthView
from app.accounts import LocalAccounts
from app.changes import Changes
from app.console import DeskConsole
from app.console_gathering import people_ports
from app.console_homes import HomeSources
from app.hindsight import Hindsight
from app.ledger_book import LedgerBook
from app.ledger_console import LedgerConsole
from app.matters import Matters
from app.paper.console import PaperConsole
from app.paper.press import Press
from app.paper.sheets import SheetMaker
from app.returning import Returning
from app.rules_files import RuleKeeper, rules_file
from core.ids import HomeId, PersonId
from core.localtime import DAY_MS
from registry.entries import Entry as Filing
from registry.entries import Filed
from registry.homes import Home
from registry.people import Category, Person
from rules.engine import Engine
from rules.findings import FindingKind, Priority
from store.duckdb_series import DuckDbSeries
from store.journal import Journal
from visits.eligibility import Benefit
from visits.follow_ups import FollowUpKind
from visits.recording import Entry

NEAR, FAR = "shuren/qiaotou", "shuren/xihe"
MONTH = "2024-03"
SECRETS = ("near-person", "near-home", "欧阳", "13811112222", "溪头组", "线路老化在灶间")
"""What tells that a text is about the person of the village of qiaotou."""


class Health:
    """The service's own figures, which no test here asks about."""

    def view(self) -> HealthView:
        return HealthView(now_ms=0, homes=0, blind_homes=0, open_alerts=0)


class TwoVillages:
    """One person in each village, each with an alert, a record, a follow-up, a benefit and an entry."""

    def __init__(self, village: Village, folder) -> None:
        self.village, self.truth, self.clock = village, village.truth, village.clock
        self.threads = ThreadPoolExecutor(2)
        self.accounts = LocalAccounts(self.truth)
        self.accounts.create("zhang", "right horse battery")
        self.book = LedgerBook(self.truth, self.clock, POLICY, ZONE)
        self.ids: dict[str, str] = {}
        self.ids_of: dict[str, dict[str, str]] = {}
        self._settle("far", FAR, "李四", "+8613833334444")
        self._settle("near", NEAR, "欧阳海棠", "+8613811112222")
        self._engine = Engine()
        keeper = RuleKeeper(self._engine, rules_file(None, folder / "last.toml"))
        with self.truth.view() as unit:
            keeper.set_homes(unit.people.homes())
        self._series, self._hindsight = DuckDbSeries(folder / "series.duckdb"), Hindsight(Journal(folder / "j.sqlite"))
        self._sources = HomeSources(
            engine=self._engine,
            engine_executor=self.threads,
            rules=keeper,
            series=self._series,
            hindsight=self._hindsight,
        )
        self._folder = folder

    @classmethod
    @contextmanager
    def at(cls, folder) -> Generator["TwoVillages"]:
        with Village.at(folder / "truth.sqlite", homes=1) as village:
            villages = cls(village, folder)
            try:
                yield villages
            finally:
                villages.close()

    def app(self):
        """Return the application as the service puts it together; asked for within the loop that uses it."""
        truth, clock, zone_name, threads = self.truth, self.clock, "Asia/Shanghai", self.threads
        console = DeskConsole(
            truth,
            self.village.desk,
            self._sources,
            parked=None,
            policy=POLICY,
            changes=Changes(asyncio.get_running_loop()),
            health=Health(),
            clock=clock,
            zone_name=zone_name,
            executor=threads,
        )
        press = Press(truth, clock, POLICY, zone_name, None)
        sheets = SheetMaker(truth, press, self._folder / "s", signs=dict, zone_name=zone_name, from_hour=17)
        return create_app(
            console,
            self.accounts,
            None,
            CollectorRegistry(),
            now_ms=clock.now_ms,
            ledger=LedgerConsole(self.book, threads, watcher=console),
            press=PaperConsole(truth, press, sheets, clock, threads),
            **people_ports(truth, clock, zone_name, threads),
        )

    def as_role(self, grants, story):
        """Let an account with these roles do what a story tells; it is given the application and a browser."""
        self.accounts.grant("zhang", grants, "cli:root")

        async def told():
            app = self.app()
            says = {"accept": "text/html", "sec-fetch-site": "same-origin"}
            transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url=BASE, headers=says) as browser:
                await browser.post("/login", data={"name": "zhang", "password": "right horse battery"})
                return await story(app, browser)

        return asyncio.run(asyncio.wait_for(told(), 120))

    def close(self) -> None:
        self.threads.shutdown()
        self._hindsight.close()
        self._series.close()

    def _settle(self, name, village, person_name, phone) -> None:
        person = Person(
            id=PersonId(f"{name}-person"),
            home_id=HomeId(f"{name}-home"),
            area=f"{village}/g1",
            categories=frozenset({Category.ALONE}),
            name=person_name,
            phone=phone,
            address="溪头组9号" if name == "near" else "对岸组1号",
            active_from=date(2023, 1, 1),
        )
        form = msgspec.structs.replace(FORM, name=person_name, phone=phone, id_number="")
        with self.truth.transaction() as unit:
            unit.people.put_person(person)
            unit.people.put_home(Home(id=person.home_id, person_id=person.id, area=person.area))
            filed = Filed(person=person, entry=Filing(person_id=person.id, version=1, form=form))
            unit.entries.put(filed, "account:li", "entry.form", "建档", self.clock.now_ms())
        self._live(name, person)

    def _live(self, name, person) -> None:
        found = self.village.find(0, FindingKind.INACTIVITY, Priority.P1)
        self.village.take(msgspec.structs.replace(found, home_id=person.home_id, id=f"finding-{name}"))
        told = Entry(
            person_id=person.id,
            started_at_ms=self.clock.now_ms() - DAY_MS,
            form=home_form(),
            visitor="account:li",
            is_registered_visitor=True,
        )
        visit = self.book.sign(self.book.record(told, "account:li").id, "account:li")
        matters, what = Matters(self.book), "线路老化在灶间" if name == "near" else "煤气"
        follow_up = matters.open(person.id, FollowUpKind.HAZARD, what, by="account:li")
        benefit = matters.find(person.id, Benefit.ELDERLY_ALLOWANCE, by="account:li")
        village = person.area.rpartition("/")[0]
        draft, _ = Returning(self.book).draft(MONTH, village, "account:li")
        with self.truth.view() as unit:
            alert = unit.alerts.open_of_home(person.home_id, is_ticket=False)
            attempts = unit.outbox.of_alert(alert.id)
        self.ids = {
            "person_id": person.id,
            "home_id": person.home_id,
            "alert_id": alert.id,
            "attempt_id": attempts[0].id if attempts else "none",
            "visit_id": visit.id,
            "follow_up_id": follow_up.id,
            "eligibility_id": benefit.id,
            "return_id": draft.id,
        }
        self.ids_of[name] = self.ids
