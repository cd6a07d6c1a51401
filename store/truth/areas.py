"""Areas in SQL: a town, village or grid with everything below it; the empty area is everywhere."""

from typing import Any

from sqlalchemy import Column, ColumnElement, or_, true


def below(column: Column[Any], area: str) -> ColumnElement[bool]:
    """Return the condition that a row lies in the area or below it; it can use the column's index."""
    if not area:
        return true()
    return or_(column == area, column.between(f"{area}/", f"{area}0"))  # "0" follows "/" in ASCII
