"""A partition that is stopped anywhere and goes on from its snapshot finds exactly what an unstopped one finds."""

from hypothesis import given
from hypothesis import strategies as st
from rules_walk import HOME_ID, at, home_of, reading

from core.events import Metric
from core.localtime import MINUTE_MS
from rules.engine import Engine
from rules.findings import FindingKind

START = at("2024-03-05T06:00")
EVENTS = [
    ("kitchen", Metric.MOTION, True),
    ("kitchen", Metric.MOTION, False),
    ("hall", Metric.MOTION, True),
    ("hall", Metric.MOTION, False),
    ("entry", Metric.MOTION, True),
    ("entry", Metric.MOTION, False),
    ("door", Metric.OPEN, True),
    ("door", Metric.OPEN, False),
    ("gateway", Metric.ONLINE, True),
    ("gateway", Metric.MAINS, False),
    ("gateway", Metric.MAINS, True),
    ("sos", Metric.SOS, True),
    ("water", Metric.WATER_FLOW_L_H, 60.0),
    ("water", Metric.WATER_FLOW_L_H, 0.0),
    ("service", None, True),  # deaf from here on
    ("service", None, False),
]
TOLD_DEAF = {FindingKind.EMERGENCY, FindingKind.ROUTINE_CHANGED}
logs = st.lists(st.tuples(st.integers(0, 240), st.sampled_from(EVENTS)), max_size=60)


def fresh() -> Engine:
    engine = Engine()
    engine.set_home(home_of(10 * MINUTE_MS, is_key_person=True))
    engine.on_time(START)
    return engine


def run(log, cuts=frozenset()):
    engine, now, found, is_deaf = fresh(), START, [], False
    for number, (minutes, (device, metric, value)) in enumerate(log):
        if is_deaf and minutes % 3:  # else the service did not run
            for at_ms in range(now, now + minutes * MINUTE_MS, 5 * MINUTE_MS):
                found += engine.on_time(at_ms, is_deaf=True)
        now += minutes * MINUTE_MS
        if metric is None:
            is_deaf = value
        found += engine.on_time(now, is_deaf=is_deaf)
        if metric is not None:
            found += engine.on_readings(now, [reading(device, metric, value, now)])
        if number in cuts:
            data, engine = engine.snapshot(), fresh()
            assert engine.restore(data)
    found += engine.on_time(now + 1000 * MINUTE_MS)
    return found


@given(logs, st.frozensets(st.integers(0, 60), max_size=5))
def test_a_snapshot_taken_anywhere_changes_no_finding(log, cuts):
    assert run(log, cuts) == run(log)


@given(logs)
def test_every_deadline_that_was_announced_is_kept_and_none_is_in_the_past(log):
    engine, now = fresh(), START
    for minutes, (device, metric, value) in log:
        now += minutes * MINUTE_MS
        engine.on_time(now, is_deaf=metric is None and value)
        assert (due := engine.next_deadline_ms()) is None or due > now
        if metric is not None:
            engine.on_readings(now, [reading(device, metric, value, now)])


@given(logs)
def test_no_finding_of_a_log_is_told_twice(log):
    told = [(finding.id, finding.is_cleared) for finding in run(log)]
    assert len(told) == len(set(told))


@given(logs)
def test_while_the_service_is_deaf_nothing_is_found_that_rests_on_silence(log):
    engine, now = fresh(), START
    for minutes, (device, metric, value) in log:
        now += minutes * MINUTE_MS
        if metric is not None:
            engine.on_readings(now, [reading(device, metric, value, now)])
    found = ()
    for tick in range(0, 5000, 5):
        found += engine.on_time(now + tick * MINUTE_MS, is_deaf=True)
    assert [one for one in found if not one.is_cleared and one.kind not in TOLD_DEAF] == []


def test_a_snapshot_of_another_version_is_refused_and_nothing_taken():
    engine = fresh()
    assert not engine.restore(b"\x80")
    assert engine.home_status(HOME_ID).last_sign_at_ms is None
