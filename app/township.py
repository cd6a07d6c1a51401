"""Puts a made-up township into a data directory: people, homes, contacts, history, visits; refuses one with people."""

from collections.abc import Iterator
from itertools import islice
from typing import TypeVar
from zoneinfo import ZoneInfo

from core.errors import ConfigurationError
from core.ids import PersonId
from device_sim.township import Plan, Resident, areas, residents, special_periods
from device_sim.township_visits import visits_to
from registry.areas import AreaTree
from registry.standing import standing_of
from store.truth.database import Truth, Unit
from visits.counting import credited
from visits.follow_ups import opened_by_form
from visits.model import Visit
from visits.policy import CountingPolicy

AT_ONCE = 500
"""People of one transaction: a second's work, and a kill loses no more."""

T = TypeVar("T")


def settle(truth: Truth, plan: Plan, policy: CountingPolicy, zone: ZoneInfo) -> tuple[int, int]:
    """Write a township; return how many people and visits it has. Raises ConfigurationError where people are."""
    with truth.view() as unit:
        if unit.people.villages():
            raise ConfigurationError(
                "somebody is registered there already",
                where="the database",
                remedy="name an empty --data-dir: a made-up township never mixes with real people",
            )
    people = visits = 0
    for some in _batches(residents(plan)):
        with truth.transaction() as unit:
            for resident in some:
                visits += _settle_one(
                    unit, resident, _judged(resident, visits_to(resident, plan, policy, zone), policy)
                )
        people += len(some)
    with truth.transaction() as unit:
        if not unit.entries.areas().areas:
            unit.entries.put_areas(AreaTree(areas(plan)))
        for period in special_periods(plan):
            unit.specials.put(period)
    return people, visits


def _settle_one(unit: Unit, resident: Resident, visits: list[Visit]) -> int:
    unit.people.put_person(resident.person)
    if unit.people.home(resident.home.id) is None:
        unit.people.put_home(resident.home)
    for contact in resident.contacts:
        unit.people.put_contact(contact)
    unit.standing.add_all(resident.facts)
    unit.visits.put_all(visits)
    last = max((visit.number for visit in visits), default=0)
    unit.visits.put_sequences({PersonId(resident.person.id): last})
    for visit in visits:
        for follow_up in opened_by_form(visit) if visit.signed_at_ms is not None else ():
            unit.follow_ups.open_unless_known(follow_up)
    return len(visits)


def _judged(resident: Resident, visits: list[Visit], policy: CountingPolicy) -> list[Visit]:
    standing = standing_of(resident.person, resident.facts)
    return [
        visit
        if visit.merged_into is not None or visit.is_draft
        else credited(visit, resident.person, policy, standing.tier_on(visit.local_date))
        for visit in visits
    ]


def _batches(items: Iterator[T]) -> Iterator[list[T]]:
    while some := list(islice(items, AT_ONCE)):
        yield some
