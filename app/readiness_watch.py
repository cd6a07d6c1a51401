"""Looks for people whom nobody can be rung for, and for contacts to be confirmed; a ticket before it matters."""

import logging
from datetime import date

import msgspec

from alerts.service_findings import unreachable_finding
from app.desk_service import DeskService
from core.ids import HomeId, PersonId
from core.localtime import HOUR_MS, local_date, zone
from core.text import Bilingual
from registry.duty_contacts import roles_held
from registry.homes import ContactRole
from registry.people import Person
from registry.readiness import reachable, readiness
from rules.findings import Finding
from store.truth.database import Truth, Unit

LOOK_EVERY_MS = HOUR_MS
"""The tickets are read in the morning; an hour is soon enough, and the look opens every contact of the registry."""

_KNOWN = "people_without_contact"
_SINCE = msgspec.json.Decoder(dict[PersonId, int])
_log = logging.getLogger(__name__)


class Readiness(msgspec.Struct, frozen=True):
    """What a look has found."""

    unreachable: tuple[Person, ...] = ()
    to_confirm: int = 0
    homes: int = 0
    without_duty: int = 0  # homes whose ladder finds nobody at `duty` now, neither of the rota nor registered
    without_desk: int = 0  # of these: nobody at `supervisor` either


def survey(unit: Unit, now_ms: int, today: date) -> Readiness:
    """Return the people in service whom no contact can be rung for, contacts to be confirmed, homes without a desk."""
    unreachable: list[Person] = []
    to_confirm = 0
    homes: dict[HomeId, set[ContactRole]] = {}  # the roles of each that somebody answers to now
    on_duty = roles_held(unit.rota.current(), now_ms, lambda phone: unit.numbers.get(phone).is_bounced)
    for person in unit.people.persons():
        if not is_in_service(unit, person, today):
            continue
        contacts = unit.people.contacts(person.id)
        answering = reachable(contacts, unit.numbers.get)
        if not answering:
            unreachable.append(person)
        homes.setdefault(person.home_id, set(on_duty)).update(one.role for one in answering)
        judged = (readiness(contact, unit.numbers.get(contact.phone), now_ms) for contact in contacts)
        to_confirm += sum(one.is_confirmation_due for one in judged)
    without_duty = [roles for roles in homes.values() if ContactRole.DUTY not in roles]
    without_desk = sum(ContactRole.SUPERVISOR not in roles for roles in without_duty)
    return Readiness(tuple(unreachable), to_confirm, len(homes), len(without_duty), without_desk)


def is_active(person: Person, today: date) -> bool:
    """Return whether a person is still watched over."""
    return person.active_until is None or person.active_until > today


def is_in_service(unit: Unit, person: Person, today: date) -> bool:
    """Return whether anybody is to be rung for a person: service has begun, or their home has sensors already.

    Whom a list named is nobody's to ring for until the entry is activated, which asks for a contact itself.
    """
    if not is_active(person, today):
        return False
    if person.active_from is None or person.active_from <= today:
        return True
    home = unit.people.home(person.home_id)
    return home is not None and home.person_id == person.id


class ReadinessWatch:
    """Used by one thread at a time."""

    def __init__(self, truth: Truth, desk: DeskService, zone_name: str) -> None:
        self._truth = truth
        self._desk = desk
        self._zone = zone(zone_name)
        self.found = Readiness()

    def look(self, now_ms: int) -> None:
        """Raise a ticket for each person who has become unreachable, and take it back when that is over; blocking."""
        with self._truth.view() as unit:
            found = survey(unit, now_ms, local_date(now_ms, self._zone))
            blob = unit.cursors.blob(_KNOWN)
            known = {} if blob is None else _SINCE.decode(blob)
            homes = {one: person.home_id for one in known if (person := unit.people.person(one)) is not None}
        if len(found.unreachable) > len(self.found.unreachable):
            _log.warning("%d people have no contact who can be rung", len(found.unreachable))
        self.found = found
        since = {person.id: known.get(person.id, now_ms) for person in found.unreachable}
        if since == known:
            return
        findings: list[Finding] = [
            unreachable_finding(person.home_id, now_ms=now_ms, since_ms=now_ms)
            for person in found.unreachable
            if person.id not in known
        ]
        findings += [
            unreachable_finding(homes[one], now_ms=now_ms, since_ms=since_ms, is_over=True)
            for one, since_ms in known.items()
            if one not in since and one in homes
        ]
        # told before remembered, as in app/rota_watch.py
        self._desk.take_findings(findings)
        with self._truth.transaction() as unit:
            unit.cursors.set_blob(_KNOWN, msgspec.json.encode(since))

    def notices(self) -> list[str]:
        """Return what the board shows; counts, no names."""
        nobody, due = len(self.found.unreachable), self.found.to_confirm
        told: list[Bilingual] = []
        if nobody:
            told.append(
                Bilingual(f"{nobody}位老人没有可拨通的联系人", f"{nobody} people have no contact who can be rung")
            )
        if due:
            told.append(Bilingual(f"{due}位联系人本月应确认", f"{due} contacts are to be confirmed this month"))
        return [f"{one} (shouwang contacts readiness)" for one in told]
