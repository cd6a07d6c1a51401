"""The canary at the desk: only its sink is rung, its alert is a drill, a failure reaches the supervisor."""

from datetime import time

import msgspec
import pytest
from desk_room import CONTACTS
from ingest_kit import running
from nats_broker import nats_broker
from rota_plans import local_ms, town_rota

from alerts.attempts import CallNews
from alerts.canary import CANARY_HOME, CANARY_PERSON, CANARY_TOPIC, RING_LIMIT_MS
from alerts.model import AlertState, AttemptState, Outcome
from app.adapters import canary
from app.canary import Canary, gauges_of
from app.desk_service import DeskService
from app.kpi import month_span, report_of
from app.settings import Settings
from core.clock import ManualClock
from core.events import Metric
from core.localtime import DAY_MS
from core.text import Bilingual
from ingest.broker_account import SessionSettings
from registry.homes import Home
from registry.people import Category, Person
from rules.findings import Finding, FindingKind, Priority, finding_id
from store.cipher import FieldCipher
from store.journal import Journal
from store.truth.database import Truth
from visits.policy import built_in_policy

ZONE = "Asia/Shanghai"
TEN = local_ms("2026-03-02T10:00")


class Town:
    """A desk whose rules are played by hand: what the canary publishes becomes the finding that they would raise."""

    def __init__(self, tmp_path) -> None:
        self.truth = Truth(tmp_path / "truth.sqlite", FieldCipher(b"k" * 32))
        self.clock = ManualClock(TEN)
        self.desk = DeskService(self.truth, self.clock, built_in_policy(), on_change=lambda _lines: None)
        self.sent: list[tuple[str, dict]] = []
        self.is_connected = True
        person = Person(id=CONTACTS[0].person_id, home_id="h1", area="a", categories=frozenset({Category.ALONE}))
        with self.truth.transaction() as unit:
            unit.people.put_person(person)
            unit.people.put_home(Home(id=person.home_id, person_id=person.id, area="a"))
            for contact in CONTACTS:
                unit.people.put_contact(contact)
            unit.rota.put(town_rota(), at_ms=TEN, by="clerk")
        self.canary = self.begin()

    def begin(self) -> Canary:
        return Canary(
            self.truth,
            self.desk,
            lambda topic, payload: self.sent.append((topic, msgspec.json.decode(payload))),
            is_connected=lambda: self.is_connected,
            at=time(10),
            number="+8610000000000",
            zone_name=ZONE,
        )

    def look(self, at_ms) -> None:
        self.clock.advance_to_ms(at_ms)
        self.canary.look(at_ms)

    def find(self) -> None:
        at_ms = self.clock.now_ms()
        self.desk.take_findings(
            [
                Finding(
                    id=finding_id(CANARY_HOME, FindingKind.EMERGENCY, at_ms),
                    home_id=CANARY_HOME,
                    kind=FindingKind.EMERGENCY,
                    priority=Priority.P0,
                    at_ms=at_ms,
                    since_ms=at_ms,
                    evidence=(),
                    sentence=Bilingual("紧急报警", "emergency"),
                )
            ]
        )

    def alerts(self, home_id=CANARY_HOME):
        with self.truth.view() as unit:
            return [one for one in unit.alerts.list() if one.home_id == home_id]

    def attempts(self, alert):
        with self.truth.view() as unit:
            return unit.outbox.of_alert(alert.id)


@pytest.fixture
def town(tmp_path):
    town = Town(tmp_path)
    yield town
    town.truth.close()


def test_it_rings_the_sink_alone_and_is_closed_as_a_drill_that_counts_for_nothing(town):
    town.look(TEN - 1)
    assert town.sent == []
    town.look(TEN)
    ((topic, said),) = town.sent
    assert (topic, said[Metric.SOS], said["ts"]) == (CANARY_TOPIC, True, TEN)
    town.find()
    (alert,) = town.alerts()
    (call,) = town.attempts(alert)
    assert call.contact_id is None
    with town.truth.view() as unit:
        assert unit.people.person(CANARY_PERSON).phone == "+8610000000000"
    town.look(TEN + 2_000)
    assert town.canary.last.is_open
    town.desk.news_of(call.id, CallNews(state=AttemptState.RINGING, at_ms=TEN + 3_000))
    town.look(TEN + 4_000)
    assert (town.canary.last.ring_ms, town.canary.troubles()) == (
        2_000,
        [],
    )  # written down when the clock stood at +2 s
    (closed,) = town.alerts()
    assert (closed.state, closed.closed_by) == (AlertState.CLOSED, "canary")
    with town.truth.view() as unit:
        visit = unit.visits.of_alert(closed.id)
        figures = report_of(unit, month_span("2026-03", ZONE, TEN + DAY_MS))
    assert visit.is_drill
    assert not any(credit.counts for credit in visit.credits)
    assert (figures.excluded["drill"], figures.excluded["service"]) == (1, 0)
    town.look(TEN + 9_000)
    assert len(town.sent) == 1


def test_no_ring_within_the_limit_is_told_to_the_supervisor_until_the_next_alarm(town):
    town.look(TEN)
    town.find()
    town.look(TEN + RING_LIMIT_MS)
    assert town.canary.last.is_open
    town.look(TEN + RING_LIMIT_MS + 1)
    assert len(town.canary.troubles()) == 1
    assert gauges_of(town.canary)["shouwang_canary_failed"] == 1
    assert town.alerts()[0].state is AlertState.CLOSED  # nothing goes on ringing
    (told,) = town.alerts("service:canary:20260302")
    assert told.kinds == (FindingKind.CANARY_SILENT,)
    assert {one.contact_id for one in town.attempts(told)} == {"staff-boss"}
    town.canary = town.begin()  # a restart remembers the failure and raises no second alarm today
    assert len(town.canary.troubles()) == 1
    town.look(TEN + DAY_MS - 1)
    assert len(town.sent) == 1
    town.look(TEN + DAY_MS)
    assert (len(town.sent), town.canary.troubles()) == (2, [])
    with town.truth.view() as unit:
        assert [one.is_cleared for one in unit.alerts.findings(told.id)] == [False, True]


def test_an_alarm_that_never_comes_back_as_an_alert_has_failed_too(town):
    town.look(TEN)
    town.look(TEN + RING_LIMIT_MS + 1)
    assert (town.alerts(), len(town.canary.troubles())) == ([], 1)


def test_a_kill_between_alarm_and_ring_raises_no_second_alarm(town):
    town.look(TEN)
    town.find()
    town.canary = town.begin()
    (call,) = town.attempts(town.alerts()[0])
    town.desk.news_of(call.id, CallNews(state=AttemptState.RINGING, at_ms=TEN + 1_000))
    town.look(TEN + 5_000)
    assert len(town.sent) == 1
    assert town.canary.last.ring_ms is not None


def test_an_alarm_that_a_human_closed_behind_newer_alerts_is_still_found(town):
    town.look(TEN)
    town.find()
    (call,) = town.attempts(town.alerts()[0])
    town.desk.news_of(call.id, CallNews(state=AttemptState.RINGING, at_ms=TEN + 1_000))
    town.desk.close(town.alerts()[0].id, Outcome.FALSE_OTHER, "", who="account:li")
    town.clock.advance_to_ms(TEN + 2_000)
    for n in range(12):
        at_ms, home = TEN + 2_000, f"x{n}"
        one = Finding(
            id=f"x{n}",
            home_id=home,
            kind=FindingKind.DOOR_LEFT_OPEN,
            priority=Priority.P2,
            at_ms=at_ms,
            since_ms=at_ms,
            evidence=(),
            sentence=Bilingual("", ""),
        )
        town.desk.take_findings([one])
    town.look(TEN + 4_000)
    assert town.canary.last.ring_ms is not None


def test_without_the_broker_the_alarm_waits(town):
    town.is_connected = False
    town.look(TEN + 60_000)
    assert (town.sent, town.canary.last) == ([], None)
    town.is_connected = True
    town.look(TEN + 120_000)
    assert len(town.sent) == 1


def test_a_further_broker_that_is_away_keeps_no_alarm_back(town, tmp_path):
    broker, journal = nats_broker(tmp_path), Journal(tmp_path / "journal.sqlite")
    nowhere = SessionSettings(name="town2", client_id="town2", port=1)
    settings = Settings(data_dir=tmp_path, canary_at="10:00", canary_number="+8610000000000")
    with running(broker, journal, further=[nowhere], must_connect=False) as it:
        it.until(lambda: it.session.counters.brokers_away == ("town2",))
        one = canary(settings, town.truth, town.desk, it.session)
        one.look(TEN)
        assert one.last is not None
    journal.close()
    broker.stop()
