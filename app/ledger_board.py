"""The due board put together in one view of the database: figures of the whole area, rows of people, one route."""

from collections import Counter
from collections.abc import Collection
from datetime import date

from api.conversion import person_brief
from api.ledger_conversion import board_row_view, rate_view, tally_view
from api.ledger_views import BoardView
from api.views import PersonBrief
from app.areas import check_board
from app.ledger_book import LedgerBook
from app.ledger_due import MonthRow, board_rows, month_rows
from core.ids import PersonId
from store.truth.database import Unit
from visits.due_board import BoardRow, Risk, ordered, route_of, tallies
from visits.half_year import HalfYearDue, half_year_due
from visits.model import Visit
from visits.rate import Rate

MOST_ROWS = 600
"""People whom one page lists: a large village's. Of a whole town the figures are shown, and who is due first."""


def board_view(
    unit: Unit, book: LedgerBook, month: date, area: str, worker: str, *, risk: Risk | None = None
) -> BoardView:
    """Return the board of an area; with a worker only the people that they visit, and their route.

    `risk` chooses among the people, before the list is cut to MOST_ROWS; figures and route stay those of everybody.
    """
    today = book.today()
    found = month_rows(unit, f"{month:%Y-%m}", today, book.policy, area)
    everybody = board_rows(unit, found, today)
    _check(unit, everybody, area, worker)
    rows = [row for row in everybody if row.worker == worker] if worker else everybody
    shown = ordered(row for row in rows if risk in (None, row.risk))[:MOST_ROWS]
    route, rate = _route(rows, worker), found.rate
    viewed = {row.person_id: row for row in (*shown, *(row for stop in route for row in stop))}
    missing = rate.missing[:MOST_ROWS]
    briefs = briefs_of(unit, {*viewed, *(person_id for person_id, _ in missing)}, today)
    areas = {row.person_id: row.area for row in everybody}
    half_years = _half_years(unit, book, found.rows, area, today) if len(rows) <= MOST_ROWS else {}
    views = {
        person_id: board_row_view(row, _brief(briefs, person_id), half_years.get(person_id))
        for person_id, row in viewed.items()
    }
    return BoardView(
        month=month,
        area=area,
        worker=worker,
        is_closed=found.is_closed,
        policy_version=book.policy.stamp,
        rows=[views[row.person_id] for row in shown],
        villages=[tally_view(one) for one in tallies(rows, [row.village for row in rows])],
        grids=[tally_view(one) for one in tallies(rows, [row.area for row in rows])],
        workers=[tally_view(one) for one in tallies(rows, [row.worker for row in rows])],
        route=[[views[row.person_id] for row in stop] for stop in route],
        rate=rate_view(
            Rate(rate.contacted, rate.active, missing),
            {name: (_brief(briefs, name), areas[name]) for name, _ in missing},
        ),
        unsigned=unit.visits.unsigned_count(area),
    )


def _check(unit: Unit, rows: list[BoardRow], area: str, worker: str) -> None:
    """Raise NotFoundError for an area or a worker that there is not; who lived somewhere once stays readable."""
    is_found = worker in {row.worker for row in rows}
    check_board(unit, area="" if rows else area, worker="" if is_found else worker)


def villages_of(unit: Unit, areas: Collection[str]) -> list[tuple[str, int]]:
    """Return each village of some areas, none of which holds another, with how many people are registered there."""
    counts: Counter[str] = Counter()
    for area in areas:
        counts.update(dict(unit.people.villages(area)))
    return sorted(counts.items())


def briefs_of(unit: Unit, persons: Collection[PersonId], today: date) -> dict[PersonId, PersonBrief]:
    """Return the least that tells some people apart."""
    return {person.id: person_brief(person, today) for person in unit.people.persons_named(persons)}


def _brief(briefs: dict[PersonId, PersonBrief], person_id: PersonId) -> PersonBrief:
    return briefs.get(person_id, PersonBrief(person_id=person_id))


def _route(rows: list[BoardRow], worker: str) -> list[list[BoardRow]]:
    return route_of(rows, worker) if worker else []


def _half_years(
    unit: Unit, book: LedgerBook, rows: list[MonthRow], area: str, today: date
) -> dict[PersonId, HalfYearDue]:
    confirmed: dict[PersonId, list[Visit]] = {}
    for visit in unit.visits.confirmations(area):
        confirmed.setdefault(visit.person_id, []).append(visit)
    return {
        row.standing.person.id: half_year_due(
            row.standing, confirmed.get(row.standing.person.id, ()), today, book.policy
        )
        for row in rows
    }
