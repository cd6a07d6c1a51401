"""A plan tells whom a ladder would ring and when, as the desk would, with who is left out and why."""

import msgspec
from desk_room import CONTACTS, Room, finding

from alerts.ladder_file import built_in_ladders
from alerts.ladder_plan import NO_NUMBER, NOBODY, Reach, plan_of
from alerts.silences import Silence
from alerts.situation import Situation
from core.text import Bilingual
from rules.findings import FindingKind, Priority
from rules.raising import usual_priority

NOON = 1_709_697_600_000  # 2024-03-06 12:00 in Shanghai
MIDNIGHT = NOON - 12 * 3_600_000


def plan(kind=FindingKind.INACTIVITY, contacts=CONTACTS, priority=None, *, has_resident=True, refuse=(), silences=()):
    return plan_of(
        built_in_ladders(),
        Situation(alert=None, contacts=contacts, has_resident=has_resident, silences=silences),
        priority=usual_priority(kind) if priority is None else priority,
        kind=kind,
        reach=lambda who, _how: Reach("voice", Bilingual("不通", "no") if who and who.id in refuse else None),
        now_ms=NOON,
    )


def test_a_plan_tells_the_moments_at_which_the_desk_would_ring():
    found = plan()
    assert [(step.at_ms - NOON) // 1000 for step in found.steps if step.round == 0 and step.is_taken] == [
        0, 105, 1200, 1320, 1440, 1560, 2160,
    ]  # fmt: skip
    (passed,) = [step for step in found.steps if step.round == 0 and not step.is_taken]
    assert [rung.skipped for rung in passed.rungs] == [NOBODY]  # there is no third member of the family
    assert {step.round for step in found.steps} == {0, 1}


def test_a_plan_begins_a_round_when_the_desk_would_where_the_rest_of_the_one_before_reaches_nobody():
    found = plan(contacts=CONTACTS[:1])
    room = Room(contacts=CONTACTS[:1])
    room.find(finding())
    room.forward(1_500)
    taken = [(step.at_ms - NOON) // 1000 for step in found.steps if step.is_taken]
    assert taken == [at_s for at_s, _ in room.rang] == [0, 105, 1_200, 1_500]
    assert len({(step.round, step.step) for step in found.steps}) == len(found.steps)  # none is told twice


def test_a_plan_names_who_is_left_out_and_why():
    found = plan(has_resident=False, refuse={"son"})
    resident = found.steps[0].rungs[0]
    assert resident.skipped == NO_NUMBER
    (son,) = {rung.skipped for step in found.steps for rung in step.rungs if rung.target == "contact:2"}
    assert son == Bilingual("不通", "no")


def test_a_plan_begins_when_the_silences_end_and_says_who_asked_for_them():
    hour = 3_600_000
    first = Silence(id="s1", home_id="h", from_ms=NOON - hour, until_ms=NOON + hour, author="li", reason="检修")
    second = msgspec.structs.replace(first, id="s2", from_ms=NOON + hour // 2, until_ms=NOON + 2 * hour, author="wang")
    later = msgspec.structs.replace(first, id="s3", from_ms=NOON + 3 * hour, until_ms=NOON + 4 * hour)
    found = plan(silences=(first, second, later))
    assert [one.by for one in found.silenced] == ["silence:s1", "silence:s2"]
    assert found.steps[0].at_ms == NOON + 2 * hour
    hazard = plan(FindingKind.EMERGENCY, silences=(first, second, later))
    assert (hazard.silenced, hazard.steps[0].at_ms) == ((), NOON)


def test_a_plan_of_a_ticket_sees_the_silence_of_the_morning_it_waits_for():
    morning = MIDNIGHT + 8 * 3_600_000
    silence = Silence(id="s1", home_id="h", from_ms=morning, until_ms=NOON, author="li", reason="检修")
    found = plan_of(
        built_in_ladders(),
        Situation(alert=None, contacts=CONTACTS, silences=(silence,)),
        priority=Priority.P3,
        kind=FindingKind.DEVICE_SILENT,
        reach=lambda _who, _how: Reach("sms"),
        now_ms=MIDNIGHT,
    )
    assert found.steps[0].at_ms == morning + 24 * 3_600_000 + 1_800_000


def test_a_plan_for_a_person_with_nobody_shows_every_step_passed_over():
    found = plan(contacts=(), has_resident=False)
    assert [step.is_taken for step in found.steps] == [False] * 8
