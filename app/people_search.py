"""People by what somebody types of them: name, number, home or village; within the areas that the asker may see."""

from collections.abc import Sequence
from datetime import date

from api.conversion import person_brief
from api.ledger_views import FoundPersonView
from registry.areas import AreaTree
from registry.people import Person
from store.truth.database import Unit

MOST_FOUND = 30
"""More than one page is read through by nobody: type another letter."""


def found_people(unit: Unit, text: str, areas: Sequence[str], today: date) -> list[FoundPersonView]:
    """Return the first people of some areas whose name, number, home or area's full name holds the text."""
    wanted = text.strip().casefold()
    if not wanted:
        return []
    tree = unit.entries.areas()
    people = {one.id: one for area in areas for one in unit.people.persons(area)}
    found = [one for one in people.values() if any(wanted in said.casefold() for said in _said_of(one, tree))]
    return [
        FoundPersonView(
            person=person_brief(one, today), home_id=one.home_id, area=one.area, area_name=tree.full_name(one.area)
        )
        for one in sorted(found, key=lambda one: (one.area, one.id))[:MOST_FOUND]
    ]


def _said_of(person: Person, tree: AreaTree) -> tuple[str, ...]:
    return person.name, person.id, person.home_id, person.area, tree.full_name(person.area)
