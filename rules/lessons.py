"""When a home's night lesson is due, and what is told when its routine has changed."""

from datetime import datetime, timedelta
from zlib import crc32
from zoneinfo import ZoneInfo

import msgspec

from core.ids import HomeId
from core.localtime import MINUTE_MS, from_ms, to_ms
from core.text import Bilingual
from rules.deadlines import Deadline
from rules.findings import Evidence, FindingKind
from rules.habits.learning import Lesson
from rules.inactivity import LEARNING_DAYS, Silence
from rules.sentences import fact
from rules.watch import View

LESSON_HOUR = 2
LESSON_SPREAD_MINUTES = 120
"""Lessons of a county are spread over two hours: ten thousand homes at 1 ms each never stand in one queue."""


def next_lesson_ms(home_id: HomeId, after_ms: int, tz: ZoneInfo) -> int:
    """Return the next local time from 02:00 to 04:00 at which this home learns; always the same minute of the day."""
    minute = crc32(home_id.encode()) % LESSON_SPREAD_MINUTES
    local = from_ms(after_ms, tz)
    for day in (local.date(), local.date() + timedelta(days=1)):
        due_ms = to_ms(datetime(day.year, day.month, day.day, LESSON_HOUR, tzinfo=tz)) + minute * MINUTE_MS
        if due_ms > after_ms:
            return due_ms
    raise AssertionError("a day has a night within 24 hours")


def take_lesson(view: View, at_ms: int) -> Deadline | None:
    """Let a home learn yesterday and set its next lesson; return a notice when its routine has changed."""
    state = view.state
    state.lesson_due_ms = next_lesson_ms(view.home.id, at_ms, view.tz)
    lesson = view.silence.learn(at_ms, is_home_seen=not state.is_away and not state.is_blind)
    return _routine_changed(lesson, at_ms) if lesson.is_routine_changed else None


def explained(view: View, deadline: Deadline) -> Deadline:
    """Count a first-stage alarm against the budget, and say what was expected of the silence."""
    state, silence = view.state, view.silence
    if not deadline.detail:
        silence.on_alarm()
    used = state.used.plus(silence.used(state.clock_from_ms or deadline.since_ms, deadline.due_ms))
    facts = (*deadline.facts, *_silence_facts(silence, used.expected, deadline.due_ms))
    return msgspec.structs.replace(deadline, facts=facts)


def _routine_changed(lesson: Lesson, at_ms: int) -> Deadline:
    """Return the notice of a changed routine: something to ask about at the next visit, never an alarm."""
    zh, en = ("多", "more") if lesson.is_more_active else ("少", "less")
    return Deadline(
        at_ms,
        FindingKind.ROUTINE_CHANGED,
        at_ms,
        sentence=Bilingual(
            f"连续五天的活动明显比平时{zh}：请在下次探访时留意",
            f"clearly {en} activity than usual on five days in a row: ask about it at the next visit",
        ),
    )


def _silence_facts(silence: Silence, used: float, at_ms: int) -> tuple[Evidence, ...]:
    """Return what was expected of a silence, as evidence; nothing for a fixed limit."""
    if not silence.limits.is_personal:
        return ()
    first = silence.limits.budget.first_per_30d
    told = fact(
        at_ms,
        f"按本户作息，此时段应有{used:.1f}个半小时有活动；限度{silence.limit:.1f}（误报预算每30天{first:g}次）",
        f"by this home's habits {used:.1f} half hours with activity were expected; the limit is {silence.limit:.1f} "
        f"(a budget of {first:g} false alarms in 30 days)",
    )
    day = silence.learning_day
    if day > LEARNING_DAYS:
        return (told,)
    return told, fact(at_ms, f"学习第{day}天，共{LEARNING_DAYS}天", f"learning day {day} of {LEARNING_DAYS}")
