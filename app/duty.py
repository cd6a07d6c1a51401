"""Whom an alert may ring, read in one transaction: a person's contacts with the rota's, or the service's supervisor."""

from alerts.canary import CANARY_HOME
from alerts.service_findings import is_of_service
from core.ids import HomeId, PersonId
from registry.duty_contacts import answering_for_the_service, with_duty
from registry.homes import Contact, ContactRole
from rules.village import AREA_PREFIX
from store.truth.database import Unit

OF_AN_AREA = frozenset({ContactRole.GRID_WORKER, ContactRole.DUTY, ContactRole.SUPERVISOR})
"""Who is told of an incident of a village: nobody's family, since what it holds back may be anybody's home."""


def contacts_for(unit: Unit, home_id: HomeId, person_id: PersonId | None, now_ms: int) -> tuple[Contact, ...]:
    """Return the contacts of an alert at a moment, in the order of their ladder."""
    if home_id == CANARY_HOME:
        return ()  # a test alarm rings its sink number and nobody else
    rota = unit.rota.current()

    def is_bounced(phone: str) -> bool:
        return unit.numbers.get(phone).is_bounced

    if is_of_service(home_id):
        in_charge = frozenset({ContactRole.SUPERVISOR, ContactRole.DUTY})
        beside_homes = unit.people.contacts_of_area("", in_charge)
        return answering_for_the_service(rota, now_ms, is_bounced, beside_homes)
    registered: list[Contact] = []
    if person_id is not None:
        registered = unit.people.contacts(person_id)
    elif home_id.startswith(AREA_PREFIX):
        registered = unit.people.contacts_of_area(home_id.removeprefix(AREA_PREFIX), OF_AN_AREA)
    return with_duty(registered, rota, now_ms, PersonId(person_id or ""), is_bounced)
