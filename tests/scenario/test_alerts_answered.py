"""Whoever was found well is not rung again for the same silence, and is asked after once more if it lasts."""

from contextlib import closing

import msgspec
import pytest
from alarm_house import register
from desk_room import CONTACTS, HOME, finding

from alerts.lifecycle import ENDED
from alerts.model import AlertState, Outcome, PlaceCall
from alerts.suppression import SuppressionKind
from app.desk_service import DeskService
from core.clock import ManualClock
from core.localtime import HOUR_MS, MINUTE_MS
from rules.findings import FindingKind, Priority
from store.cipher import FieldCipher
from store.truth.database import Truth
from visits.policy import built_in_policy

NOON = 1_709_654_400_000 + 12 * HOUR_MS  # 2024-03-06 in Shanghai
LASTED_MS = 3 * HOUR_MS
SECOND_AFTER_MS = 20 * MINUTE_MS


class Place:
    """A home whose silence of three hours rang at noon."""

    def __init__(self, folder) -> None:
        self.truth = Truth(folder / "truth.sqlite", FieldCipher(b"k" * 32))
        register(self.truth, CONTACTS)
        self.clock = ManualClock(NOON)
        self.desk = DeskService(self.truth, self.clock, built_in_policy(), on_change=lambda _lines: None)
        self.finds(NOON, NOON - LASTED_MS)

    def finds(self, at_ms: int, since_ms: int, *, stage: int = 1, is_cleared: bool = False, **more) -> None:
        self.until(at_ms)
        found = finding(FindingKind.INACTIVITY, at_ms=since_ms, stage=stage)
        told = {"at_ms": at_ms, "since_ms": since_ms, "is_cleared": is_cleared, "clears_alert": is_cleared} | more
        self.desk.take_findings([msgspec.structs.replace(found, **told)])

    def second(self) -> None:
        self.finds(NOON + SECOND_AFTER_MS, NOON - LASTED_MS, stage=2)

    def closes(self, outcome: Outcome, at_ms: int = NOON + 2 * MINUTE_MS) -> None:
        self.until(at_ms)
        self.desk.close(self.alert.id, outcome, "", who="li")

    def until(self, at_ms: int) -> None:
        while (due_ms := self.desk.next_timer_ms()) is not None and due_ms <= at_ms:
            self.clock.advance_to_ms(due_ms)
            self.desk.run_timers(due_ms)
        self.clock.advance_to_ms(at_ms)

    @property
    def alert(self):
        with self.truth.view() as unit:
            return unit.alerts.list(None, 1, home_id=HOME)[0]

    def calls(self) -> int:
        """How many calls the last alert has placed."""
        with self.truth.view() as unit:
            return sum(isinstance(one.effect, PlaceCall) for one in unit.outbox.of_alert(self.alert.id))

    def why(self):
        with self.truth.view() as unit:
            lines = unit.alerts.trace(self.alert.id)
        return [one.suppression.kind for one in lines if one.suppression is not None]


@pytest.fixture
def place(tmp_path):
    place = Place(tmp_path)
    with closing(place.truth):
        yield place


@pytest.mark.parametrize("outcome", [Outcome.WELL_CONFIRMED_BY_RESIDENT, Outcome.SEEN_WELL, Outcome.AWAY_CONFIRMED])
def test_a_silence_that_goes_on_after_an_answer_rings_nobody_until_it_has_lasted_as_long_again(place, outcome):
    first = place.alert.id
    place.closes(outcome)
    place.second()
    assert place.alert.id != first
    assert (place.alert.state, place.calls(), place.why()) == (AlertState.OPEN, 0, [SuppressionKind.ANSWERED])
    place.until(NOON + 2 * MINUTE_MS + LASTED_MS - 1)
    assert place.calls() == 0
    place.until(NOON + 2 * MINUTE_MS + LASTED_MS)
    assert place.calls() == 1


def test_a_sign_of_life_meanwhile_ends_it_and_nobody_was_rung(place):
    place.closes(Outcome.WELL_CONFIRMED_BY_RESIDENT)
    place.second()
    place.finds(NOON + HOUR_MS, NOON - LASTED_MS, stage=2, is_cleared=True)
    assert (place.alert.state in ENDED, place.calls()) == (True, 0)


def test_who_closes_as_false_has_not_seen_the_person_and_others_are_rung(place):
    place.closes(Outcome.FALSE_SENSOR_FAULT)
    place.second()
    assert place.calls() == 1


def test_another_silence_after_the_answer_rings_as_ever(place):
    place.closes(Outcome.WELL_CONFIRMED_BY_RESIDENT)
    since_ms = NOON + 10 * MINUTE_MS
    place.finds(since_ms + HOUR_MS, since_ms, stage=2)
    assert place.calls() == 1


def test_a_life_hazard_in_the_meantime_rings_at_once_and_the_silence_joins_it(place):
    place.closes(Outcome.WELL_CONFIRMED_BY_RESIDENT)
    place.second()
    place.desk.take_findings([finding(FindingKind.EMERGENCY, Priority.P0, at_ms=NOON + HOUR_MS)])
    assert place.alert.priority is Priority.P0
    assert place.calls() >= 1


def test_a_second_stage_of_an_alert_that_nobody_has_closed_joins_it_as_ever(place):
    before = place.alert.id
    place.second()
    assert place.alert.id == before
    assert SuppressionKind.ANSWERED not in place.why()
