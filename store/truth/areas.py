"""Areas in SQL: a town, village or grid with everything below it; the empty area is everywhere."""

from typing import Any

from sqlalchemy import ColumnElement, Table, func, or_, select, true

from store.truth import tables


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
