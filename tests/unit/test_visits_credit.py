"""One incident, one row in the ledger: of which class, on which date, counting for what (policy B3)."""

from datetime import date

import msgspec
import pytest
from visits_kit import POLICY, ZONE, at, general_person, incident, key_person, made, visit

from core.errors import ConflictError
from core.ids import PersonId
from core.localtime import HOUR_MS
from registry.people import tier_of
from visits.counting import credited, credits_of, reviewed
from visits.credit import ContactMade, Reached, closing_contact, revised, visit_of
from visits.model import ContactClass, Obligation

WORKER = {"by": "account:wang", "is_registered_visitor": True, "is_form_complete": True}
MET = made(Reached.VISITOR_MET_RESIDENT, "2024-02-03T10:00", **WORKER)
SAW = made(Reached.WORKER_SAW_RESIDENT_BY_VIDEO, "2024-02-03T09:45", **WORKER)
SPOKE = made(Reached.WORKER_SPOKE_WITH_RESIDENT, "2024-02-03T09:30", **WORKER)
PRESSED = made(Reached.RESIDENT_PRESSED_1, "2024-02-03T08:01")
VOUCHED = made(Reached.CONTACT_PRESSED_3, "2024-02-03T08:20", by="contact:c1")
GOING = made(Reached.CONTACT_PRESSED_1, "2024-02-03T08:20", by="contact:c1")
MISSED = made(Reached.RESIDENT_NOT_REACHED, "2024-02-03T08:00")


def ledger(*contacts: ContactMade, person=None, **fields):
    return visit_of(incident(*contacts, **fields), person or general_person(), POLICY, ZONE)


def _signed(row, person):
    return credited(msgspec.structs.replace(row, signed_at_ms=at("2024-02-03T12:00")), person, POLICY)


def credit(row, obligation=Obligation.GEN_MONTH):
    return next(credit for credit in row.credits if credit.obligation is obligation)


@pytest.mark.parametrize(
    ("contacts", "expected"),
    [
        ((MISSED, PRESSED, SPOKE, SAW, MET), "C1"),
        ((MISSED, PRESSED, SPOKE, SAW), "C3"),
        ((MISSED, PRESSED, SPOKE), "C2"),
        ((MISSED, VOUCHED, PRESSED), "C4a"),
        ((MISSED, GOING, VOUCHED), "C7"),
        ((MISSED, MISSED), "C6"),
        ((MISSED, GOING), "C5"),
        ((), "C5"),
    ],
)
def test_an_incident_gives_one_visit_of_the_highest_class_reached(contacts, expected):
    assert ledger(*contacts).contact_class == expected
    assert ledger(*reversed(contacts)).contact_class == expected


def test_a_replay_of_an_incident_gives_the_very_same_visit():
    assert ledger(MISSED, PRESSED) == ledger(MISSED, PRESSED)


def test_an_answered_alarm_call_waits_for_review_and_counts_only_after_it():
    row = ledger(PRESSED)
    assert not credit(row).counts
    assert credit(row).why.zh == "待值班人员复核"
    signed = reviewed(row, "account:li", at("2024-02-03T12:00"), general_person(), POLICY)
    assert credit(signed).counts
    assert (signed.version, signed.reviewed_by, signed.id) == (2, "account:li", row.id)


def test_a_review_at_72_hours_counts_and_a_millisecond_later_it_is_only_logged():
    row = ledger(PRESSED)
    limit = row.started_at_ms + 72 * HOUR_MS
    assert credit(reviewed(row, "account:li", limit, general_person(), POLICY)).counts
    late = reviewed(row, "account:li", limit + 1, general_person(), POLICY)
    assert late.reviewed_at_ms == limit + 1
    assert not credit(late).counts
    assert "72" in credit(late).why.zh


def test_a_visit_is_signed_once_by_somebody_for_the_right_person_and_only_where_needed():
    row = ledger(PRESSED)
    signed = reviewed(row, "account:li", at("2024-02-03T12:00"), general_person(), POLICY)
    for refused, by, person in [
        (signed, "account:li", general_person()),
        (row, "", general_person()),
        (row, "account:li", general_person(id=PersonId("p2"))),
        (ledger(SPOKE), "account:li", general_person()),
    ]:
        with pytest.raises(ConflictError):
            reviewed(refused, by, at("2024-02-03T12:00"), person, POLICY)


def test_a_reviewed_call_never_counts_for_a_key_persons_half_month():
    row = reviewed(ledger(PRESSED, person=key_person()), "account:li", at("2024-02-03T12:00"), key_person(), POLICY)
    assert not any(credit.counts for credit in row.credits)
    assert "不能代替" in credit(row, Obligation.KEY_HALFMONTH).why.zh


def test_a_home_visit_counts_for_what_the_persons_tier_is_owed_and_says_so_of_the_other():
    people = (key_person(), general_person())
    key, general = (_signed(ledger(MET, person=person), person) for person in people)
    assert [(credit.obligation, credit.counts) for credit in key.credits] == [
        (Obligation.KEY_HALFMONTH, True),
        (Obligation.GEN_MONTH, False),
    ]
    assert [credit.counts for credit in general.credits] == [False, True]
    assert all(credit.clause.startswith("四(二)") for credit in key.credits)


@pytest.mark.parametrize(
    ("contact", "expected"),
    [
        (made(Reached.VISITOR_MET_RESIDENT, "2024-02-03T10:00", is_registered_visitor=True), "C6"),
        (made(Reached.VISITOR_MET_RESIDENT, "2024-02-03T10:00", is_form_complete=True), "C6"),
        (made(Reached.WORKER_SPOKE_WITH_RESIDENT, "2024-02-03T10:00"), "C6"),
    ],
)
def test_case_22_who_is_not_registered_or_leaves_the_form_open_makes_an_attempt(contact, expected):
    row = ledger(MISSED, GOING, contact)
    assert row.contact_class == expected
    assert row.started_at_ms == contact.at_ms
    assert not credit(row).counts


def test_case_22_a_hand_entered_visit_counts_once_it_is_put_right():
    person = key_person()
    unregistered = visit(ContactClass.C1_HOME, "2024-02-03T10:00", is_registered_visitor=False)
    unfinished = visit(ContactClass.C1_HOME, "2024-02-03T10:00", is_form_complete=False)
    assert "未登记" in credit(unregistered, Obligation.KEY_HALFMONTH).why.zh
    assert "表" in credit(unfinished, Obligation.KEY_HALFMONTH).why.zh
    assert not credit(unregistered, Obligation.KEY_HALFMONTH).counts
    right = visit(ContactClass.C1_HOME, "2024-02-03T10:00")
    assert credits_of(right, tier_of(person, right.local_date), POLICY)[0].counts


def test_case_15_a_call_by_the_system_is_a_confirmed_call_at_most():
    assert ledger(PRESSED, PRESSED, outcome="well_confirmed_by_resident", closed_by="resident").contact_class == "C4a"


@pytest.mark.parametrize(("contacts", "expected"), [((), "C5"), ((MISSED, GOING), "C5"), ((MISSED,), "C6")])
def test_the_desks_word_that_the_resident_said_so_counts_for_nothing_and_is_called_what_it_is(contacts, expected):
    row = ledger(*contacts, outcome="well_confirmed_by_resident", closed_by="account:li")
    assert (row.contact_class, row.visitor) == (expected, "account:li")
    assert not any(one.counts for one in row.credits)
    assert credit(row).why.zh == "值班台按“本人确认平安”结束，没有我方的通话或见面可以证明"
    assert credit(row).why.en == "the desk closed it as confirmed by the resident: no call or visit of ours proves it"


def test_the_desks_word_takes_nothing_from_a_key_that_the_resident_pressed():
    row = ledger(MISSED, PRESSED, outcome="well_confirmed_by_resident", closed_by="account:li")
    assert (row.contact_class, row.visitor) == ("C4a", "")


def test_case_16_a_call_that_the_child_answers_is_collateral():
    row = ledger(made(Reached.OTHER_ANSWERED_FOR_RESIDENT, "2024-02-03T08:05"))
    assert row.contact_class is ContactClass.C7_COLLATERAL
    assert not credit(row).counts


def test_case_17_voicemail_is_an_attempt():
    assert ledger(MISSED).contact_class is ContactClass.C6_ATTEMPT


def test_case_18_a_video_call_during_a_home_visit_is_one_home_visit():
    during = made(Reached.WORKER_SAW_RESIDENT_BY_VIDEO, "2024-02-03T10:10", **WORKER)
    row = ledger(MET, during)
    assert (row.contact_class, row.started_at_ms) == (ContactClass.C1_HOME, MET.at_ms)


def test_case_19_an_alert_before_midnight_answered_after_it_belongs_to_the_next_month():
    missed = made(Reached.RESIDENT_NOT_REACHED, "2024-01-31T23:56")
    answered = made(Reached.RESIDENT_PRESSED_1, "2024-02-01T00:05")
    assert ledger(missed, answered, opened="2024-01-31T23:55").local_date == date(2024, 2, 1)


def test_case_23_a_drill_never_counts_whatever_was_reached():
    row = ledger(MET, is_drill=True)
    assert not any(credit.counts for credit in row.credits)
    assert credit(row).why.zh.startswith("演练")


def test_case_24_the_local_date_is_derived_once_in_the_given_zone_and_kept_by_a_review():
    answered = made(Reached.RESIDENT_PRESSED_1, "2024-02-03T00:30")  # 16:30 UTC on the 2nd
    row = ledger(answered)
    assert row.local_date == date(2024, 2, 3)
    assert reviewed(row, "account:li", at("2024-02-05T12:00"), general_person(), POLICY).local_date == date(2024, 2, 3)


def test_case_25_each_evaluation_keeps_the_stamp_of_its_policy():
    assert ledger(PRESSED).policy_version == POLICY.stamp == "shuren-2024@1+remote_counts_for_general"


def test_the_incident_of_another_person_is_refused():
    with pytest.raises(ConflictError):
        visit_of(incident(PRESSED), general_person(id=PersonId("p2")), POLICY, ZONE)


def test_a_visit_that_follows_an_answered_call_raises_the_same_row_and_never_lowers_it():
    called, visited = ledger(PRESSED), ledger(PRESSED, MET)
    raised = revised(called, visited)
    assert raised is not None
    assert (raised.id, raised.version, raised.contact_class) == (called.id, 2, ContactClass.C1_HOME)
    assert revised(raised, called) is None
    assert revised(called, called) is None
    with pytest.raises(ConflictError):
        revised(called, visit(ContactClass.C1_HOME, "2024-02-03T10:00"))


@pytest.mark.parametrize(
    ("outcome", "by", "registered", "expected"),
    [
        ("well_spoken_to", "account:li", True, Reached.WORKER_SPOKE_WITH_RESIDENT),
        ("well_spoken_to", "contact:c1", False, Reached.CONTACT_PRESSED_3),
        ("seen_well", "contact:c1", False, Reached.CONTACT_PRESSED_3),
        ("seen_well", "contact:c9", True, Reached.VISITOR_MET_RESIDENT),
        ("helped_at_home", "account:li", True, Reached.VISITOR_MET_RESIDENT),
    ],
)
def test_a_closing_report_is_evidence_of_how_the_person_was_reached(outcome, by, registered, expected):
    contact = closing_contact(outcome, by, 5, is_registered_visitor=registered)
    assert contact is not None
    assert (contact.reached, contact.at_ms, contact.by) == (expected, 5, by)


@pytest.mark.parametrize(
    ("outcome", "by"),
    [("false_sensor_fault", "account:li"), ("well_spoken_to", "system"), ("found_dead", "account:li")],
)
def test_a_closing_report_that_names_no_contact_is_evidence_of_none(outcome, by):
    assert closing_contact(outcome, by, 5) is None
