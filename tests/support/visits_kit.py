"""People, visits and incidents for tests of the ledger; local times are Asia/Shanghai."""

from datetime import date, datetime

from core.ids import AlertId, HomeId, PersonId, VisitId, derived_id
from core.localtime import to_ms, zone
from registry.people import Category, Person
from visits.counting import credited
from visits.credit import ContactMade, Incident, Reached
from visits.model import ContactClass, Visit
from visits.policy import built_in_policy

ZONE = zone("Asia/Shanghai")
POLICY = built_in_policy()


def at(text: str) -> int:
    """Return the UTC milliseconds of a local time such as 2024-02-03T10:00."""
    return to_ms(datetime.fromisoformat(text).replace(tzinfo=ZONE))


def key_person(**fields) -> Person:
    base = {"id": PersonId("p1"), "home_id": HomeId("h1"), "area": "shuren/g1"}
    return Person(**(base | {"categories": frozenset({Category.CHILDLESS})} | fields))


def general_person(**fields) -> Person:
    return key_person(**({"categories": frozenset({Category.EMPTY_NEST})} | fields))


def visit(contact_class: ContactClass, begins: str, person: Person | None = None, **fields) -> Visit:
    """Return a regular visit (registered visitor, form complete) of that class, with its credits."""
    person = person or key_person()
    base = {
        "id": VisitId(derived_id(person.id, contact_class, begins)),
        "person_id": person.id,
        "contact_class": contact_class,
        "started_at_ms": at(begins),
        "local_date": date.fromisoformat(begins[:10]),
        "visitor": "account:wang",
        "is_registered_visitor": True,
        "is_form_complete": True,
    }
    return credited(Visit(**(base | fields)), person, POLICY)


def made(reached: Reached, begins: str, **fields) -> ContactMade:
    return ContactMade(reached=reached, at_ms=at(begins), **fields)


def incident(*contacts: ContactMade, opened: str = "2024-02-03T08:00", **fields) -> Incident:
    base = {"alert_id": AlertId("a1"), "person_id": PersonId("p1"), "opened_at_ms": at(opened)}
    return Incident(contacts=contacts, **(base | fields))
