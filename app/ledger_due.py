"""What a month owes, read from one moment of the database; a closed month is read as it was closed, not judged."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

import msgspec

from core.ids import PersonId
from core.localtime import DEFAULT_ZONE_NAME, local_date
from core.localtime import zone as zone_named
from registry.areas import is_within
from registry.people import Person
from registry.standing import Standing, standings_of
from registry.standing_facts import FactKind, StandingFact, in_force
from store.truth.database import Unit
from visits.counting import credited
from visits.due_board import BoardRow, board_row, village_of
from visits.festivals import FIRST_YEAR, LAST_YEAR, festivals_of
from visits.model import Visit
from visits.obligations import Due, Month, due_of, month_given
from visits.policy import CountingPolicy
from visits.rate import Rate, monthly_rate
from visits.special import SpecialPeriod, Stretch, of_month, stretches
from visits.windows import month_of

NEIGHBOURING = timedelta(days=31)
"""Visits of the month before tell gaps between home visits; a special period may reach into the next one."""

WHOLE_TABLE = 2000
"""People above which reading everybody's rows is faster than asking for each by name."""


COUNTRY = zone_named(DEFAULT_ZONE_NAME)
"""One time for all of it."""


class MonthRow(msgspec.Struct, frozen=True, gc=False):
    """One person of a month: how they stand, and what they are owed."""

    standing: Standing
    due: Due


class MonthRows(msgspec.Struct, frozen=True):
    """The month with everybody of an area; `is_closed`: read as it was closed."""

    month: Month
    rows: list[MonthRow]
    is_closed: bool

    @property
    def rate(self) -> Rate:
        """The monthly visit rate."""
        return monthly_rate(((row.standing, row.due) for row in self.rows), self.month)


def month_rows(unit: Unit, month: str, today: date, policy: CountingPolicy, area: str = "") -> MonthRows:
    """Return what a month owes each person of an area; raises ValueError for what is no month."""
    window = month_of(month)
    periods = special_periods(unit, window.from_date, window.until_date)
    given = month_given(month, today, policy, periods)
    closed = {due.person_id: due for due in unit.evaluations.of_month(month, area)}
    left, judged = _open_and_closed(unit, month, area, set(closed))
    theirs = _visits_by_person(unit, left, given)
    by_area: dict[str, list[Stretch]] = {}
    rows: list[MonthRow] = []
    for standing in _standings(unit, sorted([*left, *judged], key=lambda person: person.id)):
        person = standing.person
        kept = closed.get(person.id)
        if kept is None:
            if person.area not in by_area:
                by_area[person.area] = stretches(given.periods, person.area)
            kept = due_of(standing, theirs.get(person.id, ()), given, by_area[person.area])
        rows.append(MonthRow(standing, kept))
    return MonthRows(given, rows, bool(closed) and not left)


def _open_and_closed(unit: Unit, month: str, area: str, closed: set[PersonId]) -> tuple[list[Person], list[Person]]:
    """Return who is still to be judged, and who stands in the closed month, there where they lived at its closing.

    A village that closed its month has nobody left to judge: who came since was judged elsewhere, or not yet there.
    """
    here = unit.people.unnamed_persons(area)
    places = unit.evaluations.areas(month, village_of(area), [one.id for one in here])
    shut = {village_of(place) for place in places.values()}
    left = [one for one in here if one.id not in places and village_of(one.area) not in shut]
    judged = [one for one in here if one.id in closed]
    gone = unit.people.persons_named(closed - {one.id for one in judged})
    return left, [msgspec.structs.replace(one, area=places[one.id]) for one in (*judged, *gone)]


def board_rows(unit: Unit, found: MonthRows, today: date) -> list[BoardRow]:
    """Return a month's people as the board shows them, each with the worker who visits them."""
    workers = unit.people.workers_of([row.standing.person.id for row in found.rows])
    return [
        board_row(
            row.due,
            home_id=row.standing.person.home_id,
            area=row.standing.person.area,
            worker=workers.get(row.standing.person.id, ""),
            today=today,
        )
        for row in found.rows
    ]


def special_periods(unit: Unit, from_date: date, until_date: date) -> list[SpecialPeriod]:
    """Return festivals and entered periods that touch some days."""
    years = range(max(from_date.year, FIRST_YEAR), min(until_date.year, LAST_YEAR) + 1)
    festivals = [period for year in years for period in festivals_of(year)]
    return [*of_month(festivals, from_date, until_date), *unit.specials.touching(from_date, until_date)]


class ServedFrom:
    """Since when villages are served, by whoever lived there then; for as many of them as one view is asked about."""

    def __init__(self, unit: Unit, zone: ZoneInfo, enough: date = date.min) -> None:
        """`enough`: the first day that matters; where today's people were served by then nothing more is read."""
        self._unit = unit
        self._zone = zone
        self._enough = enough

    def of(self, area: str) -> date | None:
        """Return the first day on which anybody of an area is known to be in the ledger; None: of nobody.

        People move, and a return stays owed by the village that they were visited in: its records and its drafts tell
        of them too, where nobody told of the move.
        """
        people = self._unit.people.unnamed_persons(area)
        facts = _by_person(_facts(self._unit, people))
        found = [day for one in people for day in self._days(one, facts.get(one.id, []), area)]
        if found and min(found) <= self._enough:
            return min(found)
        found += [day for person, facts in self._movers for day in self._days(person, facts, area)]
        found += [day for place, day in self._first_records.items() if is_within(place, area)]
        drawn = self._unit.returns.of_village(area)
        found += [local_date(one.drafted_at_ms, self._zone) for one in drawn]
        return min(found, default=None)

    def _days(self, person: Person, facts: list[StandingFact], area: str) -> Iterator[date]:
        """Return from which days on somebody was served while they lived in an area."""
        periods = standings_of([person], facts)[0].periods
        for begins, until, place in self._places(person, facts):
            for period in periods if is_within(place, area) else ():
                day = max(begins, period.from_date or date.min)
                if day < until and day <= (period.until_date or date.max):
                    yield day

    def _places(self, person: Person, facts: list[StandingFact]) -> Iterator[tuple[date, date, str]]:
        """Return where somebody lived from which day on, and before which."""
        moves = [one for one in in_force(facts) if one.kind is FactKind.MOVED]
        first = area_on(self._unit, person, moves[0].on - timedelta(days=1), self._zone) if moves else person.area
        begins = [(date.min, first), *((one.on, one.area) for one in moves)]
        for (day, place), (until, _) in zip(begins, [*begins[1:], (date.max, "")], strict=True):
            yield day, until, place

    @cached_property
    def _movers(self) -> list[tuple[Person, list[StandingFact]]]:
        """Everybody who has moved within the town, wherever they live now."""
        theirs = _by_person(self._unit.standing.all())
        moved = {name for name, facts in theirs.items() if any(one.kind is FactKind.MOVED for one in facts)}
        return (
            [(one, theirs[one.id]) for one in self._unit.people.unnamed_persons() if one.id in moved] if moved else []
        )

    @cached_property
    def _first_records(self) -> dict[str, date]:
        return self._unit.visits.first_days()


def served_from(unit: Unit, area: str, zone: ZoneInfo = COUNTRY, enough: date = date.min) -> date | None:
    """Return since when one village is served, as ServedFrom tells it of many."""
    return ServedFrom(unit, zone, enough).of(area)


def standing_on(unit: Unit, person: Person) -> Standing:
    """Return how one person stands."""
    return standings_of([person], unit.standing.of(person.id))[0]


def with_credits(unit: Unit, visit: Visit, policy: CountingPolicy) -> Visit:
    """Return a record with what it counts for and why; one that was kept without is judged by its day's tier."""
    person = None if visit.credits or visit.merged_into is not None else unit.people.person(visit.person_id)
    if person is None:
        return visit
    return credited(visit, person, policy, standing_on(unit, person).tier_on(visit.local_date))


def area_on(unit: Unit, person: Person, day: date, zone: ZoneInfo) -> str:
    """Return where somebody lived on a day: by the moves that were told, before the first by the register's versions.

    Today's area is the answer only for who never moved: a visit and a closed month belong where they were made.
    """
    moves = [one for one in in_force(unit.standing.of(person.id)) if one.kind is FactKind.MOVED]
    made = [one for one in moves if one.on <= day]
    if made:
        return made[-1].area
    if not moves:
        return person.area
    versions = unit.entries.versions(person.id)
    then = [one for one in versions if local_date(one.at_ms, zone) <= day] or versions[:1]
    return then[-1].filed.person.area if then else person.area


def _standings(unit: Unit, people: list[Person]) -> Iterator[Standing]:
    yield from standings_of(people, _facts(unit, people))


def _facts(unit: Unit, people: list[Person]) -> list[StandingFact]:
    return unit.standing.all() if len(people) > WHOLE_TABLE else unit.standing.of_people([one.id for one in people])


def _by_person(facts: Iterable[StandingFact]) -> dict[PersonId, list[StandingFact]]:
    theirs: dict[PersonId, list[StandingFact]] = {}
    for fact in facts:
        theirs.setdefault(fact.person_id, []).append(fact)
    return theirs


def _visits_by_person(unit: Unit, people: list[Person], month: Month) -> dict[PersonId, list[Visit]]:
    from_date = month.window.from_date - NEIGHBOURING
    until_date = max((month.window.until_date, *(period.until_date for period in month.periods)))
    found: Iterable[Visit]
    if len(people) > WHOLE_TABLE:
        found = unit.visits.counted(from_date, until_date)
    else:
        found = unit.visits.counted_of([one.id for one in people], from_date, until_date)
    theirs: dict[PersonId, list[Visit]] = {}
    for visit in found:
        theirs.setdefault(visit.person_id, []).append(visit)
    return theirs
