"""Broken records: what breaks is what is meant to, each fault is expected, and every kind of call is counted."""

import random

import pytest
from recorded_flat import BATH, DOOR, KITCHEN, LIVING, WATER, at, busy, flat, opened

from app.evaluation import faults, meter_breaks
from app.evaluation.faults import Case, Fault
from app.evaluation.recordings import reading_of
from app.evaluation.robustness import CASES, all_runs, outcome, with_beats
from app.evaluation.running import Trace, run
from core.events import Flag, Metric
from core.ids import HomeId
from core.localtime import HOUR_MS, MINUTE_MS
from core.text import Bilingual
from rules.findings import Finding, FindingKind, Priority, finding_id
from rules.parameters import RuleParameters

DAYS = 22
ROOMS = (KITCHEN, BATH, LIVING)
LIMITS = RuleParameters()
LIVES = {"two weeks of holiday", "visitors every third day", "clocks go forward"}
HOME = HomeId("flat")


def lived(**more):
    parts = [
        part
        for day in range(DAYS)
        for part in (
            busy(7, 8, day, rooms=ROOMS),
            busy(10, 11, day, rooms=ROOMS),
            opened(11, 13, day=day),
            busy(13.02, 14.02, day, rooms=ROOMS),
            *(busy(hour, hour + 0.5, day, rooms=ROOMS) for hour in (16, 18, 20, 21.5)),
        )
    ]
    if more.get("with_water"):
        hours = [(day, hour) for day in range(DAYS) for hour in range(24)]
        litres = [at_hour * 5 for at_hour, _ in enumerate(hours)]
        parts.append(
            [
                reading_of(WATER, Metric.WATER_TOTAL_L, float(total), at(hour, day))
                for total, (day, hour) in zip(litres, hours, strict=True)
            ]
        )
        return with_beats(flat(*parts, devices=(KITCHEN, LIVING, BATH, DOOR, WATER)))
    return with_beats(flat(*parts))


@pytest.fixture(scope="module")
def home():
    return lived()


def broken(breaks, recording) -> Case:
    case = breaks(recording, random.Random(1), LIMITS)
    assert case is not None
    return case


def told(kind, at_ms, *, detail="", priority=Priority.P1, stage=1) -> Finding:
    return Finding(
        id=finding_id(HOME, kind, at_ms, detail),
        home_id=HOME,
        kind=kind,
        priority=priority,
        at_ms=at_ms,
        since_ms=at_ms,
        evidence=(),
        sentence=Bilingual("", ""),
        stage=stage,
    )


def came_to(*findings: Finding, calm=(), fault=None, **more):
    case = Case(readings=[], faults=[fault] if fault else [], **more)
    return outcome(case, Trace(findings=list(calm)), Trace(findings=list(findings)))


DEAD = Fault(device_id=KITCHEN.id, from_ms=HOUR_MS, until_ms=9 * HOUR_MS)


@pytest.mark.parametrize(
    "kind", ["inactivity", "bathroom_silence", "no_return", "came_in_silent", "night_out", "low_water"]
)
def test_every_finding_that_rings_for_the_person_counts_as_an_alarm_of_the_fault(kind):
    found = came_to(told(FindingKind(kind), 2 * HOUR_MS), fault=DEAD)
    assert (found["person_alerts_by_fault"], found["person_alerts_by_kind"]) == (1, {kind: 1})


def test_an_alarm_that_the_sound_run_has_too_is_not_the_faults():
    known = told(FindingKind.INACTIVITY, 2 * HOUR_MS)
    near = told(FindingKind.INACTIVITY, 3 * HOUR_MS)
    assert came_to(near, calm=[known], fault=DEAD)["person_alerts_by_fault"] == 0


def test_an_alarm_of_another_kind_than_the_sound_runs_is_the_faults():
    known = told(FindingKind.INACTIVITY, 2 * HOUR_MS)
    found = came_to(known, told(FindingKind.NO_RETURN, 2 * HOUR_MS), calm=[known], fault=DEAD)
    assert found["person_alerts_by_kind"] == {"no_return": 1}


def test_an_alarm_before_the_record_broke_is_not_the_faults():
    assert came_to(told(FindingKind.INACTIVITY, HOUR_MS), from_ms=2 * HOUR_MS)["person_alerts_by_fault"] == 0


def test_other_calls_than_those_for_the_person_are_told_apart_and_a_blind_home_is_the_answer():
    door = told(FindingKind.DOOR_LEFT_OPEN, 2 * HOUR_MS, priority=Priority.P2)
    found = came_to(door, told(FindingKind.HOME_BLIND, 2 * HOUR_MS, priority=Priority.P2), fault=DEAD)
    assert (found["person_alerts_by_fault"], found["other_calls_by_kind"]) == (0, {"door_left_open": 1})
    assert found["faults_raised"] == 1


@pytest.mark.parametrize(
    ("finding", "raised"),
    [
        (told(FindingKind.DEVICE_SILENT, 4 * HOUR_MS, detail=KITCHEN.id), 1),
        (told(FindingKind.SENSOR_FAULT, 4 * HOUR_MS, detail=f"mute {KITCHEN.id}"), 1),
        (told(FindingKind.SENSOR_FAULT, 4 * HOUR_MS, detail=f"chatter {KITCHEN.id}"), 1),
        (told(FindingKind.DEVICE_SILENT, 4 * HOUR_MS, detail=LIVING.id), 0),  # another device
        (told(FindingKind.DEVICE_SILENT, 6 * HOUR_MS, detail=KITCHEN.id), 0),  # too late
        (told(FindingKind.INACTIVITY, 4 * HOUR_MS, detail=KITCHEN.id), 0),
    ],
)
def test_a_fault_is_raised_when_a_technical_finding_names_the_device_in_time(finding, raised):
    assert came_to(finding, fault=DEAD)["faults_raised"] == raised


@pytest.mark.parametrize("breaks", [faults.clock_ahead, faults.clock_behind])
def test_a_wrong_clock_goes_through_the_door_that_takes_messages_in(home, breaks):
    case = broken(breaks, home)
    (fault,) = case.faults
    own = [r for r in case.readings if r.device_id == fault.device_id and r.received_at_ms >= fault.from_ms]
    assert own
    assert {(r.observed_at_ms - r.received_at_ms, r.flags) for r in own} == {(0, Flag.SKEWED)}
    assert len(case.readings) == len(home.readings)


def test_until_it_is_known_that_a_clock_is_behind_its_readings_are_only_late(home):
    case = broken(faults.clock_behind, home)
    first = next(r for r in case.readings if r.device_id == case.faults[0].device_id and r.flags)
    assert (first.observed_at_ms - first.received_at_ms, first.flags) == (-10 * MINUTE_MS, Flag.LATE)


def test_a_clock_that_ingest_does_not_flag_is_a_fault_that_nobody_told(home):
    case = broken(faults.clock_ahead, home)
    unflagged = Case(readings=home.readings, faults=case.faults, from_ms=case.from_ms)
    assert outcome(case, Trace(), Trace())["faults_raised"] == 1
    assert outcome(unflagged, Trace(), Trace())["faults_raised"] == 0


@pytest.mark.parametrize("name", ["10 % of events lost", "a lone blip every 3 h"])
def test_what_no_rule_can_notice_says_why(home, name):
    case = broken(CASES[name], home)
    assert case.faults == []
    assert len(case.why_unnoticed) > 20


@pytest.mark.parametrize(
    "name",
    [
        "one sensor dead",
        "one sensor mute",
        "one sensor stuck on",
        "one sensor chattering",
        "gateway off for 6 h",
        "one clock 10 min ahead",
        "one clock 10 min behind",
    ],
)
def test_every_fault_that_a_rule_could_notice_is_expected(home, name):
    case = broken(CASES[name], home)
    assert case.faults
    assert case.why_unnoticed == ""


def test_a_sensor_that_only_one_other_could_miss_is_said_to_be_missed_by_nobody():
    two = with_beats(flat(*(busy(7, 22, day) for day in range(DAYS)), devices=(KITCHEN, LIVING)))
    case = broken(faults.mute, two)
    assert (case.faults, case.why_unnoticed) == ([], "fewer than 2 others could miss it")


def test_a_register_breaks_as_registers_do(wet):
    for breaks, last in ((meter_breaks.frozen, 1760.0), (meter_breaks.begun_anew, 875.0)):
        case = broken(breaks, wet)
        values = [r.value for r in case.readings if r.device_id == WATER.id and r.metric is Metric.WATER_TOTAL_L]
        assert values[-1] == last
        assert [fault.device_id for fault in case.faults] == [WATER.id]


@pytest.fixture(scope="module")
def wet():
    return lived(with_water=True)


@pytest.fixture(scope="module")
def calm(wet):
    return run(wet, LIMITS)


@pytest.mark.parametrize("name", sorted(CASES.keys() - LIVES))
def test_every_noticeable_fault_of_a_home_is_told_and_none_rings_for_the_person(wet, calm, name):
    case = broken(CASES[name], wet)
    found = outcome(case, calm, run(wet, LIMITS, readings=case.readings))
    assert found["faults_raised"] == found["faults"]
    assert bool(found["faults"]) is not bool(found["why_unnoticed"])
    if name != "10 % of events lost":  # the sign that would have ended a silence may be among the lost ones
        assert found["person_alerts_by_kind"] == {}


def test_the_runs_of_all_homes_are_counted_together_and_lives_are_no_faults():
    fault = came_to(told(FindingKind.NO_RETURN, 2 * HOUR_MS), fault=DEAD)
    life = came_to(told(FindingKind.INACTIVITY, 2 * HOUR_MS), is_pure_fault=False)
    unnoticed = came_to(why_unnoticed="nobody can")
    together = all_runs([fault, life, unnoticed])
    assert together["person_alerts_by_kind"] == {"no_return": 1}
    assert (together["faults"], together["faults_raised"], together["share_raised"]) == (1, 0, 0)
    assert together["runs_no_rule_could_notice"] == 1
