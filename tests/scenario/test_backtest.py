"""A change of limits on a home's own history: made-up silences are found to the minute, and nothing else is."""

import json

import pytest
from lived_journal import (
    GATEWAY,
    HOME,
    KITCHEN,
    LIVING,
    WATER,
    at,
    beats,
    device,
    home_of,
    lived,
    local,
    metered,
    moved,
    said,
    written,
)
from rules_walk import recorded, recorded_home
from shared_data import shared_file
from typer.testing import CliRunner

from alerts.desk import Desk
from alerts.ladder_file import built_in_ladders
from alerts.model import Outcome
from alerts.situation import Situation
from app.cli import app
from app.evaluation.backtesting import follow, moments_of
from app.evaluation.histories import history_of
from app.evaluation.windows import window_of
from core.events import Metric, Reading
from core.ids import HomeId
from core.localtime import HOUR_MS
from registry.homes import DeviceRole, Suspension, SuspensionReason
from rules.engine import Engine
from rules.findings import FindingKind
from rules.parameters import RuleParameters
from store.journal import Journal

DAYS = 30
FIXED = RuleParameters(inactivity_personal=0)
RULES = """version = 3
changed_by = "王主任"
changed_at = 2026-03-01
why = "固定限度"
[all]
inactivity_personal = 0
"""
QUIET = {24: (9.0, 14.5), 26: (9.0, 13.5)}
"""Five hours are reached on day 24 at two, four on day 26 at one."""

THERMOMETER = device("thermometer", DeviceRole.CLIMATE)
LATER = device("later", DeviceRole.INTERIOR_MOTION, HOUR_MS)
LITRES = RuleParameters(
    inactivity_personal=0,
    inactivity_day_ms=24 * HOUR_MS,
    inactivity_night_ms=24 * HOUR_MS,
    inactivity_cap_ms=24 * HOUR_MS,
    low_water_hours=12,
)


@pytest.fixture
def rules(tmp_path):
    (tmp_path / "rules.toml").write_text(RULES, encoding="utf-8")
    return tmp_path / "rules.toml"


def backtest(files, rules, *arguments: str):
    """Run the command; return what it printed and the rows of its JSON."""
    out = files.data_dir.parent / "out.json"
    config = files.data_dir.parent / "shouwang.toml"
    config.write_text(f'data_dir = "{files.data_dir}"\nrules_file = "{rules}"\n', encoding="utf-8")
    called = ["rules", "backtest", str(HOME), "--config", str(config), "--json", str(out), "--onsets", "20", *arguments]
    result = CliRunner().invoke(app, called)
    assert result.exit_code == 0, f"{result.output} {result.exception!r}"
    return result.output, json.loads(out.read_text("utf-8"))["homes"][str(HOME)]


def told_of(files, home, parameters=FIXED, onsets=0):
    """Return what limits tell of a home's journal from its fifteenth day on."""
    journal = Journal(files.journal)
    try:
        recording = history_of(journal, home, 0)
    finally:
        journal.close()
    window = window_of(recording.readings[0].received_at_ms, recording.ends_ms, DAYS)
    return follow(recording, parameters, window, moments_of(window, onsets, "test"))


def test_a_shorter_limit_is_shown_with_the_rings_that_it_adds_and_their_times(tmp_path, rules):
    files = written(tmp_path / "data", home_of(), lived(DAYS, QUIET), at(DAYS, 0))
    printed, found = backtest(files, rules, "--set", "inactivity_day_ms=4 h")
    before, after = found["rows"]
    assert (before["stage1"]["false_alarms"], after["stage1"]["false_alarms"]) == (1, 2)
    assert after["limits"] == {"inactivity_day_ms": ["5 h", "4 h"]}
    assert [(ring["at"], ring["since"]) for ring in after["added"]] == [(local(26, 13), local(26, 9))]
    assert after["dropped"] == []
    assert after["stage1"]["median_delay_h"] < before["stage1"]["median_delay_h"] <= 10
    assert found["counted_days"] == pytest.approx(15.7, abs=0.05)
    for words in ("在用 in force v3", "多响 rings more 1", "2026-03-28", "would have rung 3.8x/month [0.5, 13.8]"):
        assert words in printed


def test_a_longer_limit_is_shown_with_the_rings_that_go(tmp_path, rules):
    files = written(tmp_path / "data", home_of(), lived(DAYS, QUIET), at(DAYS, 0))
    _, found = backtest(files, rules, "--preset", "silence_12h", "--preset", "personal")
    assert [row["name"] for row in found["rows"]] == ["在用 in force v3", "silence_12h", "personal"]
    assert [ring["at"] for ring in found["rows"][1]["dropped"]] == [local(24, 14)]
    assert found["rows"][1]["missed_24h"] == 0


def test_a_ring_for_somebody_in_need_is_not_false_and_losing_it_is_said_loudly(tmp_path, rules):
    files = written(tmp_path / "data", home_of(), lived(DAYS, QUIET), at(DAYS, 0))
    close_alert(files, Outcome.TAKEN_TO_HOSPITAL)
    printed, found = backtest(files, rules, "--preset", "silence_12h", "--set", "inactivity_floor_ms=30 min")
    before, after = found["rows"]
    assert (before["stage1"]["false_alarms"], before["were_real"]) == (0, 1)
    assert [ring["outcome"] for ring in after["dropped"]] == ["taken_to_hospital"]
    (incident,) = found["incidents"]
    assert list(incident["rang"].values()) == [local(24, 14), None]
    assert "CAUTION: 1 of the rings that go" in printed
    assert "已送医" in printed


def test_a_ring_that_a_human_found_false_stays_false(tmp_path, rules):
    files = written(tmp_path / "data", home_of(), lived(DAYS, QUIET), at(DAYS, 0))
    close_alert(files, Outcome.SEEN_WELL)
    _, found = backtest(files, rules)
    (row,) = found["rows"]
    assert (row["stage1"]["false_alarms"], row["were_real"], found["incidents"]) == (1, 0, [])


def close_alert(files, outcome):
    """Let the desk open the alert of day 24 and a clerk close it two hours later."""
    told = Engine(FIXED)
    told.set_home(home_of())
    for reading in lived(25, QUIET):
        if reading.observed_at_ms <= at(24, 9.1):
            told.on_time(reading.observed_at_ms)
            told.on_readings(reading.observed_at_ms, (reading,))
    (finding,) = [one for one in told.on_time(at(24, 14)) if one.kind is FindingKind.INACTIVITY]
    desk, situation = Desk(built_in_ladders()), Situation(alert=None, contacts=())
    opened = desk.on_finding(finding, situation, person_id=None, now_ms=at(24, 14))
    closed = desk.close(
        Situation(alert=opened.alert, contacts=()), outcome=outcome, note="", who="account:li", now_ms=at(24, 16)
    )
    truth = files.open_truth()
    with truth.transaction() as unit:
        unit.alerts.apply(opened)
        unit.alerts.remember_finding(finding, opened.alert.id)
        unit.alerts.apply(closed)
    truth.close()


def test_every_rule_is_counted_and_not_silence_alone(tmp_path, rules):
    warmth = [(at(day, hour), 19.0 if 20 <= day < 22 else 22.0) for day in range(DAYS) for hour in range(24)]
    measured = [said(THERMOMETER, Metric.TEMPERATURE_C, degrees, at_ms) for at_ms, degrees in warmth]
    files = written(tmp_path / "data", home_of(KITCHEN, LIVING, THERMOMETER), [*lived(DAYS), *measured], at(DAYS, 0))
    _, found = backtest(files, rules, "--set", "cool_c=20")
    before, after = found["rows"]
    assert before["told"] == {}
    assert [(kind, told["count"]) for kind, told in after["told"].items()] == [("cold_home", 1)]
    assert after["added"] == after["dropped"] == []


@pytest.mark.parametrize("metric", [Metric.WATER_TOTAL_L, Metric.WATER_FLOW_L_H])
def test_too_little_water_is_an_alarm_of_its_preset_and_finds_an_incapacity_within_its_hours(tmp_path, metric):
    home = home_of(WATER)
    files = written(tmp_path / "data", home, metered(DAYS, {25: (7.0, 18.0)}, metric), at(DAYS, 0))
    told = told_of(files, home, LITRES, onsets=40)
    # no litre from 22:00 of day 24 on: twelve hours are over at ten; an ordinary night lasts ten
    rung = [ring.at_ms for ring in told.rings if ring.at_ms >= at(15, 0)]
    assert rung == [at(25, 10)]
    delays = [onset.delay_h for onset in told.onsets if onset.at_ms in told.home_ms]
    assert len(delays) > 80
    assert all(onset.by == "low_water" for onset in told.onsets)
    assert 0 < min(delays) < 4
    assert 11 < max(delays) <= 13  # the meter says within the hour that nothing flows any more


def test_what_the_service_missed_while_it_was_down_rings_for_nobody(tmp_path):
    home, kept = home_of(), [one for one in lived(DAYS) if not at(24, 9.1) < one.observed_at_ms < at(24, 16)]
    missed = [one for one in lived(DAYS) if at(24, 9.1) < one.observed_at_ms < at(24, 16)]
    late = [
        said(one, Metric.MOTION, reading.value, reading.observed_at_ms, arrived_ms=at(24, 16) + n)
        for n, reading in enumerate(missed)
        for one in (KITCHEN, LIVING)
        if one.id == reading.device_id
    ]
    down = told_of(written(tmp_path / "down", home, [*kept, *late], at(DAYS, 0)), home)
    silent = told_of(written(tmp_path / "silent", home, kept, at(DAYS, 0)), home)
    assert down.rings == []
    assert [ring.at_ms for ring in silent.rings] == [at(24, 14)]
    assert silent.observed_days - down.observed_days == pytest.approx(7 / 24, abs=0.01)


def test_a_reading_that_stands_in_the_log_before_it_was_observed_waits_for_its_time(tmp_path):
    files = written(tmp_path / "data", home_of(), [], at(0, 8))
    journal = Journal(files.journal)
    ahead = [said(KITCHEN, Metric.MOTION, value, at(0, hour)) for value, hour in ((True, 8.05), (False, 8.02))]
    journal.append(ahead, log_time_ms=at(0, 8))
    try:
        recording = history_of(journal, home_of(), 0)
    finally:
        journal.close()
    assert [one.received_at_ms for one in recording.readings] == [at(0, 8.02), at(0, 8.05)]
    assert recording.ends_ms == at(0, 8.05)


def test_days_that_were_blind_or_suspended_are_not_observed_and_hold_no_incapacity(tmp_path):
    away = Suspension(from_ms=at(20, 0), until_ms=at(22, 0), reason=SuspensionReason.HOSPITAL)
    home = home_of(KITCHEN, LIVING, GATEWAY, suspensions=(away,))
    kept = [one for one in lived(DAYS) if not at(20, 0) <= one.observed_at_ms < at(22, 0)]
    dark = [one for one in kept if one.observed_at_ms < at(25, 12)]
    alive = [*beats(GATEWAY, at(0, 0), at(25, 12))]
    told = told_of(written(tmp_path / "data", home, [*dark, *alive], at(DAYS, 0)), home, onsets=100)
    assert [ring for ring in told.rings if ring.at_ms >= at(15, 0)] == []
    assert told.observed_days == pytest.approx(25.5 - 2 - 14, abs=0.1)
    lost = [(at(20, 0), at(22, 0)), (at(25, 12.6), at(DAYS, 0))]
    assert not any(low <= at_ms < high for at_ms in told.home_ms for low, high in lost)
    assert len(told.home_ms) > 100


def test_a_sensor_that_came_later_was_no_fault_before(tmp_path):
    home = home_of(KITCHEN, LIVING, LATER, GATEWAY)
    alive = [*beats(GATEWAY, at(0, 0), at(DAYS, 0)), *beats(LATER, at(20, 0), at(DAYS, 0))]
    seen = [one for day in range(20, DAYS) for hour in range(8, 21) for one in moved(LATER, at(day, hour + 0.25))]
    told = told_of(written(tmp_path / "data", home, [*lived(DAYS), *alive, *seen], at(DAYS, 0)), home)
    assert told.counts == {}


def test_the_rules_in_force_ring_when_the_service_rang(tmp_path):
    home, readings = home_of(), [*lived(DAYS, QUIET)]
    engine, live = Engine(FIXED), []
    engine.set_home(home)
    for reading in readings:  # as app/pipeline.py does: judge what is due, then take in what came
        live += engine.on_time(reading.received_at_ms)
        live += engine.on_readings(reading.received_at_ms, (reading,))
    rang = [one.at_ms for one in live if one.kind is FindingKind.INACTIVITY and not one.is_cleared and one.stage == 1]
    told = told_of(written(tmp_path / "data", home, readings, at(DAYS, 0)), home)
    assert [ring.at_ms for ring in told.rings] == rang == [at(24, 14)]


def test_a_recorded_week_has_its_own_ring_under_a_limit_of_four_hours_and_says_how_little_it_is(tmp_path, rules):
    rows = list(recorded(shared_file("data/motion/tm000_multiday_absence.csv.gz")))
    home = recorded_home(sorted({sensor for _, sensor, _ in rows}))
    readings = [Reading(HomeId("h1"), sensor, Metric.MOTION, on, at_ms, at_ms) for at_ms, sensor, on in rows]
    files = written(tmp_path / "data", home, readings, rows[-1][0])
    printed, found = backtest(files, rules, "--set", "inactivity_day_ms=4 h")
    before, after = found["rows"]
    assert (before["stage1"]["false_alarms"], after["stage1"]["false_alarms"]) == (0, 1)
    assert before["told"]["no_return"]["count"] == after["told"]["no_return"]["count"] == 3
    assert [ring["at"] for ring in after["added"]] == ["2016-07-17 14:20"]
    assert "that says very little" in printed
    assert found["is_short"]
