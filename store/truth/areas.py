"""Areas in SQL: a town, village or grid with everything below it; the empty area is everywhere."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Table, false, func, or_, select, true

from rules.village import AREA_PREFIX
from store.truth import tables

EVERYWHERE = ("",)


def below(column: ColumnElement[Any], area: str) -> ColumnElement[bool]:
    """Return the condition that a row lies in the area or below it; it can use the column's index."""
    if not area:
        return true()
    return or_(column == area, column.between(f"{area}/", f"{area}0"))  # "0" follows "/" in ASCII


def lives_below(table: Table, area: str) -> ColumnElement[bool]:
    """Return the condition that the person of a row lives there now; of a person who is gone the row's own area counts.

    For a table with `person_id` and `area`: what is open of somebody goes along when they move.
    """
    now = select(tables.person.c.area).where(tables.person.c.id == table.c.person_id).scalar_subquery()
    return below(func.coalesce(now, table.c.area), area)


def home_in(home_id: ColumnElement[Any], areas: Sequence[str]) -> ColumnElement[bool]:
    """Return the condition that a home lies in one of some areas, or stands for the incident of a village there.

    What is of no home (the service's own alerts) belongs to who watches everywhere, area "".
    """
    if "" in areas:
        return true()
    if not areas:
        return false()
    homes = select(tables.home.c.id).where(or_(*(below(tables.home.c.area, area) for area in areas)))
    above = {area[:end] for area in areas for end in range(len(area)) if area[end] == "/"}
    incidents = [below(home_id, f"{AREA_PREFIX}{area}") for area in areas]
    return or_(home_id.in_(homes), home_id.in_([f"{AREA_PREFIX}{area}" for area in sorted(above)]), *incidents)
