"""The alerts of an evaluation are the desk's: who joins, when others are rung, what was withdrawn before."""

import pytest

from app.evaluation.calls import NO_SEARCH, PERSON_KINDS, calls_of, lead_ms
from core.ids import HomeId
from core.localtime import MINUTE_MS
from core.text import Bilingual
from rules import home_mode
from rules.findings import Finding, FindingKind, Priority, finding_id

HOME = HomeId("h1")


def told(kind, minute, priority=Priority.P1, *, stage=1, is_over=False, is_strong=True) -> Finding:
    return Finding(
        id=finding_id(HOME, kind, 0, f"{stage} {is_over}"),
        home_id=HOME,
        kind=kind,
        priority=priority,
        at_ms=minute * MINUTE_MS,
        since_ms=0,
        evidence=(),
        sentence=Bilingual("", ""),
        stage=stage,
        is_cleared=is_over,
        clears_alert=is_over and is_strong,
    )


def others_after(*findings: Finding) -> float | None:
    (call,) = calls_of(findings)
    return None if call.reached_others_ms is None else call.reached_others_ms / MINUTE_MS


@pytest.mark.parametrize(("priority", "minutes"), [(Priority.P0, 0), (Priority.P1, 20), (Priority.P2, 30)])
def test_others_are_rung_when_the_ladder_that_ships_gets_there(priority, minutes):
    assert lead_ms(priority, FindingKind.INACTIVITY) == minutes * MINUTE_MS


def test_every_kind_that_is_told_for_a_persons_sake_either_sends_somebody_to_look_or_is_known_not_to():
    assert PERSON_KINDS | NO_SEARCH == home_mode.PERSON_KINDS
    assert PERSON_KINDS.isdisjoint(NO_SEARCH)


def test_another_finding_of_the_same_weight_joins_and_brings_others_no_sooner():
    assert others_after(told(FindingKind.BATHROOM_SILENCE, 0), told(FindingKind.INACTIVITY, 5)) == 20


def test_a_graver_finding_begins_the_ladder_anew():
    assert others_after(told(FindingKind.NO_RETURN, 0, Priority.P2), told(FindingKind.INACTIVITY, 25)) == 45


def test_a_strong_sign_before_others_are_rung_withdraws_the_alert():
    assert others_after(told(FindingKind.INACTIVITY, 0), told(FindingKind.INACTIVITY, 9, is_over=True)) is None


def test_a_weak_sign_withdraws_nothing():
    weak = told(FindingKind.INACTIVITY, 9, is_over=True, is_strong=False)
    assert others_after(told(FindingKind.INACTIVITY, 0), weak) == 20


def test_an_alert_is_not_withdrawn_while_another_of_its_findings_holds():
    findings = [
        told(FindingKind.BATHROOM_SILENCE, 0),
        told(FindingKind.INACTIVITY, 5),
        told(FindingKind.INACTIVITY, 9, is_over=True),
    ]
    assert others_after(*findings) == 20


def test_a_silence_after_one_that_ended_is_another_call():
    findings = [told(FindingKind.INACTIVITY, 0), told(FindingKind.INACTIVITY, 9, is_over=True)]
    assert len(calls_of([*findings, told(FindingKind.INACTIVITY, 90)])) == 2


def test_technical_findings_are_no_calls_about_the_person():
    assert calls_of([told(FindingKind.HOME_BLIND, 0), told(FindingKind.WATER_RUNNING, 3, Priority.P2)]) == []


def test_what_a_weak_and_then_a_strong_sign_take_back_is_over_and_the_next_silence_is_a_call_of_its_own():
    kind = FindingKind.INACTIVITY
    first = [told(kind, 0), told(kind, 1, is_over=True, is_strong=False), told(kind, 2, is_over=True)]
    others = [told(kind, 9), told(kind, 10, is_over=True), told(kind, 40)]
    assert [call.at_ms // MINUTE_MS for call in calls_of([*first, *others])] == [0, 9, 40]
