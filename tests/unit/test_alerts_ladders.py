"""Ladders as a town writes them: the strongest table wins field by field, and a wrong file is refused by line."""

from pathlib import Path

import pytest

from alerts.ladder_book import MAY_BE_URGENT, Case
from alerts.ladder_file import built_in_ladders, parse_ladders
from core.errors import ConfigurationError
from rules.findings import FindingKind, Priority
from rules.raising import usual_priority

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "ladders" / "shuren.toml"
HEAD = 'version = 3\nchanged_by = "w"\nchanged_at = 2026-11-24\nwhy = "y"\n'
NOON = 1_709_697_600_000  # 2024-03-06 12:00 in Shanghai
MIDNIGHT = NOON - 12 * 3_600_000
LONG = """[p2]
loop_from = 0
steps = [
  { after_s = 5, stage = "contacts", call = ["duty", "contact:1"] },  # two
  { after_s = 5, stage = "contacts", call = ["duty"], sms = ["all"] },
"""
STEPS = 'loop_from = 0\nsteps = [{ stage = "contacts", call = ["duty"] }]\n'
VICTIM_FIRST = (
    'loop_from = 1\nsteps = [{{ stage = "resident", call = ["resident"] }}, '
    '{{ after_s = {}, stage = "contacts", call = ["supervisor"] }}]\n'
)
TWICE_ASKED = (
    'loop_from = 2\nsteps = [{{ stage = "resident", call = ["resident"] }}, '
    '{{ after_s = 105, stage = "resident", call = ["resident"] }}, '
    '{{ after_s = {}, stage = "contacts", call = ["contact:1"] }}]\n'
)
ONLY_WRITTEN = 'loop_from = 0\nsteps = [{ stage = "contacts", call = ["resident"], sms = ["all"] }]\n'
VICTIM_AGAIN = (
    'loop_from = 1\nsteps = [{ stage = "contacts", call = ["resident", "duty"] }, '
    '{ after_s = 60, stage = "contacts", call = ["resident"] }]\n'
)


def case(kind=FindingKind.INACTIVITY, priority=Priority.P1, at_ms=NOON, **more):
    return Case(priority=priority, kind=kind, at_ms=at_ms, zone_name="Asia/Shanghai", **more)


def book(text):
    return parse_ladders(HEAD + text, where="ladders.toml")


def refusal(text):
    with pytest.raises(ConfigurationError) as caught:
        book(text)
    return caught.value


def test_what_ships_has_a_whole_ladder_for_every_priority_kind_and_hour():
    for priority in Priority:
        for kind in FindingKind:
            for at_ms in (NOON, MIDNIGHT):
                chosen = built_in_ladders().chosen(case(kind, priority, at_ms))
                is_claim = kind is FindingKind.FALL and priority is not Priority.P0
                assert chosen.name == f"p{int(priority)}@1" + " + kind.fall@1" * is_claim
                assert (chosen.policy.rounds == 0) == (priority <= Priority.P1)


def test_a_person_wins_over_a_tier_over_the_longer_area_over_everybody_field_by_field():
    found = book(
        """
[p1]
ack_deadline_s = 100
[area.a.p1]
ack_deadline_s = 200
[area."a/b".p1]
ack_deadline_s = 300
[tier.key.p1]
ack_deadline_s = 400
[person.p7.p1]
loop_after_s = 90
"""
    )
    deadlines = [
        found.chosen(one).policy.ack_deadline_s
        for one in (case(), case(area="a/x"), case(area="a/b/c"), case(area="ab"), case(is_key_person=True))
    ]
    assert deadlines == [100, 200, 300, 100, 400]
    chosen = found.chosen(case(area="a/b", is_key_person=True, person_id="p7"))
    assert (chosen.policy.ack_deadline_s, chosen.policy.loop_after_s) == (400, 90)
    assert chosen.name == "p1@1 + p1@3 + area.a.p1@3 + area.a/b.p1@3 + tier.key.p1@3 + person.p7.p1@3"
    assert chosen.sources["loop_after_s"] == "person.p7.p1@3"
    assert chosen.sources["steps"] == "p1@1"


def test_a_kind_wins_over_a_priority_and_the_night_over_the_whole_day():
    found = book(
        "[p2]\nack_deadline_s = 100\n[p2.night]\nack_deadline_s = 200\n"
        "[kind.night_out]\nack_deadline_s = 300\n[kind.night_out.night]\nack_deadline_s = 400\n"
    )
    told = [
        found.chosen(case(kind, Priority.P2, at_ms)).policy.ack_deadline_s
        for kind in (FindingKind.COLD_HOME, FindingKind.NIGHT_OUT)
        for at_ms in (NOON, MIDNIGHT)
    ]
    assert told == [100, 200, 300, 400]


@pytest.mark.parametrize(
    ("clock", "part"), [("21:59", "day"), ("22:00", "night"), ("05:59", "night"), ("06:00", "day")]
)
def test_the_night_begins_and_ends_on_the_minute_where_the_person_lives(clock, part):
    hour, minute = (int(one) for one in clock.split(":"))
    at_ms = MIDNIGHT + (hour * 60 + minute) * 60_000
    assert built_in_ladders().part_of(case(at_ms=at_ms)) == part


def test_no_table_of_a_kind_slows_or_ends_a_life_hazard():
    found = book(f"[kind.water_running]\nrounds = 2\n{STEPS}")
    assert found.chosen(case(FindingKind.WATER_RUNNING, Priority.P0)).name == "p0@1"
    urgent = found.chosen(case(FindingKind.WATER_RUNNING, Priority.P1))
    assert (urgent.policy.rounds, len(urgent.policy.steps)) == (0, 1)
    assert found.chosen(case(FindingKind.WATER_RUNNING, Priority.P2)).policy.rounds == 2


def test_a_lesser_kind_that_waits_for_the_morning_slows_no_graver_alert_that_it_joins():
    found = book(
        '[kind.door_left_open]\nloop_from = 0\nsteps = [{ at_local = "08:30", stage = "contacts", call = ["duty"] }]\n'
    )
    assert found.chosen(case(FindingKind.DOOR_LEFT_OPEN, Priority.P1)).name == "p1@1"
    assert found.chosen(case(FindingKind.DOOR_LEFT_OPEN, Priority.P2)).policy.steps[0].at_local == "08:30"


def test_every_kind_that_is_usually_urgent_is_known_to_be():
    assert {kind for kind in FindingKind if usual_priority(kind) <= Priority.P1} <= MAY_BE_URGENT


def test_the_example_of_the_documents_can_be_used():
    found = parse_ladders(EXAMPLE.read_text("utf-8"), where=str(EXAMPLE))
    assert [entry.name for entry in found.entries if not entry.is_built_in] == [
        "p1.night",
        "kind.door_left_open",
        "kind.water_running.night",
        "area.shuren/qiaotou.p2",
        "tier.key.p1",
        "person.p-h0123.p1",
    ]


@pytest.mark.parametrize(
    ("text", "line", "what", "remedy"),
    [
        ("[p1]\nrounds = 3\n", 6, "never give up", "rounds = 0"),
        ("[p1]\nack_deadlin_s = 3\n", 6, "ack_deadlin_s is not a part", "ack_deadline_s?"),
        ("[kind.watter_running]\nrounds = 3\n", 5, "watter_running", "water_running?"),
        ("[tier.kee.p1]\nrounds = 0\n", 5, "kee", "key?"),
        ("[kind.emergency]\nack_deadline_s = 100\n", 5, "always P0", "below p0"),
        ('[p2]\nsteps = [{ stage = "contacts", call = ["duty"] }]\n', 5, "belong together", "give both"),
        ('[p2]\nloop_from = 1\nsteps = [{ stage = "contacts", call = ["duty"] }]\n', 6, "no step 1", "0 to 0"),
        ('[p2]\nloop_from = 0\nsteps = [\n  { stage = "contacts", call = ["dutty"] },\n]\n', 8, "'dutty'", "duty?"),
        ('[p2]\nloop_from = 0\nsteps = [{ stage = "contacts" }]\n', 7, "to nobody", "call or sms"),
        (
            '[p2]\nloop_from = 0\nsteps = [{ stage = "resident", call = ["resident"] }]\n',
            6,
            "asking the resident",
            "contacts",
        ),
        (
            '[kind.inactivity]\nloop_from = 0\nsteps = [{ at_local = "08:30", stage = "contacts", call = ["duty"] }]\n',
            7,
            "cannot wait",
            "after_s",
        ),
        (
            '[p3]\nloop_from = 0\nsteps = [{ at_local = "8.30", stage = "contacts", sms = ["duty"] }]\n',
            7,
            "no time of day",
            "08:30",
        ),
        (
            '[p0]\nloop_from = 0\nsteps = [{ after_s = 9, stage = "contacts", call = ["duty"] }]\n',
            7,
            "rings at once",
            "after_s = 0",
        ),
        ("[p2]\nloop_after_s = 0\n", 6, "60", "60 to 86400, e.g. 300"),
        (
            '[p1]\nack_deadline_s = "15 min"\n',
            6,
            "ack_deadline_s",
            "seconds as a whole number without quotes, 60 to 7200",
        ),
        ('[p0]\nack_deadline_s = "5 min"\n', 6, "ack_deadline_s", "60 to 1800"),
        ("[p2]\nack_deadline_s = 900000\n", 6, "172800", "60 to 172800, e.g. 900"),
        ('[kind.fall]\nloop_after_s = "1 h"\n', 6, "loop_after_s", "60 to 3600, e.g. 300"),
        ("[p2]\nloop_from = 0\nsteps = []\n", 7, "steps", "1 to 50 steps, e.g. [{ after_s = 0"),
        ("[p2]\nloop_from = -1\n", 6, "loop_from", "counted from 0"),
        ("[p2]\nrounds = 1.5\n", 6, "rounds", "0 (without end) to 1000"),
        ("[p1]\nrounds = 1.5\n", 6, "rounds", "never give up"),
        ('[p2]\nloop_from = 0\nsteps = [{ stage = "contacts", call = "duty" }]\n', 7, "call:", '["contact:1", "duty"]'),
        ('night = ["22", "6"]\n', 5, "night: '6' is no time of day", '"22:00"'),
        ('night = ["22:00"]\n', 5, "night lacks an entry", '["22:00", "06:00"]'),
        ("[p1]\nnight = 3\n", 6, "night", "[p1.night]"),
        ("p1 = 3\n", 5, "p1: Input should be a valid dictionary", "[p1]"),
        ("[kind.watter]\nrounds = 3\n", 5, "no kind 'watter'", "water_running"),
        ("[kind.fall]\nrounds = 1.5\n", 6, "rounds", "0 (without end) to 1000"),
        ("[tier.key.kind.watter]\nrounds = 3\n", 5, "no kind 'watter'", "water_running"),
        ("[kind.zzz]\nrounds = 3\n", 5, "no kind 'zzz'", "use one of inactivity, "),
        ("[tier.zzz.p1]\nrounds = 0\n", 5, "no tier 'zzz'", "use key or general"),
        ("[p1]\nloop_after_s = 7200\n", 6, "cannot pause", "3600 at most"),
        (
            '[p1]\nloop_from = 0\nsteps = [{ after_s = 7200, stage = "contacts", call = ["duty"] }]\n',
            7,
            "cannot pause",
            "3600 at most",
        ),
        ("[p0]\nack_deadline_s = 1801\n", 6, "owner of a P0 cannot be silent", "1800 at most"),
        ("[person.p7.p0.night]\nack_deadline_s = 86400\n", 6, "owner of a P0 cannot be silent", "1800 at most"),
        ("[area.a.p1]\nack_deadline_s = 7201\n", 6, "owner of a P1 cannot be silent", "7200 at most"),
        ("[kind.fall]\nack_deadline_s = 86400\n", 6, "owner of a P1 cannot be silent", "7200 at most"),
        (f"[p0]\n{VICTIM_FIRST.format(3600)}", 7, "P0 would ring nobody but the resident for 3600 s", "within 120 s"),
        (f"[p0.night]\n{VICTIM_FIRST.format(121)}", 7, "nobody but the resident for 121 s", 'call = ["contact:1"'),
        (f"[tier.key.p0]\n{VICTIM_FIRST.format(600)}", 7, "nobody but the resident", "within 120 s"),
        (f"[person.p7.p0]\n{VICTIM_FIRST.format(600)}", 7, "nobody but the resident", "within 120 s"),
        (f"[p0]\n{ONLY_WRITTEN}", 7, "P0 would ring nobody but the resident, ever", "within 120 s"),
        (f"[p1]\n{TWICE_ASKED.format(3496)}", 7, "P1 would ring nobody but the resident for 3601 s", "within 3600 s"),
        (f"[kind.fall.day]\n{TWICE_ASKED.format(3600)}", 7, "P1 would ring nobody but the resident", "within 3600 s"),
        (f"[p0]\n{VICTIM_AGAIN}", 6, "later rounds of a P0 would ring nobody but the resident", "or name an earlier"),
        (f"[area.a.p1.night]\n{VICTIM_AGAIN}", 6, "later rounds of a P1", "or name an earlier"),
        (f'{LONG}  {{ stage = "contacts", call = ["bos"] }},\n]\n', 10, "'bos'", "all"),
        ("[p2\n", 5, "not TOML", "mend"),
    ],
)
def test_a_wrong_file_is_refused_with_its_line_and_what_to_write(text, line, what, remedy):
    error = refusal(text)
    assert error.where == f"ladders.toml, line {line}", error
    assert what in error.what
    assert remedy in error.remedy


def test_the_longest_silence_of_an_owner_that_a_file_may_give_is_taken():
    found = book("[p0]\nack_deadline_s = 1800\n[p1]\nack_deadline_s = 7200\n[p2]\nack_deadline_s = 86400\n")
    given = [found.chosen(case(priority=one)).policy.ack_deadline_s for one in (Priority.P0, Priority.P1, Priority.P2)]
    assert given == [1800, 7200, 86400]


def test_a_ladder_that_rings_somebody_else_at_the_last_moment_is_taken():
    found = book(
        f"[p0]\n{VICTIM_FIRST.format(120)}[p1]\n{TWICE_ASKED.format(3495)}[p2]\n{TWICE_ASKED.format(7200)}"
        f"[kind.door_left_open]\n{TWICE_ASKED.format(7200)}"
    )
    assert len(found.chosen(case(priority=Priority.P0)).policy.steps) == 2


def test_a_file_without_its_version_is_refused():
    with pytest.raises(ConfigurationError, match="version is missing"):
        parse_ladders("[p2]\nrounds = 2\n", where="x")
