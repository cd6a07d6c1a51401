"""Drawings say what their words say: bars where life was, the silence up to its limit, nothing where nobody knows."""

from datetime import date, timedelta

import pytest
from api_home import MIDNIGHT_MS, TODAY, sample_activity, sample_silence
from hypothesis import given
from hypothesis import strategies as st

from api.drawing import (
    DAY_MIN,
    LIMIT_HEIGHT,
    ROW_WIDTH,
    coverage_drawing,
    day_drawing,
    limit_drawing,
    rows_of,
    stretches,
    strip_drawing,
)
from api.home_views import ActiveDayView, CoverageView, SpanView
from core.localtime import DAY_MS, HOUR_MS, MINUTE_MS

NOON_MS = MIDNIGHT_MS + 12 * HOUR_MS


def day_of(*half_hours: int, is_recorded=True):
    return ActiveDayView(day=TODAY, from_ms=MIDNIGHT_MS, half_hours=list(half_hours), is_recorded=is_recorded)


def bars(drawing, *kinds: str):
    return [(bar.x, bar.width) for bar in drawing.bars if bar.kind in kinds]


def silence_of(from_ms, due_ms):
    return sample_silence().model_copy(update={"from_ms": from_ms, "due_ms": due_ms})


def test_a_strip_stands_where_the_sensor_showed_life_and_higher_for_a_surer_sign():
    activity = sample_activity()
    drawing = strip_drawing(activity.strips[0], activity, MIDNIGHT_MS + DAY_MS)
    hand, moved = [bar for bar in drawing.bars if bar.kind in {"a", "b"}]
    assert (hand.x, hand.width, moved.x, moved.width) == (420, 20, 440, 10)
    assert hand.height > moved.height
    assert hand.y + hand.height == moved.y + moved.height == drawing.height
    assert "1 段" in drawing.words.zh


def test_time_to_come_is_marked_and_never_looks_like_silence():
    activity = sample_activity()
    assert bars(strip_drawing(activity.strips[1], activity, NOON_MS), "future") == [(720, 720)]
    assert bars(strip_drawing(activity.strips[1], activity, MIDNIGHT_MS + DAY_MS), "future") == []
    assert bars(day_drawing(day_of(), None, NOON_MS), "future") == [(240, 240)]


def test_stretches_that_touch_are_told_as_one_whatever_their_grade():
    spans = [SpanView(from_ms=a, until_ms=b, grade=g) for a, b, g in ((0, 5, "A"), (5, 9, "B"), (12, 13, "C"))]
    assert stretches(spans) == [(0, 9), (12, 13)]


def test_half_hours_in_a_row_are_one_bar():
    drawing = day_drawing(day_of(0, 1, 2, 20, 47), None, MIDNIGHT_MS + DAY_MS)
    assert bars(drawing, "active") == [(0, 30), (200, 10), (470, 10)]
    assert drawing.words.en == "5 half hours with activity"


def test_a_day_before_the_first_record_is_no_silent_day():
    drawing = day_drawing(day_of(is_recorded=False), sample_silence(), NOON_MS)
    assert (drawing.bars, drawing.words.zh) == ((), "没有记录")


def test_the_silence_under_way_is_drawn_to_now_and_on_to_the_moment_at_which_it_calls():
    silence = silence_of(NOON_MS - 2 * HOUR_MS, NOON_MS + 3 * HOUR_MS)
    drawing = day_drawing(day_of(19), silence, NOON_MS)
    assert bars(drawing, "silence", "ahead", "due") == [(200, 40), (240, 60), (300, 3)]


def test_a_silence_that_calls_only_tomorrow_has_tomorrows_row():
    activity = sample_activity()
    silence = silence_of(NOON_MS, activity.until_ms + HOUR_MS)
    *_, today, tomorrow = rows_of(activity, silence)
    assert tomorrow.day - today.day == timedelta(days=1)
    assert bars(day_drawing(today, silence, NOON_MS), "due") == []
    assert bars(day_drawing(tomorrow, silence, NOON_MS), "ahead", "due") == [(0, 20), (20, 3)]


@pytest.mark.parametrize(
    ("from_ms", "due_ms"), [(None, None), (NOON_MS, NOON_MS + HOUR_MS), (NOON_MS + 2 * DAY_MS, NOON_MS + 3 * DAY_MS)]
)
def test_no_row_is_added_when_the_silence_does_not_reach_into_the_next_day(from_ms, due_ms):
    activity = sample_activity()
    assert rows_of(activity, silence_of(from_ms, due_ms)) == activity.days
    assert rows_of(activity, None) == activity.days


def test_the_limit_is_highest_where_a_silence_may_last_longest():
    drawing = limit_drawing(sample_silence())
    columns = [bar for bar in drawing.bars if bar.kind == "limit"]
    assert len(columns) == 48
    assert [columns[0].height, columns[-1].height] == [75, 33]  # 9 and 4 of 12 hours
    assert all(bar.y + bar.height == LIMIT_HEIGHT for bar in columns)
    assert drawing.words.en == "from 4.0 to 9.0 hours"


def test_a_day_is_drawn_as_seen_away_and_blind_and_one_that_nobody_vouches_for_not_at_all():
    seen = coverage_drawing(CoverageView(day=date(2024, 2, 1), seen_min=1380, blind_min=60, away_min=120))
    assert bars(seen, "seen", "away", "blind") == [(0, 1260), (1260, 120), (1380, 60)]
    unknown = coverage_drawing(CoverageView(day=date(2024, 2, 1), seen_min=None, blind_min=None, away_min=120))
    assert (unknown.bars, unknown.words.zh) == ((), "不明")


@given(
    st.sets(st.integers(0, 47)), st.integers(-2 * DAY_MS, DAY_MS), st.integers(0, 2 * DAY_MS), st.integers(0, DAY_MS)
)
def test_no_bar_leaves_its_box_whatever_the_day(half_hours, since, lasting, now):
    silence = silence_of(MIDNIGHT_MS + since, MIDNIGHT_MS + since + lasting)
    drawing = day_drawing(day_of(*sorted(half_hours)), silence, MIDNIGHT_MS + now)
    assert sum(width for _, width in bars(drawing, "active")) == len(half_hours) * 10
    for bar in drawing.bars:
        assert bar.width > 0
        assert bar.x >= 0
        assert bar.x + bar.width <= ROW_WIDTH


@given(st.lists(st.tuples(st.integers(0, DAY_MIN - 5), st.integers(1, 5), st.sampled_from("ABC")), max_size=20))
def test_no_strip_leaves_its_box(found):
    activity = sample_activity()
    spans = [
        SpanView(from_ms=MIDNIGHT_MS + at * MINUTE_MS, until_ms=MIDNIGHT_MS + (at + lasting) * MINUTE_MS, grade=grade)
        for at, lasting, grade in sorted(found)
    ]
    strip = activity.strips[0].model_copy(update={"spans": spans})
    drawing = strip_drawing(strip, activity, NOON_MS)
    assert all(bar.x >= 0 and bar.x + bar.width <= drawing.width for bar in drawing.bars)
