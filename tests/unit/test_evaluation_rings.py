"""The arithmetic of a backtest: what is one ring, which rings come and go, which were real, and over which days."""

import pytest

from alerts.model import Outcome
from app.evaluation.backtesting import compared
from app.evaluation.incidents import Incident, incident_of
from app.evaluation.recordings import Recording, Span
from app.evaluation.ringing import Ring, observed_days, rings_of, rung, rung_on
from app.evaluation.running import Trace
from app.evaluation.statistics import chance_of
from app.evaluation.windows import earliest_ms, window_of
from core.ids import HomeId
from core.localtime import DAY_MS, HOUR_MS, MINUTE_MS
from core.text import Bilingual
from registry.homes import Home
from rules.findings import Finding, FindingKind, Priority, finding_id

HOME = HomeId("h1")
END_MS = 100 * HOUR_MS


def told(kind, since_h, at_h, *, stage=1, is_over=False) -> Finding:
    """A finding with the priority that its kind has."""
    since_ms = int(since_h * HOUR_MS)
    return Finding(
        id=finding_id(HOME, kind, since_ms, f"{stage} {is_over}"),
        home_id=HOME,
        kind=kind,
        priority=Priority.P2 if kind is FindingKind.LOW_WATER else Priority.P1,
        at_ms=int(at_h * HOUR_MS),
        since_ms=since_ms,
        evidence=(),
        sentence=Bilingual("", ""),
        stage=stage,
        is_cleared=is_over,
    )


def rings(*findings: Finding) -> list[Ring]:
    return rings_of(Trace(findings=list(findings), ended_ms=END_MS))


def ring(since_h, at_h, until_h) -> Ring:
    return Ring(
        at_ms=int(at_h * HOUR_MS),
        since_ms=int(since_h * HOUR_MS),
        until_ms=int(until_h * HOUR_MS),
        second_ms=None,
        kind=FindingKind.INACTIVITY,
    )


def test_a_silence_rings_once_however_many_stages_it_has():
    silent = FindingKind.INACTIVITY
    (one,) = rings(told(silent, 1, 6), told(silent, 1, 6.5, stage=2), told(silent, 1, 7, is_over=True))
    assert (one.at_ms, one.second_ms, one.until_ms) == (6 * HOUR_MS, 6.5 * HOUR_MS, 7 * HOUR_MS)


def test_a_weak_sign_ends_a_ring_and_the_strong_one_after_it_changes_nothing():
    silent = FindingKind.INACTIVITY
    (one,) = rings(told(silent, 1, 6), told(silent, 1, 7, is_over=True), told(silent, 1, 8, is_over=True))
    assert one.until_ms == 7 * HOUR_MS


def test_too_little_water_is_a_ring_and_while_it_holds_a_silence_does_not_ring_again():
    water, silent = FindingKind.LOW_WATER, FindingKind.INACTIVITY
    found = rings(
        told(water, 0, 12), told(silent, 2, 14), told(water, 0, 15, is_over=True), told(silent, 2, 16, is_over=True)
    )
    assert [(one.at_ms, one.until_ms, one.kind) for one in found] == [(12 * HOUR_MS, 16 * HOUR_MS, water)]


def test_a_rule_without_stages_reaches_the_second_when_it_still_holds_as_the_ladder_rings_others():
    water = FindingKind.LOW_WATER
    long, short = (rings(told(water, 0, 12), told(water, 0, until, is_over=True))[0] for until in (13, 12.4))
    assert long.second_ms == 12 * HOUR_MS + 30 * MINUTE_MS
    assert short.second_ms is None


def test_other_findings_do_not_ring_for_silence():
    assert rings(told(FindingKind.NO_RETURN, 1, 7), told(FindingKind.DOOR_LEFT_OPEN, 1, 2)) == []


def test_rings_of_the_learning_days_are_not_counted_and_a_second_stage_counts_when_it_is_reached():
    found = rings(told(FindingKind.INACTIVITY, 1, 6), told(FindingKind.INACTIVITY, 1, 6.5, stage=2))
    assert rung(found, 6 * HOUR_MS) == found
    assert rung(found, 6 * HOUR_MS + 1) == []
    assert rung_on(found, 6 * HOUR_MS + 1) == found


def test_the_same_silence_rung_earlier_or_later_is_neither_new_nor_gone():
    change = compared([ring(1, 6, 8)], [ring(1, 5, 8)])
    assert (change.added, change.dropped) == ([], [])


def test_a_ring_that_only_one_set_of_limits_has_comes_or_goes():
    kept, gone, come = ring(1, 6, 8), ring(20, 25, 26), ring(40, 45, 46)
    change = compared([kept, gone], [kept, come])
    assert (change.added, change.dropped) == ([come], [gone])


def test_two_rings_in_the_silence_of_one_are_one_more():
    change = compared([ring(0, 12, 30)], [ring(1, 6, 7), ring(8, 13, 14)])
    assert (change.added, change.dropped) == ([ring(8, 13, 14)], [])


INCIDENT = Incident(9 * HOUR_MS, 16 * HOUR_MS, Outcome.TAKEN_TO_HOSPITAL)


@pytest.mark.parametrize(
    ("one", "is_real"),
    [
        (ring(9, 14, 15), True),  # the alert's own
        (ring(9, 13, 15), True),  # the same silence, sooner
        (ring(4, 8, 10), True),  # it still held when the incident began
        (ring(4, 8, 8.5), False),  # somebody moved before it began
        (ring(16, 21, 22), False),  # nobody is home any more: they are in hospital
    ],
)
def test_a_ring_was_real_when_it_rang_for_an_incident(one, is_real):
    assert (incident_of(one, [INCIDENT]) is not None) is is_real


def recording(**more) -> Recording:
    return Recording(name="h1", home=Home(id=HOME, person_id=None, area="a"), readings=[], **more)


def test_blind_suspended_and_unheard_time_is_lost_once_and_only_where_it_is_counted():
    trace = Trace(
        blind=[Span(0, 2 * DAY_MS), Span(5 * DAY_MS, 6 * DAY_MS)],
        unwatched=[Span(int(5.5 * DAY_MS), 7 * DAY_MS)],
        ended_ms=10 * DAY_MS,
    )
    # day 1 to 2 blind, 5 to 7 blind or suspended, 8 to 8.5 the service was down: 3.5 of 9 days
    assert observed_days(recording(outages=[Span(8 * DAY_MS, int(8.5 * DAY_MS))]), trace, DAY_MS) == 5.5


@pytest.mark.parametrize(
    ("history", "days", "learning", "counted"),
    [
        (300, 90, 60, 90),  # what is older than the slowest rule looks back is not even fed
        (120, 90, 30, 90),
        (100, 90, 14, 86),
        (21, 90, 14, 7),
        (20, 90, 13, 7),
        (7, 90, 1, 6),
        (1, 90, 0.5, 0.5),
    ],
)
def test_learning_days_come_first_and_what_is_left_is_counted(history, days, learning, counted):
    window = window_of(0, history * DAY_MS, days)
    assert (window.learning_days, window.counted_days) == (learning, counted)
    assert window.is_short is (history < 21)
    assert window.from_ms == max(0, earliest_ms(history * DAY_MS, days))


@pytest.mark.parametrize(("more", "fewer", "chance"), [(0, 0, 1.0), (1, 0, 1.0), (0, 5, 0.0625), (0, 6, 0.03125)])
def test_how_likely_a_split_is_by_chance_alone_is_the_sign_test(more, fewer, chance):
    assert chance_of(more, fewer) == pytest.approx(chance)
