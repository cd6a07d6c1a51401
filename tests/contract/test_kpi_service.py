"""The figures from a real truth database: gathered, printed beside their targets, given to programs and /metrics."""

import json
import math

from desk_room import CONTACTS, HOME, PERSON, finding
from rota_plans import local_ms
from typer.testing import CliRunner
from watched_home import HOME_ID, KITCHEN, NINE, device, said

from alerts.attempts import CallNews
from alerts.model import AttemptState, Outcome, PlaceCall
from app.cli import app
from app.desk_service import DeskService
from app.files import DataFiles
from app.kpi import METRIC_OF, KpiWatch, report_of
from app.metric_names import METRICS
from app.rules_snapshot import SNAPSHOT
from core.clock import ManualClock
from core.events import Metric
from core.localtime import HOUR_MS, MINUTE_MS
from registry.homes import DeviceRole, Home
from registry.people import Category, Person
from registry.rota import Span
from rules.engine import Engine
from rules.findings import FindingKind, Priority
from visits.policy import built_in_policy

OPENED = local_ms("2026-03-02T12:00")


def test_a_case_from_finding_to_outcome_shows_in_the_table_the_json_and_the_metrics(tmp_path):
    truth = DataFiles(tmp_path).open_truth()
    clock = ManualClock(OPENED)
    desk = DeskService(truth, clock, built_in_policy(), on_change=lambda _lines: None)
    with truth.transaction() as unit:
        unit.people.put_person(Person(id=PERSON, home_id=HOME, area="a", categories=frozenset({Category.ALONE})))
        unit.people.put_home(Home(id=HOME, person_id=PERSON, area="a"))
        for contact in CONTACTS:
            unit.people.put_contact(contact)
    desk.take_findings([finding(FindingKind.EMERGENCY, Priority.P0, at_ms=OPENED)])
    desk.take_findings([finding(FindingKind.HOME_BLIND, Priority.P2, at_ms=OPENED + HOUR_MS)])
    with truth.view() as unit:
        alert = unit.alerts.open_of_home(HOME, is_ticket=False)
        call = next(one for one in unit.outbox.of_alert(alert.id) if isinstance(one.effect, PlaceCall))
    with truth.transaction() as unit:
        unit.outbox.claim(call.id, "voice", OPENED + 500)
    desk.news_of(call.id, CallNews(state=AttemptState.SUBMITTED, at_ms=OPENED + 2_000))
    clock.advance_to_ms(OPENED + 59_000)
    taken = desk.acknowledge(alert.id, "account:a", alert.version)
    clock.advance_to_ms(OPENED + 20 * 60_000)
    desk.close(taken.id, Outcome.HELPED_AT_HOME, "", who="account:a")
    with truth.view() as unit:
        found = report_of(unit, Span(OPENED, OPENED + 2 * HOUR_MS), OPENED + 2 * HOUR_MS)
    values = {one.name: one.value for one in found.figures}
    assert values["first_call_p50"] == 2
    assert (values["acknowledged_60s"], values["attended_45min"], values["precision"]) == (1, 1, 1)
    assert values["blind_share"] == 0.5
    watch = KpiWatch(truth, "Asia/Shanghai")
    assert all(math.isnan(value) for value in watch.gauges().values())
    watch.look(OPENED + HOUR_MS)
    assert watch.gauges()["shouwang_kpi_acknowledged_60s_ratio"] == 1
    assert set(METRIC_OF.values()) <= set(METRICS)
    truth.close()
    done = CliRunner().invoke(app, ["kpi", "--month", "2026-03", "--json", "--data-dir", str(tmp_path)])
    assert {one["name"] for one in json.loads(done.stdout)["figures"]} == set(METRIC_OF)
    table = CliRunner().invoke(app, ["kpi", "--month", "2026-03", "--data-dir", str(tmp_path)]).stdout
    assert "acknowledged_60s" in table
    assert "100.00 %  ≥ 97.50 %   ok" in table
    assert "不计入 excluded: drill 0, service 0, ticket 0" in table
    assert "basis: the outcome reported at closing" in table


def test_a_home_that_is_dark_for_minutes_counts_from_its_last_word_while_it_is_dark_and_afterwards(tmp_path):
    truth = DataFiles(tmp_path).open_truth()
    gateway = device("gateway", DeviceRole.GATEWAY, beat_ms=MINUTE_MS)
    home = Home(id=HOME_ID, person_id=None, area="a", devices=(gateway, KITCHEN))
    with truth.transaction() as unit:
        unit.people.put_home(home)
    engine, month = Engine(), Span(local_ms("2024-03-01T00:00"), local_ms("2024-04-01T00:00"))
    engine.set_home(home)

    def told(minute):
        with truth.transaction() as unit:
            unit.cursors.set_blob(SNAPSHOT, engine.snapshot())
            found = report_of(unit, month, NINE + minute * MINUTE_MS)
        return {one.name: (one.value, one.cases, one.is_met) for one in found.figures}["blind_share"]

    assert told(0) == (None, 0, None)  # no day is known: that is not "none of the time"
    for minute in range(10):
        word = said("gateway", Metric.ONLINE, True, NINE + minute * MINUTE_MS)
        engine.on_readings(word.received_at_ms, [word])
    assert told(9) == (0, 1, True)
    assert told(19) == (10 / 19, 1, False)  # of the snapshot of minute 9: no entry has come since
    engine.on_time(NINE + 19 * MINUTE_MS)
    back = said("gateway", Metric.ONLINE, True, NINE + 19 * MINUTE_MS)
    engine.on_readings(back.received_at_ms, [back])
    assert told(20) == (10 / 20, 1, False)
    truth.close()
