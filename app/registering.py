"""A home with its person and contacts, as a file of the installer or a story gives them, put into the truth."""

from device_sim.registration import Registration
from store.truth.database import Unit


def put_registration(unit: Unit, registration: Registration) -> None:
    """Put one home with its person and contacts."""
    unit.people.put_person(registration.person)
    unit.people.put_home(registration.home)
    for contact in registration.contacts:
        unit.people.put_contact(contact)
