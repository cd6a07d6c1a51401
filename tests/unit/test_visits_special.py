"""Festivals by the lunar and the statutory calendar; what they recommend is never part of the minimum."""

from datetime import date

import pytest
from visits_kit import POLICY, general_person, key_person, visit

from core.errors import ConflictError
from visits.festivals import DEFAULT_FESTIVALS, festival_day, festivals_of
from visits.model import ContactClass
from visits.obligations import due
from visits.special import SPECIAL_WORDS, SpecialKind, SpecialPeriod, check_period


@pytest.mark.parametrize(
    ("kind", "days"),
    [
        (SpecialKind.SPRING_FESTIVAL, {2024: "2024-02-10", 2025: "2025-01-29", 2026: "2026-02-17", 2033: "2033-01-31"}),
        (SpecialKind.QINGMING, {2024: "2024-04-04", 2026: "2026-04-05"}),
        (SpecialKind.DRAGON_BOAT, {2024: "2024-06-10", 2025: "2025-05-31"}),
        (SpecialKind.MID_AUTUMN, {2024: "2024-09-17", 2025: "2025-10-06"}),
        (SpecialKind.DOUBLE_NINTH, {2024: "2024-10-11", 2025: "2025-10-29"}),
    ],
)
def test_a_festival_falls_on_its_known_day(kind, days):
    assert {year: festival_day(year, kind).isoformat() for year in days} == days


def test_a_festival_lasts_as_long_as_its_public_holiday_and_never_less_than_its_eve():
    spring = next(one for one in festivals_of(2024) if one.kind is SpecialKind.SPRING_FESTIVAL)
    assert (spring.from_date, spring.until_date) == (date(2024, 2, 9), date(2024, 2, 17))
    unpublished = next(one for one in festivals_of(2060) if one.kind is SpecialKind.SPRING_FESTIVAL)
    assert (unpublished.until_date - unpublished.from_date).days == 7


@pytest.mark.parametrize("year", range(2020, 2041))
def test_every_year_has_the_five_festivals_and_each_is_short_enough_to_be_one(year):
    found = festivals_of(year)
    assert {one.kind for one in found} == DEFAULT_FESTIVALS
    for period in found:
        check_period(period)
        assert period.from_date <= festival_day(year, period.kind) <= period.until_date


def test_a_year_beyond_the_lunar_tables_and_a_kind_that_is_no_festival_are_refused():
    for year, kind in ((1999, SpecialKind.QINGMING), (2024, SpecialKind.WEATHER)):
        with pytest.raises(ValueError, match=r"known for|no festival"):
            festival_day(year, kind)
    assert set(SPECIAL_WORDS) == set(SpecialKind)


@pytest.mark.parametrize("until", [date(2024, 1, 31), date(2024, 3, 5)])
def test_a_special_period_ends_after_it_begins_and_within_a_month(until):
    with pytest.raises(ConflictError):
        check_period(SpecialPeriod(id="x", kind=SpecialKind.WEATHER, from_date=date(2024, 2, 1), until_date=until))


def test_one_contact_serves_the_month_and_the_festival_and_is_shown_once():
    periods = festivals_of(2024)
    call = visit(ContactClass.C2_PHONE, "2024-02-12T10:00", general_person())
    found = due("2024-02", [general_person()], [call], None, POLICY, periods=periods)[0]
    assert (found.owed, found.contacts) == (0, 1)
    assert [(one.done, one.owed, one.is_required) for one in found.specials] == [(1, 0, False)]


def test_a_missed_festival_visit_is_recommended_and_does_not_raise_what_is_owed():
    found = due("2024-02", [key_person()], [], date(2024, 2, 12), POLICY, periods=festivals_of(2024))[0]
    assert (found.owed, found.specials[0].owed, found.specials[0].state) == (2, 1, "open")
    assert "春节" in found.specials[0].why.zh
