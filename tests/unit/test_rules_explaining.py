"""Why and why not: one moment of a home in words, from the journal, in both languages."""

import msgspec
import pytest
from rules_walk import HOME_ID, at, home_of, reading, walk

from app.hindsight import explain_at
from core.events import Metric, Reading
from core.localtime import DAY_MS, HOUR_MS, MINUTE_MS
from registry.homes import Suspension, SuspensionReason
from rules.engine import Engine
from rules.explaining import explain
from store.journal import Journal

NINE = at("2024-03-05T09:00")


def lived(until_ms, *readings: Reading, declared=(), **limits: float):
    engine = Engine()
    engine.set_home(msgspec.structs.replace(home_of(**limits), suspensions=declared))
    walk(engine, readings, until_ms)
    return explain(engine.rules_of(HOME_ID), until_ms)


def english(lines):
    return " | ".join(line.en for line in lines)


def moved(at_ms):
    return reading("kitchen", Metric.MOTION, True, at_ms), reading("kitchen", Metric.MOTION, False, at_ms + 1_000)


def test_a_quiet_hour_is_explained_by_the_last_sign_the_limit_and_the_next_deadline():
    told = lived(NINE + HOUR_MS, *moved(NINE), heartbeat_ms=DAY_MS)
    assert english(told.state) == "at home, and the home can be seen"
    assert "03-05 09:00 kitchen: movement (grade B)" in english(told.signs)
    assert "no sign of life for 1 h 00 min" in english(told.silence)
    assert "learning day 1 of 14" in english(told.silence)
    assert "03-05 14:00 no sign of life (from 03-05 09:00)" in english(told.waiting)
    assert told.open == ()


def test_a_home_that_rang_says_what_holds_and_that_others_are_next():
    told = lived(NINE + 5 * HOUR_MS + MINUTE_MS, *moved(NINE))
    assert "no sign of life since 03-05 09:00" in english(told.open)
    assert "03-05 14:20 no sign of life second stage" in english(told.waiting)
    assert "03-05 14:20 长时间无活动（第二步，通知他人）" in " | ".join(line.zh for line in told.waiting)


def test_an_absence_says_since_when_and_that_silence_is_not_counted():
    door = [reading("door", Metric.OPEN, value, NINE + n * 5_000) for n, value in enumerate((True, False))]
    told = lived(NINE + HOUR_MS, reading("kitchen", Metric.MOTION, True, NINE - MINUTE_MS), *door)
    assert "out since 03-05 09:00" in english(told.state)
    assert english(told.silence) == "away or blind: silence is not counted"
    assert "has not come back" in english(told.waiting)


def test_a_home_without_heartbeats_is_not_said_to_be_seen():
    told = lived(NINE + HOUR_MS, *moved(NINE))
    assert "nobody knows whether the home can be seen" in english(told.state)


def test_a_suspended_home_says_so_and_expects_nothing_of_the_person():
    away = Suspension(from_ms=NINE + MINUTE_MS, until_ms=None, reason=SuspensionReason.HOSPITAL)
    told = lived(NINE + HOUR_MS, *moved(NINE), declared=(away,))
    assert english(told.state) == "suspended since 03-05 09:01: nobody is watched over"
    assert english(told.silence) == "suspended: silence is not counted"
    assert "inactivity" not in english(told.waiting)


def test_a_home_of_which_nothing_was_heard_claims_nothing():
    told = lived(NINE, reading("gateway", Metric.ONLINE, True, NINE - MINUTE_MS))
    assert "nothing can be said" in english(told.silence)


def test_a_fixed_limit_is_told_as_a_share_of_it():
    told = lived(NINE + HOUR_MS, reading("kitchen", Metric.MOTION, True, NINE), inactivity_personal=0)
    assert "20 % of the fixed limit" in english(told.silence)


@pytest.mark.parametrize("hours", [1, 3])
def test_any_minute_of_the_journal_can_be_explained_again(tmp_path, hours):
    journal = Journal(tmp_path / "journal.db")
    try:
        for n in range(6):
            at_ms = NINE + n * HOUR_MS
            journal.append((reading("kitchen", Metric.MOTION, n % 2 == 0, at_ms),), log_time_ms=at_ms)
        told = explain_at(journal, home_of(), NINE + hours * HOUR_MS)
    finally:
        journal.close()
    signs = [1, 1, 2, 2][hours]  # motion at 9, 11 and 13 o'clock
    assert len(told.signs) == signs
    assert all(line.zh and line.en for lines in (told.state, told.signs, told.silence) for line in lines)
