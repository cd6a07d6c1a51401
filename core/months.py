"""Calendar months of local dates; refuses nothing: a day that the later month lacks becomes its last."""

from calendar import monthrange
from datetime import date

HALF_YEAR = 6
"""Months."""


def months_later(day: date, count: int) -> date:
    """Return the same day of a later (or, below 0, earlier) month; 31 August and six months is 28 or 29 February."""
    total = day.year * 12 + day.month - 1 + count
    year, month = total // 12, total % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))
