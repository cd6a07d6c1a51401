"""Whether a file writes 1/5/2026 for the first of May or the fifth of January: all of its lines decide, once."""

import re
from collections.abc import Iterable
from datetime import date
from itertools import pairwise
from pathlib import Path

import msgspec

from core.errors import ConfigurationError

MOST_MONTHS = 12
_YEAR_LAST = re.compile(r"\s*(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})(?!\d)")
_REMEDY = "write the dates of all lines alike, best as 2026-01-05; docs/evaluation.md"

Written = tuple[int, int, int]
"""(first number, second number, year) of a date, as it stands in the file."""


class DateOrder(msgspec.Struct, frozen=True):
    """How dates with the year last are read; `told` says why, empty in a file that has none."""

    is_month_first: bool = False
    told: str = ""


class _Reading(msgspec.Struct, frozen=True, order=True):
    """What one way to read the dates makes of them; the smaller is the likelier."""

    stretches: int  # of days that follow each other
    days: int  # from the first to the last
    steps_back: int  # from line to line


def date_order(path: Path, times: Iterable[tuple[int, str]]) -> DateOrder:
    """Return how the dates of (line, text) are to be read; raises ConfigurationError where two lines contradict.

    A number above twelve is a day. Where no line has one, that reading holds under which the days follow each other,
    then the one of fewer days, then the one under which the lines stand in order; a tie is day/month.
    """
    proofs: dict[bool, list[tuple[int, str]]] = {False: [], True: []}
    written: list[Written] = []
    for line, text in times:
        found = _YEAR_LAST.match(text)
        if found is None:
            continue
        one, two, year = int(found[1]), int(found[2]), int(found[3])
        if one <= MOST_MONTHS and two <= MOST_MONTHS:
            if not written or written[-1] != (one, two, year):
                written.append((one, two, year))
        elif (one > MOST_MONTHS) is not (two > MOST_MONTHS):
            proofs[two > MOST_MONTHS].append((line, text))
    if proofs[False] and proofs[True]:
        raise _contradiction(path, proofs)
    for is_month_first, lines in proofs.items():
        if lines:
            line, text = lines[0]
            return DateOrder(is_month_first, f"dates are {_words(is_month_first)}: line {line} says {text:.24}")
    return _likelier(written) if written else DateOrder()


def _contradiction(path: Path, proofs: dict[bool, list[tuple[int, str]]]) -> ConfigurationError:
    """Return the error that names the first line of those that are fewer, beside one of the others."""
    is_odd = len(proofs[True]) < len(proofs[False])
    (line, text), (other, usual) = proofs[is_odd][0], proofs[not is_odd][0]
    what = f"{text!r:.40} can only be {_words(is_odd)}, line {other} ({usual!r:.40}) only {_words(not is_odd)}"
    return ConfigurationError(what, where=f"{path}, line {line}", remedy=_REMEDY)


def _likelier(written: list[Written]) -> DateOrder:
    day_first = _read([(year, two, one) for one, two, year in written])
    month_first = _read([(year, one, two) for one, two, year in written])
    is_month_first = month_first < day_first
    taken, other = (month_first, day_first) if is_month_first else (day_first, month_first)
    why = "nothing tells" if taken == other else f"{_made(taken)}; else {_made(other)}"
    told = f"dates could be day/month or month/day: taken for {_words(is_month_first)} ({why})"
    return DateOrder(is_month_first, told)


def _read(days: list[tuple[int, int, int]]) -> _Reading:
    """Return what a reading of (year, month, day) makes of a file; a 31st of June is taken for the day after."""
    numbers = [_ordinal(*day) for day in days]
    each = sorted(set(numbers))
    stretches = 1 + sum(after > before + 1 for before, after in pairwise(each))
    return _Reading(stretches, each[-1] - each[0] + 1, sum(after < before for before, after in pairwise(numbers)))


def _made(of: _Reading) -> str:
    return f"{of.days} days in {of.stretches} stretches, {of.steps_back} steps back"


def _ordinal(year: int, month: int, day: int) -> int:
    return date(max(year, 1), max(month, 1), 1).toordinal() + day - 1


def _words(is_month_first: bool) -> str:  # noqa: FBT001  # it is what is told
    return "month/day" if is_month_first else "day/month"
