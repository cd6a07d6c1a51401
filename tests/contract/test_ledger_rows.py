"""The rows of the ledger: every version stays, numbers are never given twice, a record stands in one return."""

from datetime import date, timedelta

import msgspec
import pytest
from annex2_kit import home_form
from standing_kit import fact, in_hospital
from visits_kit import POLICY, at, key_person, visit

from core.errors import ConflictError
from core.ids import AlertId, PersonId, VisitId
from core.text import Bilingual
from registry.standing_facts import FactKind
from visits.eligibility import Benefit, found
from visits.follow_ups import FollowUpKind, Step, opened, stepped
from visits.model import ContactClass, EvidenceLine
from visits.obligations import due
from visits.returns import ReturnStep, new_return
from visits.returns import stepped as returned
from visits.special import SpecialKind, SpecialPeriod

DAY = date(2024, 2, 3)
P1 = PersonId("p1")
VILLAGE = "shuren/qiaotou"
FEBRUARY_ENDS = date(2024, 2, 29)


def record(begins="2024-02-03T10:00", **fields):
    base = {
        "form": home_form(advice="每周陪聊"),
        "area": f"{VILLAGE}/g1",
        "signed_at_ms": at("2024-02-03T12:00"),
        "entered_on": DAY,
        "evidence": (EvidenceLine(5, Bilingual("厨房有动静", "movement in the kitchen")),),
        "note": "老人说想有人说话",
    }
    return visit(ContactClass.C1_HOME, begins, **(base | fields))


def test_a_record_comes_back_whole_and_nothing_personal_stands_in_clear(truth, tmp_path):
    row = record(trip_id="t1", change_reason="补写", signed_by="account:li", number=7)
    with truth.transaction() as unit:
        unit.visits.put(row)
        unit.standing.add(in_hospital("2024-02-01", evidence="县医院证明"))
        unit.follow_ups.put(opened(FollowUpKind.HAZARD, P1, what="燃气管老化", source="account:li", on=DAY))
    with truth.view() as unit:
        assert unit.visits.get(row.id) == row
        assert unit.visits.versions(row.id) == [row]
        light = unit.visits.counted(DAY, DAY)[0]
        assert (light.form, light.note, light.number, light.entered_on) == (None, "", 7, DAY)
        assert unit.visits.counted_of([P1], DAY, DAY) == [light]
    on_disk = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    for secret in ("每周陪聊", "老人说想有人说话", "厨房有动静", "县医院证明", "燃气管老化"):
        assert secret.encode() not in on_disk


def test_every_version_of_a_record_stays_readable_and_a_stale_one_is_refused(truth):
    first = record()
    second = msgspec.structs.replace(first, version=2, form=home_form(advice="改为每月"), change_reason="写错")
    with truth.transaction() as unit:
        unit.visits.put(first)
        unit.visits.put(second)
    with truth.view() as unit:
        assert [one.form.advice for one in unit.visits.versions(first.id)] == ["每周陪聊", "改为每月"]
    with pytest.raises(ConflictError), truth.transaction() as unit:
        unit.visits.put(second)


def test_a_number_is_never_given_twice_even_when_its_record_is_merged(truth):
    with truth.transaction() as unit:
        assert [unit.visits.next_number(P1) for _ in range(3)] == [1, 2, 3]
        assert unit.visits.next_number(PersonId("p2")) == 1
    with truth.transaction() as unit:
        unit.visits.put_sequences({PersonId("p3"): 40})
        assert unit.visits.next_number(PersonId("p3")) == 41


def test_a_number_that_was_drawn_in_an_undone_transaction_is_drawn_again_by_the_next(truth):
    def drawn_in_vain():
        with truth.transaction() as unit:
            unit.visits.next_number(P1)
            unit.visits.put(record(version=9))

    with pytest.raises(ConflictError):
        drawn_in_vain()
    with truth.transaction() as unit:
        assert unit.visits.next_number(P1) == 1


def test_unsigned_records_are_listed_by_area_without_what_was_automatic(truth):
    draft = record(signed_at_ms=None, is_draft=True)
    automatic = visit(ContactClass.C5_REMOTE_RAW, "2024-02-03T11:00", area=f"{VILLAGE}/g1", alert_id=AlertId("a1"))
    with truth.transaction() as unit:
        unit.visits.put_all([draft, automatic, record("2024-02-04T10:00")])
    with truth.view() as unit:
        assert [one.id for one in unit.visits.awaiting_signature(VILLAGE, 10)] == [draft.id]
        assert unit.visits.awaiting_signature("shuren/qiao", 10) == []


def test_a_fact_of_standing_is_added_once_and_never_one_that_cannot_be(truth):
    stay = in_hospital("2024-02-01")
    with truth.transaction() as unit:
        unit.standing.add(stay)
        unit.standing.add_all([fact(FactKind.RESUMED, "2024-02-09")])
        assert unit.standing.of(P1) == unit.standing.of_people([P1]) == unit.standing.all()
        assert len(unit.standing.all()) == 2
    for wrong in (stay, fact(FactKind.MOVED, "2024-02-05")):
        with pytest.raises(ConflictError), truth.transaction() as unit:
            unit.standing.add(wrong)


def test_a_special_period_that_is_told_twice_changes_nothing_and_is_found_by_its_days(truth):
    storm = SpecialPeriod(id="w1", kind=SpecialKind.WEATHER, from_date=DAY, until_date=DAY, level="red")
    with truth.transaction() as unit:
        assert unit.specials.put(storm)
        assert not unit.specials.put(storm)
        assert unit.specials.put(msgspec.structs.replace(storm, is_withdrawn=True))
    with truth.view() as unit:
        assert [one.is_withdrawn for one in unit.specials.touching(DAY, DAY)] == [True]
        assert unit.specials.touching(date(2024, 2, 4), date(2024, 3, 1)) == []


def test_a_follow_up_is_opened_once_by_its_source_and_moves_by_versions(truth):
    row = opened(FollowUpKind.HAZARD, P1, what="线路老化", source="visit:v1", on=DAY, area=f"{VILLAGE}/g1")
    with truth.transaction() as unit:
        assert unit.follow_ups.open_unless_known(row)
        assert not unit.follow_ups.open_unless_known(row)
        assert [one.id for one in unit.follow_ups.open_in(VILLAGE)] == [row.id]
        closed = stepped(row, Step.CLOSE, on=DAY, by="account:li", text="已更换")
        unit.follow_ups.put(closed)
        assert unit.follow_ups.open_in(VILLAGE) == []
        assert unit.follow_ups.of(P1) == [closed]
    with pytest.raises(ConflictError), truth.transaction() as unit:
        unit.follow_ups.put(closed)


def test_a_benefit_under_way_is_listed_until_it_is_granted(truth):
    row = found(P1, Benefit.SUBSISTENCE, on=DAY, area=f"{VILLAGE}/g1", by="account:li")
    with truth.transaction() as unit:
        unit.eligibility.put(row)
        assert unit.eligibility.open_in("shuren") == [row]
        assert unit.eligibility.get(row.id) == row


def test_a_record_stands_in_one_return_at_its_latest_version_and_a_correction_in_the_next(truth):
    first, second = record(), record("2024-02-04T10:00")
    draft = record("2024-02-05T10:00", signed_at_ms=None, is_draft=True)
    elsewhere = record("2024-02-06T10:00", area="shuren/xihe/g1")
    february, march = (new_return(month, VILLAGE, by="account:li", at_ms=1) for month in ("2024-02", "2024-03"))
    with truth.transaction() as unit:
        unit.visits.put_all([first, second, draft, elsewhere])
        unit.returns.put(february)
        assert unit.returns.unreported(VILLAGE, FEBRUARY_ENDS) == [(first.id, 1), (second.id, 1)]
        assert unit.returns.items(february.id) == []
        assert unit.returns.take(february) == [(first.id, 1), (second.id, 1)]
        unit.returns.put(returned(february, ReturnStep.SIGN, at_ms=2, by="account:li"))
    with truth.transaction() as unit:
        unit.visits.put(msgspec.structs.replace(first, version=2, change_reason="更正"))
        unit.visits.put(msgspec.structs.replace(draft, version=2, is_draft=False, signed_at_ms=at("2024-02-16T10:00")))
        unit.returns.put(march)
        assert unit.returns.take(march) == [(first.id, 2), (draft.id, 2)]
        unit.returns.put(returned(march, ReturnStep.SIGN, at_ms=3, by="account:li"))
        assert unit.returns.items(february.id) == [(first.id, 1), (second.id, 1)]
        unit.returns.release(february.id)
        assert unit.returns.unreported(VILLAGE, FEBRUARY_ENDS) == [(second.id, 1)]
        assert unit.returns.unreported(VILLAGE, second.local_date - timedelta(days=1)) == []


def test_a_return_keeps_its_log_and_its_frozen_content(truth):
    row = new_return("2024-02", VILLAGE, by="account:li", at_ms=1)
    with truth.transaction() as unit:
        unit.returns.put(row)
        signed = returned(row, ReturnStep.SIGN, at_ms=2, by="account:li")
        unit.returns.put(signed)
        unit.returns.freeze(row.id, b'{"a": 1}')
        assert unit.returns.content(row.id) == b'{"a": 1}'
        assert unit.returns.get(row.id) == signed
        assert unit.returns.of_month("2024-02", "shuren") == unit.returns.of_village(VILLAGE) == [signed]
    with pytest.raises(ConflictError), truth.transaction() as unit:
        unit.returns.put(new_return("2024-02", VILLAGE, by="account:li", at_ms=9))


def test_a_closed_month_is_written_once(truth):
    rows = due("2024-02", [key_person()], [], date(2024, 3, 1), POLICY)
    with truth.transaction() as unit:
        unit.evaluations.close("2024-02", [(VILLAGE, row) for row in rows], at_ms=7)
    with truth.view() as unit:
        assert unit.evaluations.of_month("2024-02", VILLAGE) == rows
        assert unit.evaluations.of_month("2024-02", "elsewhere") == []
        assert unit.evaluations.persons("2024-02") == {P1}
    with pytest.raises(ConflictError), truth.transaction() as unit:
        unit.evaluations.close("2024-02", [(VILLAGE, row) for row in rows], at_ms=8)


def test_a_visit_that_is_not_there_has_no_versions(truth):
    with truth.view() as unit:
        assert unit.visits.versions(VisitId("nothing")) == []
