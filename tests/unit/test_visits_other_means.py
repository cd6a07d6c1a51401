"""A person met by means that the plan does not name: it counts for nothing, and never as if nobody had met them."""

from annex2_kit import phone_form
from visits_kit import POLICY, ZONE, at, key_person

from registry.standing import standing_of
from visits.annex2 import VisitKind
from visits.counting import judged
from visits.model import ContactClass, Met, Obligation, Visit
from visits.recording import Entry, drafted, signed
from visits.return_content import record_of


def met_otherwise(kind: VisitKind = VisitKind.OTHER, met: Met = Met.PERSON) -> Visit:
    person = key_person()
    entry = Entry(
        person_id=person.id,
        started_at_ms=at("2024-02-03T10:00"),
        form=phone_form(kind=kind, other_method="路遇"),
        visitor="account:wang",
        is_registered_visitor=True,
        met=met,
    )
    draft = drafted(entry, person, by="account:wang", at_ms=at("2024-02-03T11:00"), zone=ZONE)
    given = {"by": "account:wang", "at_ms": at("2024-02-03T11:00"), "number": 1, "zone": ZONE}
    return signed(draft, standing_of(person), POLICY, **given)


def test_who_was_met_by_other_means_is_told_so_for_every_duty():
    visit = met_otherwise()
    assert visit.contact_class is ContactClass.C5_REMOTE_RAW
    for duty in Obligation:
        found = judged(visit, duty, POLICY)
        assert not found.counts
        assert "其他方式，不在计数方式之内" in found.why.zh
        assert "by other means: none of those that count" in found.why.en


def test_the_return_gives_the_true_reason_too():
    told = record_of(met_otherwise(), "王", POLICY)
    assert "没有人联系到本人" not in told.why
    assert "其他方式，不在计数方式之内" in told.why


def test_monitoring_that_reached_nobody_is_told_as_before():
    nobody = met_otherwise(VisitKind.REMOTE_MONITORING, Met.NOBODY)
    assert judged(nobody, Obligation.KEY_HALFMONTH, POLICY).why.zh == "只有自动监测或处置，没有人联系到本人"
