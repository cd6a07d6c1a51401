"""An alert's contact becomes a record by itself: pre-filled, with its evidence, for staff to fill and sign."""

import msgspec
import pytest
from annex2_kit import home_form
from desk_room import CONTACTS, HOME, PERSON, finding
from visits_kit import POLICY, ZONE, at

from alerts.model import AttemptState, Outcome, PlaceCall
from api.wording import class_words
from app.desk_service import DeskService
from app.ledger_book import LedgerBook
from core.clock import ManualClock
from core.errors import ConflictError
from core.localtime import HOUR_MS
from core.text import Bilingual
from registry.homes import Home
from registry.people import Category, Person
from rules.findings import Evidence, FindingKind, Priority
from store.cipher import FieldCipher
from store.truth.database import Truth
from visits.annex2 import VisitKind
from visits.counting import reviewed
from visits.follow_ups import FollowUpKind
from visits.model import ContactClass, Met

NOW = at("2024-02-03T10:00")
SIGN = Evidence(NOW - 12 * HOUR_MS, None, "B", Bilingual("厨房最后一次活动", "last movement in the kitchen"))
HINT = Evidence(NOW - HOUR_MS, None, "D", Bilingual("旁证", "a hint"))
LIMIT = Evidence(NOW, None, "fact", Bilingual("限度于10:00用完", "the limit was used up at 10:00"))


class Room:
    """A desk and a ledger over one database."""

    def __init__(self, folder) -> None:
        self.truth = Truth(folder / "truth.sqlite", FieldCipher(b"k" * 32))
        self.clock = ManualClock(NOW)
        self.desk = DeskService(self.truth, self.clock, POLICY, on_change=lambda _lines: None)
        self.book = LedgerBook(self.truth, self.clock, POLICY, ZONE)
        with self.truth.transaction() as unit:
            person = Person(
                id=PERSON,
                home_id=HOME,
                area="shuren/qiaotou/g1",
                categories=frozenset({Category.CHILDLESS}),
                phone="+8613700000000",
            )
            unit.people.put_person(person)
            unit.people.put_home(Home(id=HOME, person_id=PERSON, area=person.area))
            for contact in CONTACTS:
                unit.people.put_contact(contact)

    def rings(self, kind=FindingKind.EMERGENCY, priority=Priority.P0, evidence=(SIGN,)):
        told = finding(kind, priority, at_ms=self.clock.now_ms())
        self.desk.take_findings([msgspec.structs.replace(told, evidence=evidence)])
        with self.truth.view() as unit:
            return unit.alerts.open_of_home(HOME, is_ticket=False)

    def closed(self, alert, outcome):
        self.desk.close(alert.id, outcome, "", who="account:li")
        with self.truth.view() as unit:
            return unit.visits.of_alert(alert.id), unit.follow_ups.of(PERSON)


@pytest.fixture
def room(tmp_path):
    room = Room(tmp_path)
    yield room
    room.truth.close()


def test_a_closed_alerts_record_bears_the_last_proof_of_life_and_who_was_rung(room):
    alert = room.rings()
    with room.truth.view() as unit:
        calls = [one for one in unit.outbox.of_alert(alert.id) if isinstance(one.effect, PlaceCall)]
    visit, _ = room.closed(alert, Outcome.WELL_SPOKEN_TO)
    assert (visit.contact_class, visit.form.kind, visit.met) == (ContactClass.C2_PHONE, VisitKind.PHONE, Met.PERSON)
    words = [line.text.zh for line in visit.evidence]
    assert words[0] == "最后生命迹象依据：厨房最后一次活动"
    assert len(words) >= 1 + len(calls)
    assert any(word.startswith("联系联系人 ") for word in words)
    assert not any(state in word for word in words for state in AttemptState)  # the state's own English word
    assert f"报警编号 / alert {alert.id}" in visit.note


def test_only_what_proves_life_is_called_its_last_proof(room):
    visit, _ = room.closed(room.rings(evidence=(SIGN, HINT, LIMIT)), Outcome.WELL_SPOKEN_TO)
    (proof,) = [line for line in visit.evidence if "最后生命迹象依据" in line.text.zh]
    assert (proof.at_ms, proof.text.en) == (SIGN.at_ms, "last proof of life: last movement in the kitchen")


def test_where_nothing_proved_life_a_record_names_no_last_proof(room):
    visit, _ = room.closed(room.rings(evidence=(HINT, LIMIT)), Outcome.WELL_SPOKEN_TO)
    assert not [line for line in visit.evidence if "最后生命迹象依据" in line.text.zh]


def test_a_key_that_the_desk_entered_is_told_as_the_desks_in_story_and_record(room):
    alert = room.rings()
    with room.truth.view() as unit:
        calls = [one for one in unit.outbox.of_alert(alert.id) if isinstance(one.effect, PlaceCall)]
    daughter = next(one for one in calls if one.contact_id == "daughter")
    taken = room.desk.press(daughter.id, "1", entered_by="account:li")
    with room.truth.view() as unit:
        (line,) = [one for one in unit.alerts.trace(alert.id) if one.what == "key_pressed"]
        assert unit.numbers.get(CONTACTS[0].phone).answered_at_ms is None  # no call of ours has reached her
        assert unit.alerts.get(alert.id).owner == "contact:daughter"
    assert (line.who, line.attempt_id) == ("account:li", daughter.id)
    assert line.text.zh.endswith("：按键 1（值班员 account:li 代按）")
    assert line.text.en.endswith(": pressed 1 (entered on the board by account:li)")
    assert "account:li" in taken.detail
    visit, _ = room.closed(alert, Outcome.WELL_SPOKEN_TO)
    (told,) = [line.text for line in visit.evidence if "daughter" in line.text.zh and "按键" in line.text.zh]
    assert told.zh.endswith("，按键 1（值班员 account:li 代按）")
    assert told.en.endswith(", pressed 1 (entered on the board by account:li)")


def test_a_key_of_the_resident_that_an_account_entered_is_that_accounts_word_and_counts_for_nothing(room):
    alert = room.rings(FindingKind.INACTIVITY, Priority.P1)
    with room.truth.view() as unit:
        (call,) = [one for one in unit.outbox.of_alert(alert.id) if one.contact_id is None]
    room.desk.press(call.id, "1", entered_by="account:li")
    with room.truth.view() as unit:
        closed, visit = unit.alerts.get(alert.id), unit.visits.of_alert(alert.id)
    assert (closed.outcome, closed.closed_by) == (Outcome.WELL_CONFIRMED_BY_RESIDENT, "account:li")
    assert (visit.contact_class, visit.met) == (ContactClass.C5_REMOTE_RAW, Met.NOBODY)
    assert not any(credit.counts for credit in visit.credits)
    with room.truth.view() as unit, pytest.raises(ConflictError, match="which nobody needs to sign"):
        reviewed(visit, "account:li", NOW, unit.people.person(PERSON), POLICY)


def test_who_says_that_they_saw_the_person_fills_annex_2_and_then_it_is_a_home_visit(room):
    alert = room.rings()
    visit, _ = room.closed(alert, Outcome.SEEN_WELL)
    assert (visit.contact_class, visit.form.kind) == (ContactClass.C6_ATTEMPT, VisitKind.HOME)
    with room.truth.view() as unit:
        assert [one.id for one in unit.visits.awaiting_signature("shuren", 9)] == [visit.id]
    filled = room.book.fill(visit.id, home_form(), "account:li", version=1)
    final = room.book.sign(visit.id, "account:li")
    assert (filled.contact_class, final.number) == (ContactClass.C1_HOME, 1)
    assert final.alert_id == alert.id
    assert final.evidence == visit.evidence
    assert final.credits[0].counts


def test_an_alerts_record_that_is_filled_a_week_later_is_late(room):
    visit, _ = room.closed(room.rings(), Outcome.SEEN_WELL)
    room.clock.advance_to_ms(NOW + 8 * 24 * HOUR_MS)
    room.book.fill(visit.id, home_form(), "account:li", version=1)
    final = room.book.sign(visit.id, "account:li")
    assert not final.credits[0].counts
    assert "待主管批准" in final.credits[0].why.zh


def test_a_hazard_is_looked_after_once_its_alert_is_closed(room):
    _, found = room.closed(room.rings(FindingKind.WATER_BURST), Outcome.HELPED_AT_HOME)
    assert [(one.kind, one.source.partition(":")[0]) for one in found] == [(FollowUpKind.HAZARD, "alert")]


def test_silence_alone_is_no_hazard_of_the_house(room):
    assert room.closed(room.rings(FindingKind.INACTIVITY), Outcome.WELL_SPOKEN_TO)[1] == []


def test_the_ledger_says_whether_nobody_was_reached_or_the_record_falls_short_never_both(room):
    helped, _ = room.closed(room.rings(), Outcome.HELPED_AT_HOME)
    assert {one.why.zh for one in helped.credits if "未联系到" in one.why.zh} == set()
    assert any("记录表未填完" in one.why.zh for one in helped.credits)
    assert class_words(helped) == Bilingual("据报已上门见到本人，记录表未填完", "home visit reported, form incomplete")
    with room.truth.view() as unit:
        (told,) = [line.text.zh for line in unit.alerts.trace(helped.alert_id) if line.what == "visit_logged"]
    assert "据报已上门见到本人" in told
    assert "未联系上" not in told


def test_what_the_desk_closes_as_confirmed_by_the_resident_is_no_row_that_says_nobody_was_reached(room):
    alert = room.rings()
    visit, _ = room.closed(alert, Outcome.WELL_CONFIRMED_BY_RESIDENT)
    with room.truth.view() as unit:
        (told,) = [line.text for line in unit.alerts.trace(alert.id) if line.what == "visit_logged"]
    assert visit.contact_class is ContactClass.C5_REMOTE_RAW
    assert "没有人联系到本人" not in told.zh
    assert "C5" not in told.zh
    assert "值班台按“本人确认平安”结束，没有我方的通话或见面可以证明" in told.zh
    assert "the desk closed it as confirmed by the resident" in told.en


def test_the_chain_says_when_an_alerts_record_was_written_not_when_the_alert_rang(room):
    alert = room.rings()
    room.clock.advance_to_ms(NOW + HOUR_MS)
    visit, _ = room.closed(alert, Outcome.WELL_CONFIRMED_BY_RESIDENT)
    assert visit.started_at_ms == NOW  # the visit keeps its own time
    with room.truth.view() as unit:
        written = [row.at_ms for row in unit.audit.list() if row.action == "visit.recorded"]
    assert written == [NOW + HOUR_MS]
