"""A rota file is read or refused with its line; shifts follow holidays and clocks; a gap is told once."""

from datetime import datetime

import pytest
from rota_plans import ROTA_TOML, local_ms, town_rota

from core.errors import ConfigurationError
from core.localtime import HOUR_MS, MINUTE_MS, instant_of, zone
from registry.homes import ContactRole
from registry.rota import Rota, Span, on_duty, spells
from registry.rota_file import parse_rota
from registry.rota_gaps import gaps, gaps_ahead, horizon, told
from registry.rota_ical import ical


def holder(rota, text, line="desk"):
    return next(spell.staff for spell in on_duty(rota, local_ms(text, rota.zone_name)) if spell.line == line)


@pytest.mark.parametrize(
    ("at", "who"),
    [
        ("2026-03-02T08:30", "li"),  # Monday: the turn of the first
        ("2026-03-02T17:29", "li"),
        ("2026-03-02T17:30", "wang"),  # the night belongs to the next of the order
        ("2026-03-03T08:29", "wang"),
        ("2026-03-07T12:00", "zhou"),  # Saturday: a day of rest
        ("2026-03-09T08:29", "zhou"),  # Sunday's shift ends on Monday, in the old turn
        ("2026-03-09T08:30", "wang"),  # the next week
        ("2026-02-28T12:00", "zhou"),  # a Saturday that is worked instead of a holiday: a work day of the week before
        ("2026-02-28T18:00", "li"),
        ("2026-04-06T12:00", "wang"),  # Qingming Monday: a day of rest in the sixth turn
    ],
)
def test_the_weekly_turn_the_night_and_the_holidays_decide_who_is_on_duty(at, who):
    assert holder(town_rota(), at) == who


def test_overrides_win_in_their_order():
    away = '[[leave]]\nstaff = "li"\nfrom = 2026-03-02T12:00:00\nuntil = 2026-03-03T12:00:00\n'
    rota = town_rota(away)
    assert holder(rota, "2026-03-02T11:59") == "li"
    assert holder(rota, "2026-03-02T12:00") is None
    assert holder(town_rota(away + 'cover = "zhou"\n'), "2026-03-02T12:00") == "zhou"
    swapped = '[[swap]]\nbetween = ["li", "wang"]\nfrom = 2026-03-02T00:00:00\nuntil = 2026-03-04T00:00:00\n'
    assert holder(town_rota(swapped), "2026-03-02T12:00") == "wang"
    assert holder(town_rota(swapped), "2026-03-02T20:00") == "li"
    assert holder(town_rota(swapped + away), "2026-03-02T20:00") is None
    covered = '[[cover]]\nline = "desk"\nstaff = "boss"\nfrom = 2026-03-02T12:00:00\nuntil = 2026-03-02T13:00:00\n'
    assert holder(town_rota(swapped + away + covered), "2026-03-02T12:30") == "boss"


def test_two_people_who_cover_for_each_other_while_both_are_away_are_a_gap():
    both = "".join(
        f'[[leave]]\nstaff = "{one}"\ncover = "{other}"\nfrom = 2026-03-02T00:00:00\nuntil = 2026-03-04T00:00:00\n'
        for one, other in (("li", "wang"), ("wang", "li"))
    )
    assert holder(town_rota(both), "2026-03-02T12:00") is None


@pytest.mark.parametrize(
    ("wrong", "line", "words"),
    [
        (ROTA_TOML.replace('until = "17:30"', 'until = "18:00"'), 31, "overlap"),
        (ROTA_TOML.replace('from = "08:30"\nuntil = "17:30"', 'from = "8h"\nuntil = "17:30"'), 29, "time of day"),
        (ROTA_TOML.replace('order = ["li", "wang", "zhou"]', 'order = ["li", "wnag"]'), 24, "wnag"),
        (ROTA_TOML.replace("+8613800000002", "13800000002"), 11, "E.164"),
        (ROTA_TOML.replace('role = "supervisor"', 'role = "boss"'), 46, "role"),
        (ROTA_TOML.replace("Asia/Shanghai", "Asia/Nowhere"), 2, "time zone"),
        (ROTA_TOML.replace('id = "wang"', 'id = "li"'), 8, "twice"),
        (ROTA_TOML + '[[leave]]\nstaff = "li"\nfrom = 2026-03-02T12:00:00\nuntil = 2026-03-02T11:00:00\n', 56, "ends"),
        (ROTA_TOML + "[[leave]]\nstaff =\n", 54, "TOML"),
        (ROTA_TOML + "[[levae]]\nstaff = 1\n", 53, "levae"),
    ],
)
def test_a_wrong_file_is_refused_with_its_line_and_a_remedy(wrong, line, words):
    with pytest.raises(ConfigurationError, match=words) as refused:
        parse_rota(wrong, where="rota.toml")
    assert refused.value.where == f"rota.toml, line {line}"
    assert refused.value.remedy


def test_a_local_time_that_clocks_skip_is_the_moment_of_the_skip_and_one_they_repeat_is_the_first():
    berlin = zone("Europe/Berlin")
    rota = town_rota(zone_name="Europe/Berlin")
    skipped = datetime.fromisoformat("2026-03-29T02:30")
    assert instant_of(skipped, berlin) == local_ms("2026-03-29T03:00", "Europe/Berlin")
    repeated = datetime.fromisoformat("2026-10-25T02:30")
    assert instant_of(repeated, berlin) == local_ms("2026-10-25T02:30", "Europe/Berlin")
    night = Span(local_ms("2026-03-28T08:30", "Europe/Berlin"), local_ms("2026-03-29T08:30", "Europe/Berlin"))
    (spell,) = spells(rota, rota.lines[0], night)
    assert spell.span.until_ms - spell.span.from_ms == 23 * HOUR_MS


def test_shifts_that_change_within_the_skipped_hour_lose_no_minute_and_none_twice():
    head, rest = ROTA_TOML.replace("Asia/Shanghai", "Europe/Berlin").split("[[line.shift]]", 1)
    shifts = "".join(
        f'[[line.shift]]\nname = "{begins}"\nfrom = "{begins}"\nuntil = "{ends}"\n'
        for begins, ends in (("02:15", "02:45"), ("02:45", "02:15"))
    )
    rota = parse_rota(f"{head}{shifts}[[line]]{rest.split('[[line]]')[1]}", where="rota.toml")
    within = Span(local_ms("2026-03-28T00:00", "Europe/Berlin"), local_ms("2026-03-31T00:00", "Europe/Berlin"))
    found = spells(rota, rota.lines[0], within)
    assert sum(spell.span.until_ms - spell.span.from_ms for spell in found) == 71 * HOUR_MS
    assert all(spell.span.from_ms < spell.span.until_ms for spell in found)


def test_a_gap_is_told_once_however_often_it_is_looked_at_and_its_end_once():
    away = '[[leave]]\nstaff = "li"\nfrom = 2026-03-03T00:00:00\nuntil = 2026-03-04T00:00:00\n'
    rota = town_rota(away)
    known, new, over = (), [], []
    for minute in range(0, 3 * 24 * 60, 10):
        now_ms = local_ms("2026-03-02T00:00") + minute * MINUTE_MS
        seen = told(known, gaps_ahead(rota, now_ms))
        new += [(gap, now_ms) for gap in seen.new]
        over += [(gap, now_ms) for gap in seen.over]
        known = seen.known
    ((gap, found_ms),) = new
    assert (gap.role, gap.staff, gap.span.from_ms) == (ContactRole.DUTY, None, local_ms("2026-03-03T08:30"))
    assert found_ms <= gap.span.from_ms - 24 * HOUR_MS + 10 * MINUTE_MS
    assert gap.span.until_ms == local_ms("2026-03-03T17:30")
    ((ended, over_ms),) = over
    assert ended.span.from_ms == gap.span.from_ms
    assert over_ms == local_ms("2026-03-03T17:30")


def test_what_the_night_would_find_is_found_in_the_evening():
    rota = town_rota()
    evening = horizon(local_ms("2026-03-02T18:00"), rota.zone_name)
    assert evening.until_ms == local_ms("2026-03-04T08:00")
    assert horizon(local_ms("2026-03-02T17:59"), rota.zone_name).until_ms == local_ms("2026-03-03T17:59")


def test_somebody_whose_number_does_not_ring_is_a_gap_and_a_rota_without_lines_has_none():
    rota = town_rota()
    day = Span(local_ms("2026-03-02T08:30"), local_ms("2026-03-02T17:30"))
    assert gaps(rota, day) == ()
    (gap,) = gaps(rota, day, bad_numbers={"+8613800000001"})
    assert (gap.staff, gap.span) == ("li", day)
    assert gaps(Rota(), day) == ()


def test_the_calendar_holds_staff_names_and_no_phone_and_folds_its_lines():
    rota = town_rota()
    within = Span(local_ms("2026-03-02T08:30"), local_ms("2026-03-09T08:30"))
    text = ical(rota, within, now_ms=0)
    assert text.startswith("BEGIN:VCALENDAR\r\n")
    assert text.endswith("END:VCALENDAR\r\n")
    assert "DTSTART:20260302T003000Z\r\nDTEND:20260302T093000Z\r\n" in text
    unfolded = text.replace("\r\n ", "")
    assert "SUMMARY:值班 duty · desk day: 李敏\r\n" in unfolded
    assert "+86" not in unfolded
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    assert unfolded.count("BEGIN:VEVENT") == unfolded.count("UID:") == len(set(unfolded.split("UID:"))) - 1
