"""The rules walk through a real home's week: a real absence, 13 stray motion pairs, and a silence put in."""

import pytest
from rules_walk import at, reading, recorded, recorded_home, walk
from shared_data import shared_file

from core.events import Metric
from core.localtime import HOUR_MS
from rules.engine import Engine
from rules.findings import FindingKind


@pytest.fixture
def week():
    return list(recorded(shared_file("data/motion/tm000_multiday_absence.csv.gz")))


def findings_of(week, silent_from_ms=None):
    engine = Engine()
    engine.set_home(recorded_home(sorted({sensor for _, sensor, _ in week})))
    kept = [row for row in week if silent_from_ms is None or row[0] < silent_from_ms]
    return walk(engine, (reading(s, Metric.MOTION, on, t) for t, s, on in kept), week[-1][0])


def test_a_real_absence_is_away_and_raises_no_return_and_never_inactivity(week):
    raised = [finding for finding in findings_of(week) if not finding.is_cleared]
    assert {finding.kind for finding in raised} == {FindingKind.NO_RETURN}
    asked_h = [(finding.at_ms - raised[0].at_ms) / HOUR_MS for finding in raised]
    assert asked_h == [0, 24, 48]  # two days and more away: asked after each day
    assert at("2016-07-13T07:21") <= raised[0].since_ms < at("2016-07-13T07:22")
    assert raised[0].at_ms == raised[0].since_ms + 6 * 3_600_000


def test_the_absence_ends_when_the_person_comes_home_and_not_with_a_stray_blip(week):
    cleared = [finding for finding in findings_of(week) if finding.is_cleared]
    assert [finding.kind for finding in cleared] == [FindingKind.NO_RETURN] * 3
    assert all(at("2016-07-16T18:54") <= finding.at_ms < at("2016-07-16T19:00") for finding in cleared)


def test_a_silence_put_into_the_recording_raises_inactivity(week):
    raised = [finding for finding in findings_of(week, at("2016-07-17T10:00")) if not finding.is_cleared]
    assert [finding.kind for finding in raised] == [
        *[FindingKind.NO_RETURN] * 3,
        FindingKind.INACTIVITY,
        FindingKind.INACTIVITY,
    ]
    silence, second = raised[3:]
    assert (silence.stage, second.stage) == (1, 2)
    assert second.at_ms == silence.at_ms + 20 * 60_000
    assert at("2016-07-17T14:19") <= silence.at_ms < at("2016-07-17T14:21")
    assert silence.evidence[0].grade in {"A", "B", "C"}
    assert "2016" not in silence.sentence.zh
    assert "没有任何活动" in silence.sentence.zh
