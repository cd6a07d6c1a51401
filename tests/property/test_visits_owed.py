"""Whatever happens in a month, counting is never generous to the office and never unfair to the person."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st
from visits_kit import POLICY, ZONE, at, general_person, incident, key_person, visit

from core.ids import AlertId
from core.localtime import HOUR_MS, MINUTE_MS
from registry.people import Category
from visits.counting import NEEDS_REVIEW, reviewed
from visits.credit import ContactMade, Reached, revised, visit_of
from visits.model import ContactClass
from visits.obligations import due
from visits.policy import Switches, with_switches

OPENED = at("2024-02-14T08:00")
PEOPLE = [
    key_person(),
    general_person(),
    general_person(categories=frozenset({Category.ALONE}), birth_date=date(1944, 2, 12)),
    key_person(active_from=date(2024, 2, 9)),
]
people = st.sampled_from(PEOPLE)
contacts = st.lists(
    st.builds(
        ContactMade,
        reached=st.sampled_from(Reached),
        at_ms=st.integers(OPENED, OPENED + 96 * HOUR_MS),
        by=st.sampled_from(["account:wang", "contact:c1", ""]),
        is_registered_visitor=st.booleans(),
        is_form_complete=st.booleans(),
    ),
    max_size=8,
)
monitoring = st.sampled_from([cls for cls in ContactClass if cls.value.startswith(("C4", "C5", "C6", "C7"))])
switches = st.builds(Switches, st.booleans(), st.booleans())


classes_of_all = st.sampled_from(ContactClass)


@st.composite
def days_of_visits(draw, classes=classes_of_all, max_size=20):
    """Visits on days and hours of their own, so that none is a double entry of another."""
    hours = draw(st.lists(st.integers(0, 29 * 24 - 1), unique=True, max_size=max_size))
    person = draw(people)
    made = []
    for hour in hours:
        begins = f"2024-02-{hour // 24 + 1:02}T{hour % 24:02}:00"
        signed = {"reviewed_by": "account:li", "reviewed_at_ms": at(begins)} if draw(st.booleans()) else {}
        regular = {"is_registered_visitor": draw(st.booleans()), "is_form_complete": draw(st.booleans())}
        made.append(visit(draw(classes), begins, person, is_drill=draw(st.booleans()), **signed, **regular))
    return person, made


def owed(person, visits, policy=POLICY) -> int:
    return due("2024-02", [person], visits, None, policy)[0].owed


@given(contacts, people)
def test_one_incident_never_yields_more_than_one_counted_visit(reached, person):
    rows = {}
    for count in range(len(reached) + 1):  # the ledger hears of the incident again after each contact
        fresh = visit_of(incident(*reached[:count]), person, POLICY, ZONE)
        kept = rows.get(fresh.id)
        rows[fresh.id] = fresh if kept is None else (revised(kept, fresh) or kept)
    (row,) = rows.values()
    if row.contact_class in NEEDS_REVIEW:
        row = reviewed(row, "account:li", row.started_at_ms + MINUTE_MS, person, POLICY)
    assert sum(credit.counts for credit in row.credits) <= 1
    assert owed(person, []) - owed(person, [row]) <= (2 if person is PEOPLE[2] else 1)


@given(contacts, st.randoms(use_true_random=False))
def test_the_order_in_which_contacts_are_told_changes_nothing(reached, random):
    shuffled = reached[:]
    random.shuffle(shuffled)
    one = visit_of(incident(*reached), key_person(), POLICY, ZONE)
    other = visit_of(incident(*shuffled), key_person(), POLICY, ZONE)
    assert (one.contact_class, one.started_at_ms, one.local_date) == (
        other.contact_class,
        other.started_at_ms,
        other.local_date,
    )


@given(days_of_visits(classes=monitoring), switches)
def test_no_monitoring_contact_ever_pays_for_a_key_persons_home_visit(month, switched):
    _, visits = month
    assert owed(key_person(), visits, with_switches(POLICY, switched)) == 2


@given(days_of_visits(), st.integers(0, 19))
def test_one_more_visit_never_increases_what_is_owed(month, left_out):
    person, visits = month
    fewer = visits[:left_out] + visits[left_out + 1 :]
    assert owed(person, visits) <= owed(person, fewer)


@given(days_of_visits())
def test_every_row_of_one_incident_together_counts_once(month):
    person, visits = month
    told = [visit(row.contact_class, f"{row.local_date}T12:00", person, alert_id=AlertId("a1")) for row in visits]
    (found,) = due("2024-02", [person], told, None, POLICY)
    assert sum(window.done for window in found.windows if window.window.obligation == "GEN-MONTH") <= 1
    assert sum(window.done for window in found.windows if window.window.obligation == "KEY-HALFMONTH") <= 1
