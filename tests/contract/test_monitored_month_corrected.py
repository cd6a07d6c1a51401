"""The record of a monitored month stays one (C4b) when it is corrected: it never becomes a call that was answered."""

from datetime import date, timedelta

import pytest
from ledger_town import BOSS, GENERAL, LI, WANG, LedgerTown
from visits_kit import ZONE

from core.errors import ConflictError
from visits.annex2 import Annex2, VisitedSignature, VisitKind
from visits.counting import judged
from visits.model import ContactClass, Met, Obligation
from visits.monitoring import DAY_MIN, MonitoredDay, monitored_month
from visits.windows import month_of

REMOTE = Annex2(kind=VisitKind.REMOTE_MONITORING, visited_signature=VisitedSignature.REMOTE)


@pytest.fixture
def town(tmp_path):
    town = LedgerTown(tmp_path, now="2024-02-01T09:00")
    yield town
    town.truth.close()


def kept(town):
    """Return the unsigned record of p3's January."""
    with town.truth.view() as unit:
        person = unit.people.person(GENERAL)
    days = [MonitoredDay(date(2024, 1, 1) + timedelta(days=n), DAY_MIN, 3) for n in range(31)]
    return town.book.keep(monitored_month(person, days, month_of("2024-01"), town.book.policy, ZONE), WANG)


def told(town, visit, begins="2024-01-31T23:59", **fields):
    return town.entry(begins, GENERAL, **({"form": REMOTE, "visitor": "", "is_registered_visitor": False} | fields))


def test_a_corrected_month_stays_a_month_and_counts_only_where_the_town_lets_it(town):
    signed = town.book.sign(kept(town).id, WANG)
    fixed = town.book.correct(signed.id, told(town, signed, note="补充说明"), LI, reason="补写", version=2)
    assert fixed.contact_class is ContactClass.C4B_REMOTE_CONFIRMED_MONTH
    assert not judged(fixed, Obligation.GEN_MONTH, town.book.policy).counts
    assert (fixed.entered_on, fixed.number, fixed.local_date) == (signed.entered_on, signed.number, signed.local_date)


def test_a_month_that_was_taken_back_and_given_back_is_a_month_again(town):
    signed = town.book.sign(kept(town).id, WANG)
    gone = town.book.correct(signed.id, told(town, signed, met=Met.NOBODY), LI, reason="设备故障", version=2)
    assert gone.contact_class is ContactClass.C5_REMOTE_RAW
    back = town.book.correct(signed.id, told(town, signed), BOSS, reason="已核实", version=3)
    assert back.contact_class is ContactClass.C4B_REMOTE_CONFIRMED_MONTH


def test_a_month_has_no_other_day_than_its_last(town):
    signed = town.book.sign(kept(town).id, WANG)
    with pytest.raises(ConflictError, match="监测月"):
        town.book.correct(signed.id, told(town, signed, "2024-01-20T10:00"), LI, reason="改日期", version=2)


def test_a_call_that_was_answered_stays_a_call_when_it_is_corrected(town):
    call = town.signed("2024-01-30T10:00", GENERAL, form=REMOTE)
    fixed = town.book.correct(call.id, told(town, call, "2024-01-30T10:05"), LI, reason="时间写错", version=2)
    assert fixed.contact_class is ContactClass.C4A_REMOTE_CONFIRMED_CALL


def test_an_unsigned_month_that_is_filled_as_another_kind_is_classed_by_that_kind(town):
    draft = kept(town)
    assert town.book.fill(draft.id, REMOTE, WANG, version=1).contact_class is ContactClass.C4B_REMOTE_CONFIRMED_MONTH
    phone = Annex2(kind=VisitKind.PHONE, visited_signature=VisitedSignature.REMOTE)
    assert town.book.fill(draft.id, phone, WANG, version=2).contact_class is ContactClass.C2_PHONE
