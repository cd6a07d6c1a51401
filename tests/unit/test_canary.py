"""When a test alarm is due, when it rang, when it failed; its person is owed no visit."""

from datetime import date, time

import msgspec
import pytest
from desk_room import Room, finding
from rota_plans import local_ms

from alerts.canary import RING_LIMIT_MS, Run, canary_home, canary_person, is_due, judged, rang_at_ms
from alerts.model import AttemptState, PlaceCall
from core.events import Metric, Reading
from core.localtime import DAY_MS, HOUR_MS
from rules.engine import Engine
from rules.findings import FindingKind, Priority
from visits.obligations import due
from visits.policy import built_in_policy

ZONE = "Asia/Shanghai"
RUN = Run(day=date(2026, 3, 2), raised_at_ms=1_000)


@pytest.mark.parametrize(
    ("now", "last", "is_it"),
    [
        ("2026-03-02T09:59", None, False),
        ("2026-03-02T10:00", None, True),
        ("2026-03-02T23:59", None, True),
        ("2026-03-02T10:00", date(2026, 3, 2), False),
        ("2026-03-03T09:59", date(2026, 3, 2), False),
        ("2026-03-03T10:00", date(2026, 3, 2), True),
    ],
)
def test_it_is_due_once_a_day_from_its_time_on(now, last, is_it):
    run = None if last is None else msgspec.structs.replace(RUN, day=last, has_failed=True)
    assert is_due(run, time(10), local_ms(now), ZONE) is is_it


@pytest.mark.parametrize(
    ("rang_ms", "now_ms", "ring_ms", "has_failed"),
    [
        (3_000, 5_000, 2_000, False),
        (None, 1_000 + RING_LIMIT_MS, None, False),
        (None, 1_001 + RING_LIMIT_MS, None, True),
        (1_001 + RING_LIMIT_MS, 1_001 + RING_LIMIT_MS, None, True),  # too late is not in time
        (1_000 + RING_LIMIT_MS, 9_000 + RING_LIMIT_MS, RING_LIMIT_MS, False),  # seen late, rung in time
    ],
)
def test_it_has_rung_in_time_or_failed_at_its_limit(rang_ms, now_ms, ring_ms, has_failed):
    seen = judged(RUN, rang_ms, now_ms)
    assert (seen.ring_ms, seen.has_failed) == (ring_ms, has_failed)


@pytest.mark.parametrize(
    ("state", "has_rung"),
    [
        (AttemptState.SUBMITTED, False),  # a provider has it, no phone has rung
        (AttemptState.FAILED, False),
        (AttemptState.RINGING, True),
        (AttemptState.BUSY, True),
        (AttemptState.NO_ANSWER, True),
    ],
)
def test_only_a_phone_that_was_tried_has_rung(state, has_rung):
    room = Room(now_ms=1_000)
    room.find(finding(FindingKind.EMERGENCY, Priority.P0, at_ms=1_000))
    room.now_ms = 4_000
    room.news("resident", state)
    room.now_ms = 5_000
    room.news("daughter", AttemptState.RINGING)  # somebody else's phone proves nothing
    assert rang_at_ms(list(room.attempts.values()), room.trace) == (4_000 if has_rung else None)


def test_without_real_calls_it_counts_when_the_board_shows_the_call():
    room = Room(now_ms=1_000)
    room.find(finding(FindingKind.EMERGENCY, Priority.P0, at_ms=1_000))
    shown = [
        msgspec.structs.replace(one, channel="console", submitted_at_ms=1_500)
        for one in room.attempts.values()
        if isinstance(one.effect, PlaceCall)
    ]
    assert rang_at_ms(shown, room.trace) == 1_500


def test_the_person_who_does_not_exist_is_owed_no_visit():
    rows = due("2026-03", [canary_person("+8610000000000")], [], date(2026, 3, 15), built_in_policy())
    assert sum(row.owed for row in rows) == 0


def test_its_home_is_told_of_for_each_press_and_for_nothing_else_in_a_month():
    engine, home = Engine(), canary_home(ZONE)
    engine.set_home(home)
    start_ms = local_ms("2026-03-02T10:00")
    engine.on_time(start_ms - HOUR_MS)
    found = []
    for day in range(30):
        at_ms = start_ms + day * DAY_MS
        found += engine.on_time(at_ms)
        press = Reading(home.id, home.devices[0].id, Metric.SOS, True, at_ms, at_ms, seq=day)
        found += engine.on_readings(at_ms, [press])
        found += engine.on_time(at_ms + 23 * HOUR_MS)
    told = [one for one in found if not one.is_cleared]  # a press stops holding after a day
    assert [(one.kind, one.priority) for one in told] == [(FindingKind.EMERGENCY, Priority.P0)] * 30
