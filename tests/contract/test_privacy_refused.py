"""Whom an erasure leaves alone: who is still watched over, who is held, and whom only one officer wants erased."""

import msgspec
import pytest
from desk_room import finding
from ledger_kit import FORM
from privacy_town import QIAN, SUN, ZHANG, PrivacyTown

from app.desk_service import DeskService
from core.errors import ConflictError, NotFoundError
from core.ids import PersonId
from registry.commands import RecordConsent
from registry.consent import PURPOSE_WORDS, ConsentState, Purpose
from visits.policy import built_in_policy


@pytest.fixture
def town(tmp_path):
    town = PrivacyTown(tmp_path)
    town.live()
    yield town
    town.close()


def test_whoever_asked_does_not_confirm(town):
    town.end_service()
    with pytest.raises(ConflictError, match="nobody asked"):
        town.eraser.carry_out(town.wang, SUN)
    town.eraser.ask(town.wang, "x", QIAN)
    with pytest.raises(ConflictError, match="somebody else must confirm"):
        town.eraser.carry_out(town.wang, QIAN)
    town.eraser.carry_out(town.wang, SUN)
    with pytest.raises(ConflictError, match="is erased already"):
        town.eraser.ask(town.wang, "x", QIAN)


def test_while_service_runs_and_consent_stands_nobody_is_erased(town):
    with pytest.raises(ConflictError, match="the service has not ended"):
        town.eraser.ask(town.wang, "x", QIAN)
    with pytest.raises(NotFoundError):
        town.eraser.ask(PersonId("nobody"), "x", QIAN)


def answered(town, state, purposes):
    for purpose in purposes:
        filed = town.register.read(town.wang, "account:zhang")
        answer = RecordConsent(purpose=purpose, state=state, on=town.book.today())
        town.register.change(town.wang, answer, filed.entry.version, ZHANG)


def test_a_withdrawn_consent_to_everything_that_watches_is_enough(town):
    answered(town, ConsentState.GIVEN, (Purpose.VISITING, Purpose.SENSORS))
    answered(town, ConsentState.WITHDRAWN, (Purpose.VISITING, Purpose.SENSORS))
    town.eraser.ask(town.wang, "x", QIAN)
    assert town.eraser.carry_out(town.wang, SUN).watching_ends


@pytest.mark.parametrize("purpose", [Purpose.VISITING, Purpose.SENSORS, Purpose.CALLS])
def test_whoever_still_agrees_to_be_watched_in_any_way_is_not_erased(town, purpose):
    answered(town, ConsentState.GIVEN, [purpose])
    answered(town, ConsentState.REFUSED, ({Purpose.VISITING, Purpose.SENSORS} - {purpose}))
    with pytest.raises(ConflictError, match=PURPOSE_WORDS[purpose].en):
        town.eraser.ask(town.wang, "x", QIAN)


def test_sensors_of_which_nobody_asked_watch_all_the_same(town):
    answered(town, ConsentState.REFUSED, [Purpose.VISITING])
    with pytest.raises(ConflictError, match=PURPOSE_WORDS[Purpose.SENSORS].en):
        town.eraser.ask(town.wang, "x", QIAN)


def test_nobody_is_erased_under_an_open_alert_of_the_home(town):
    town.end_service()
    town.eraser.ask(town.wang, "x", QIAN)
    desk = DeskService(town.truth, town.clock, built_in_policy(), on_change=lambda _lines: None)
    one = msgspec.structs.replace(finding(at_ms=town.clock.now_ms()), home_id=town.home_id)
    desk.take_findings((one,))
    with pytest.raises(ConflictError, match="an alert of the home is open"):
        town.eraser.carry_out(town.wang, SUN)
    with town.truth.view() as unit:
        assert unit.people.person(town.wang).name == FORM.name
        assert len(unit.people.home(town.home_id).devices) == 1


def test_a_legal_hold_forbids_it_until_it_is_lifted(town):
    town.end_service()
    town.eraser.ask(town.wang, "x", QIAN)
    town.eraser.hold(town.wang, "诉讼", SUN)
    with pytest.raises(ConflictError, match="a legal hold"):
        town.eraser.carry_out(town.wang, SUN)
    assert town.eraser.release(town.wang, SUN) == (True, True)
    town.eraser.ask(town.wang, "x", QIAN)
    town.eraser.carry_out(town.wang, SUN)


def test_while_an_erasure_is_carried_out_no_hold_is_taken_that_would_come_too_late(town):
    with town.files.deciding_erasure():
        for late in (lambda: town.eraser.hold(town.wang, "诉讼", SUN), lambda: town.eraser.release(town.wang, SUN)):
            with pytest.raises(ConflictError, match="is being carried out"):
                late()
    town.eraser.hold(town.wang, "诉讼", SUN)


def test_while_a_hold_is_decided_no_erasure_begins(town):
    town.end_service()
    town.eraser.ask(town.wang, "x", QIAN)
    with town.files.deciding_erasure(), pytest.raises(ConflictError, match="is being carried out"):
        town.eraser.carry_out(town.wang, SUN)
    with town.truth.view() as unit:
        assert unit.people.person(town.wang).name == FORM.name
    assert town.files.series.exists()
