"""A village's outage is one alert with its list: pages, API and board over the real desk and database."""

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx
import msgspec
import pytest
from alerts_village import MINUTE_MS, Village, incident
from api_browser import Seen
from api_console import FakeAccounts
from api_village import BASE
from prometheus_client import CollectorRegistry

from api.application import create_app
from app.changes import Changes
from app.console import DeskConsole
from app.console_homes import HomeSources
from core.ids import HomeId
from core.text import Bilingual
from rules.findings import Evidence, FindingKind, Priority
from rules.village import end_of
from visits.policy import built_in_policy

HOMES, KEY = 60, 42
ROW = re.compile(r'<th scope="row"><a href="/homes/(h\d+)">')


class Outage:
    """A village in the dark, and whoever looks at it; the parts of a console that no list asks stay away."""

    def __init__(self, village: Village) -> None:
        self.village = village
        self._threads = ThreadPoolExecutor(2)
        self.incident = incident()
        self.blind = [self._blind(n) for n in range(HOMES)]

    def console(self) -> DeskConsole:
        nobody = HomeSources(engine=None, engine_executor=None, rules=None, series=None, hindsight=None)
        return DeskConsole(
            self.village.truth,
            self.village.desk,
            nobody,
            parked=None,
            policy=built_in_policy(),
            changes=Changes(asyncio.get_running_loop()),
            health=None,
            clock=self.village.clock,
            zone_name="Asia/Shanghai",
            executor=self._threads,
        )

    def begin(self) -> None:
        self.village.take(*self.blind, self.incident)

    def end(self) -> None:
        over = {"id": end_of(self.incident), "is_cleared": True, "clears_alert": True}
        self.village.clock.advance_to_ms(self.village.clock.now_ms() + 30 * MINUTE_MS)
        self.village.take(msgspec.structs.replace(self.incident, at_ms=self.village.clock.now_ms(), **over))

    def alert_id(self, home="") -> str:
        with self.village.truth.view() as unit:
            return unit.alerts.open_of_home(HomeId(home or self.incident.home_id), is_ticket=False).id

    def see(self, *paths: str, program=False) -> list[httpx.Response]:
        return asyncio.run(asyncio.wait_for(self._seen(paths, program=program), 60))

    def open_alerts(self, limit=100):
        async def asked():
            return await self.console().open_alerts(limit, "zhang")

        return asyncio.run(asked())

    def close(self) -> None:
        self._threads.shutdown()

    async def _seen(self, paths, *, program):
        accounts = FakeAccounts()
        registry, now_ms = CollectorRegistry(), self.village.clock.now_ms
        app = create_app(self.console(), accounts, None, registry, now_ms=now_ms)
        says = {"accept": "text/html", "sec-fetch-site": "same-origin"}
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE, headers=says) as browser:
            if program:
                browser.headers["authorization"] = f"Bearer {await accounts.login('zhang', 'right horse')}"
            else:
                await browser.post("/login", data={"name": "zhang", "password": "right horse"})
            return [await browser.get(path) for path in paths]

    def _blind(self, n: int):
        """Homes were seen last at different times; the finding of each names the incident that explains it."""
        one = self.incident
        since_ms = one.at_ms - (HOMES - n) * MINUTE_MS
        more = {"kind": FindingKind.HOME_BLIND, "since_ms": since_ms, "held_by": one.id, "priority": Priority.P2}
        words = Bilingual(f"看不到{n}", f"home {n} cannot be seen")
        return msgspec.structs.replace(one, id=f"blind-{n}", home_id=f"h{n}", sentence=words, **more)


@contextmanager
def outage(folder):
    with Village.at(folder / "truth.sqlite", homes=HOMES, key=KEY) as village:
        one = Outage(village)
        one.begin()
        try:
            yield one
        finally:
            one.close()


def rows(answer):
    return ROW.findall(answer.text)


def test_the_page_of_an_outage_lists_key_persons_first_and_then_whoever_was_not_seen_for_longest(tmp_path):
    with outage(tmp_path) as one:
        first, second = one.see(f"/alerts/{one.alert_id()}", f"/alerts/{one.alert_id()}?page=2")
    by_time = [f"h{n}" for n in range(HOMES) if n != KEY]
    assert rows(first) == [f"h{KEY}", *by_time[:49]]
    assert rows(second) == by_time[49:]
    assert "60 homes, 60 not over, of these 60 held" in first.text


def test_each_row_says_why_nobody_is_told_and_what_would_end_it(tmp_path):
    with outage(tmp_path) as one:
        (page,) = one.see(f"/alerts/{one.alert_id()}")
    assert page.text.count("this incident explains it; what still holds when it is over is told at once") == 50


def test_the_pages_of_the_list_lead_to_each_other_and_stay_where_they_are_when_the_script_reads_again(tmp_path):
    with outage(tmp_path) as one:
        path = f"/alerts/{one.alert_id()}"
        first, second, beyond = one.see(path, f"{path}?page=2", f"{path}?page=99")
    links = [(f["rel"], f["href"]) for t, f in Seen(first.text).tags if t == "a" and "rel" in f]
    assert links == [("next", f"{path}?page=2#affected")]
    links = [(f["rel"], f["href"]) for t, f in Seen(second.text).tags if t == "a" and "rel" in f]
    assert links == [("prev", f"{path}?page=1#affected")]
    assert next(f["data-source"] for _, f in Seen(second.text).tags if f.get("id") == "live") == f"{path}?page=2"
    assert rows(beyond) == rows(second)


def test_a_held_alert_says_on_its_own_page_why_it_is_held_and_leads_to_the_incident(tmp_path):
    with outage(tmp_path) as one:
        (page,) = one.see(f"/alerts/{one.alert_id('h7')}")
        village = one.alert_id()
    held = page.text[page.text.index('id="holds-title"') : page.text.index('id="evidence-title"')]
    for words in (
        "nobody is told for now",
        "由整村的大范围故障造成",
        "故障恢复后仍成立的立即通知",
        f"/alerts/{village}",
    ):
        assert words in held
    assert 'id="affected"' not in page.text


def test_the_api_gives_the_list_page_by_page_without_a_home_twice(tmp_path):
    with outage(tmp_path) as one:
        path = f"/api/v1/alerts/{one.alert_id()}/homes?limit=25&page="
        pages = [answer.json() for answer in one.see(*(f"{path}{n}" for n in (1, 2, 3)), program=True)]
    homes = [row["home_id"] for page in pages for row in page["items"]]
    assert len(homes) == len(set(homes)) == HOMES
    assert [(page["page"], page["pages"], page["total"], page["held"]) for page in pages] == [
        (n, 3, HOMES, HOMES) for n in (1, 2, 3)
    ]
    assert pages[0]["items"][0]["holds"][0]["kind"] == "incident"
    assert pages[0]["items"][0]["person"]["name"] == ""


@pytest.mark.parametrize(
    ("path", "status"), [("nobody/homes", 404), ("{}/homes?page=0", 422), ("{}/homes?page=10001", 422)]
)
def test_a_list_that_is_asked_for_wrongly_says_so(tmp_path, path, status):
    with outage(tmp_path) as one:
        (answer,) = one.see(f"/api/v1/alerts/{path.format(one.alert_id())}", program=True)
    assert answer.status_code == status


def test_an_alert_of_one_home_has_no_list(tmp_path):
    with outage(tmp_path) as one:
        (answer,) = one.see(f"/api/v1/alerts/{one.alert_id('h7')}/homes", program=True)
    assert (answer.json()["total"], answer.json()["items"]) == (0, [])


def test_the_board_shows_one_alert_for_an_outage_and_hides_nothing_graver_behind_it(tmp_path):
    with outage(tmp_path) as one:
        one.village.find(3, FindingKind.EMERGENCY, Priority.P0)
        found = one.open_alerts(limit=2)
    assert [(alert.priority, alert.home_id) for alert in found.alerts] == [("P0", "h3"), ("P2", one.incident.home_id)]
    assert found.listed == HOMES - 1  # the third home's is told now


def test_what_a_silence_holds_stays_on_the_board(tmp_path):
    with outage(tmp_path) as one:
        one.village.forward(MINUTE_MS)
        one.village.silence(home_id="h9")
        one.village.forward(11 * MINUTE_MS)  # what is held is looked at again, and both hold it now
        found = one.open_alerts()
    assert "h9" in {alert.home_id for alert in found.alerts}
    assert found.listed == HOMES - 1


def test_when_the_outage_ends_its_list_stays_and_what_still_holds_is_told(tmp_path):
    with outage(tmp_path) as one:
        alert_id = one.alert_id()
        one.end()
        (page,) = one.see(f"/alerts/{alert_id}")
        told = one.open_alerts().alerts
    assert "60 homes, 60 not over, of these 0 held" in page.text
    assert len([alert for alert in told if alert.home_id != one.incident.home_id]) == HOMES


def test_evidence_that_a_graver_finding_brings_again_is_said_once(tmp_path):
    with Village.at(tmp_path / "truth.sqlite", homes=HOMES, key=KEY) as village:
        one = Outage(village)
        words = Bilingual("断电", "no power")
        line = Evidence(at_ms=one.incident.at_ms, device_id=None, grade="fact", text=words)
        one.incident = msgspec.structs.replace(one.incident, evidence=(line,))
        one.begin()
        village.take(msgspec.structs.replace(one.incident, id="told-again"))
        with village.truth.view() as unit:
            assert len(unit.alerts.findings(one.alert_id())) > 1
        (page,) = one.see(f"/alerts/{one.alert_id()}")
        one.close()
    shown = page.text.split('<ul class="evidence"')[1].split("</ul>")[0]
    assert shown.count("no power") == 1
