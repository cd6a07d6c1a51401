"""Bars that a page draws: a sensor's day, a home's weeks, its limit, its coverage; shapes and words, no markup."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from api.home_views import ActiveDayView, ActivityView, CoverageView, SilenceLimitView, SpanView, StripView
from core.localtime import DAY_MS, HOUR_MS, MINUTE_MS
from core.text import Bilingual

HALF_HOUR_MS = 30 * MINUTE_MS
HALF_HOURS = 48
DAY_MIN = 1_440
GRID_HOURS = (6, 12, 18)

STRIP_HEIGHT = 12
GRADE_HEIGHTS = {"A": 12, "B": 9, "C": 6}
"""The stronger the sign the higher its bar, so that it can be told without its colour."""

ROW_WIDTH = HALF_HOURS * 10
ROW_HEIGHT = 10
DUE_WIDTH = 3
"""A mark of about ten minutes: it can be seen on a telephone."""

LIMIT_HEIGHT = 100


@dataclass(frozen=True)
class Bar:
    """One rectangle; its kind names its colour in the style sheet."""

    kind: str
    x: int
    width: int
    y: int = 0
    height: int = STRIP_HEIGHT


@dataclass(frozen=True)
class Drawing:
    """Bars in a box, and the sentence that says the same."""

    width: int
    height: int
    bars: tuple[Bar, ...]
    words: Bilingual


def strip_drawing(strip: StripView, activity: ActivityView, now_ms: int) -> Drawing:
    """Return one sensor's day, a unit a minute; what is to come is marked, so that nobody takes it for silence."""
    width = max((activity.until_ms - activity.from_ms) // MINUTE_MS, 1)
    bars = [_standing(span.grade.lower(), (span.from_ms - activity.from_ms) // MINUTE_MS, span) for span in strip.spans]
    count = len(stretches(strip.spans))
    words = (
        Bilingual(f"{count} 段活动", f"{count} stretches of activity") if count else Bilingual("无活动", "no activity")
    )
    come = min(max((now_ms - activity.from_ms) // MINUTE_MS, 0), width)
    return Drawing(width, STRIP_HEIGHT, (*_ground(width, STRIP_HEIGHT, come), *bars), words)


def stretches(spans: Iterable[SpanView]) -> list[tuple[int, int]]:
    """Return (from, until) of activity whatever its grade; what touches is one stretch."""
    found: list[tuple[int, int]] = []
    for span in spans:
        if found and span.from_ms <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], span.until_ms))
        else:
            found.append((span.from_ms, span.until_ms))
    return found


def day_drawing(day: ActiveDayView, silence: SilenceLimitView | None, now_ms: int) -> Drawing:
    """Return one day by half hours, with the silence under way and the moment at which it calls."""
    if not day.is_recorded:
        return Drawing(ROW_WIDTH, ROW_HEIGHT, (), Bilingual("没有记录", "no record"))
    bars = [Bar("active", start * 10, (end - start) * 10, 0, ROW_HEIGHT) for start, end in _runs(day.half_hours)]
    if silence is not None and silence.from_ms is not None and silence.due_ms is not None:
        bars += _silence_bars(day.from_ms, silence.from_ms, silence.due_ms, now_ms)
    count = len(day.half_hours)
    words = Bilingual(f"{count} 个半小时有活动", f"{count} half hours with activity")
    return Drawing(
        ROW_WIDTH, ROW_HEIGHT, (*_ground(ROW_WIDTH, ROW_HEIGHT, _across(now_ms - day.from_ms)), *bars), words
    )


def rows_of(activity: ActivityView, silence: SilenceLimitView | None) -> list[ActiveDayView]:
    """Return the days to draw; tomorrow too when the silence under way may call only then."""
    last = activity.days[-1:]
    if silence is None or silence.due_ms is None or silence.from_ms is None or not last:
        return activity.days
    reaches = silence.from_ms < activity.until_ms <= silence.due_ms < activity.until_ms + DAY_MS
    if not reaches:
        return activity.days
    following = last[0].day.fromordinal(last[0].day.toordinal() + 1)
    return [*activity.days, ActiveDayView(day=following, from_ms=activity.until_ms, half_hours=[])]


def limit_drawing(silence: SilenceLimitView) -> Drawing:
    """Return how long a silence may last by the half hour it begins in, of the longest that any may."""
    longest_ms = max(silence.cap_ms, *silence.lasting_ms)
    heights = [round(lasting_ms * LIMIT_HEIGHT / longest_ms) for lasting_ms in silence.lasting_ms]
    bars = tuple(Bar("limit", i * 10, 10, LIMIT_HEIGHT - height, height) for i, height in enumerate(heights))
    shortest, longest = _hours(min(silence.lasting_ms)), _hours(max(silence.lasting_ms))
    words = Bilingual(f"最短 {shortest} 小时，最长 {longest} 小时", f"from {shortest} to {longest} hours")
    return Drawing(ROW_WIDTH, LIMIT_HEIGHT, (*_ground(ROW_WIDTH, LIMIT_HEIGHT, ROW_WIDTH), *bars), words)


def coverage_drawing(day: CoverageView) -> Drawing:
    """Return how much of a day was seen at home, seen away, and not seen; the rest nobody vouches for."""
    if day.seen_min is None or day.blind_min is None:
        return Drawing(DAY_MIN, STRIP_HEIGHT, (), Bilingual("不明", "unknown"))
    parts = (("seen", day.seen_min - day.away_min), ("away", day.away_min), ("blind", day.blind_min))
    bars: list[Bar] = []
    at = 0
    for kind, minutes in parts:
        if minutes > 0:
            bars.append(Bar(kind, at, minutes))
            at += minutes
    words = Bilingual(
        f"看见 {day.seen_min} 分钟，其中外出 {day.away_min}，失察 {day.blind_min}",
        f"seen {day.seen_min} min, away {day.away_min} of them, blind {day.blind_min}",
    )
    return Drawing(DAY_MIN, STRIP_HEIGHT, tuple(bars), words)


def _standing(kind: str, x: int, span: SpanView) -> Bar:
    height = GRADE_HEIGHTS[span.grade]
    return Bar(kind, x, max((span.until_ms - span.from_ms) // MINUTE_MS, 1), STRIP_HEIGHT - height, height)


def _ground(width: int, height: int, come: int) -> Iterator[Bar]:
    """Yield what lies under the bars: the part of the day that has not come, and a line each six hours."""
    if come < width:
        yield Bar("future", come, width - come, 0, height)
    for hour in GRID_HOURS:
        yield Bar("grid", width * hour // 24, max(width // DAY_MIN, 1), 0, height)


def _runs(half_hours: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield (first, after the last) of half hours in a row."""
    if not half_hours:
        return
    start = half_hours[0]
    for one, following in pairwise(half_hours):
        if following != one + 1:
            yield start, one + 1
            start = following
    yield start, half_hours[-1] + 1


def _silence_bars(day_ms: int, from_ms: int, due_ms: int, now_ms: int) -> Iterator[Bar]:
    for kind, begin_ms, end_ms in (("silence", from_ms, min(now_ms, due_ms)), ("ahead", max(now_ms, from_ms), due_ms)):
        start, end = _across(begin_ms - day_ms), _across(end_ms - day_ms)
        if end > start:
            yield Bar(kind, start, end - start, 3, ROW_HEIGHT - 6)
    if 0 <= due_ms - day_ms < DAY_MS:
        yield Bar("due", min(_across(due_ms - day_ms), ROW_WIDTH - DUE_WIDTH), DUE_WIDTH, 0, ROW_HEIGHT)


def _across(offset_ms: int) -> int:
    return min(max(offset_ms * ROW_WIDTH // DAY_MS, 0), ROW_WIDTH)


def _hours(length_ms: int) -> str:
    return f"{length_ms / HOUR_MS:.1f}"
