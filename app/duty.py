"""Whom an alert may ring, read in one transaction: a person's contacts with the rota's, or the service's supervisor."""

from alerts.canary import CANARY_HOME
from alerts.service_findings import is_of_service
from core.ids import HomeId, PersonId
from registry.duty_contacts import answering_for_the_service, with_duty
from registry.homes import Contact
from store.truth.database import Unit


def contacts_for(unit: Unit, home_id: HomeId, person_id: PersonId | None, now_ms: int) -> tuple[Contact, ...]:
    """Return the contacts of an alert at a moment, in the order of their ladder."""
    if home_id == CANARY_HOME:
        return ()  # a test alarm rings its sink number and nobody else
    rota = unit.rota.current()
    if is_of_service(home_id):
        return answering_for_the_service(rota, now_ms)
    registered = () if person_id is None else unit.people.contacts(person_id)
    return with_duty(registered, rota, now_ms, PersonId(person_id or ""))
