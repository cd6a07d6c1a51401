"""The due board: who is due, overdue or at risk, by village, grid and worker, and the route of each worker."""

from collections.abc import Iterable, Sequence
from datetime import date
from enum import StrEnum

import msgspec

from core.ids import HomeId, PersonId
from registry.people import Tier
from registry.standing import Status
from visits.due_windows import WindowState
from visits.model import Obligation
from visits.obligations import Due

WARN_DAYS = (2, 5, 10)
"""Days before a window's end at which somebody still owed is at risk (R6)."""


class Risk(StrEnum):
    """How soon somebody must go; the gravest first."""

    OVERDUE = "overdue"
    D2 = "d2"
    D5 = "d5"
    D10 = "d10"
    OPEN = "open"
    DONE = "done"
    NOT_REQUIRED = "not_required"


RISK_ORDER = {risk: place for place, risk in enumerate(Risk)}
_BY_DAYS = {2: Risk.D2, 5: Risk.D5, 10: Risk.D10}
OUTSTANDING = frozenset({Risk.OVERDUE, Risk.D2, Risk.D5, Risk.D10, Risk.OPEN})


class BoardRow(msgspec.Struct, frozen=True, kw_only=True):
    """One person on the board. `home_visits_owed` is shown in red whatever the sensors say."""

    person_id: PersonId
    home_id: HomeId
    area: str
    worker: str  # contact id; "": nobody is named
    due: Due
    risk: Risk
    days_left: int | None
    home_visits_owed: int

    @property
    def village(self) -> str:
        """Town and village of the address."""
        return village_of(self.area)


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """A village, grid or worker in figures: people, by risk, and visits at home still owed."""

    name: str
    people: int
    by_risk: dict[Risk, int]
    home_visits_owed: int


def village_of(area: str) -> str:
    """Return town/village of town/village/grid."""
    return "/".join(area.split("/")[:2])


def risk_of(due: Due, today: date) -> tuple[Risk, int | None]:
    """Return the gravest risk among a person's windows, and the days left of the window that is due next."""
    if any(one.state is WindowState.OVERDUE for one in due.windows):
        return Risk.OVERDUE, None
    open_ends = [one.window for one in due.windows if one.state is WindowState.OPEN]
    if not open_ends:
        is_done = any(one.is_required for one in due.windows)
        return (Risk.DONE if is_done else Risk.NOT_REQUIRED), None
    nearest = min(open_ends, key=lambda window: window.until_date)
    left = (nearest.until_date - today).days
    if today < nearest.from_date:
        return Risk.OPEN, left
    return next((_BY_DAYS[days] for days in WARN_DAYS if left <= days), Risk.OPEN), left


def board_row(due: Due, *, home_id: HomeId, area: str, worker: str, today: date) -> BoardRow:
    """Return a person's place on the board."""
    risk, left = risk_of(due, today)
    owed = sum(one.owed for one in due.windows if one.window.obligation is Obligation.KEY_HALFMONTH)
    return BoardRow(
        person_id=due.person_id,
        home_id=home_id,
        area=area,
        worker=worker,
        due=due,
        risk=risk,
        days_left=left,
        home_visits_owed=owed,
    )


def ordered(rows: Iterable[BoardRow]) -> list[BoardRow]:
    """Return rows gravest first, key people before the rest, then by grid, so that neighbours stand together."""
    return sorted(rows, key=_urgency)


def tallies(rows: Iterable[BoardRow], names: Sequence[str]) -> list[Tally]:
    """Return a tally for each name that stands beside a row, e.g. its village; the most overdue first."""
    grouped: dict[str, list[BoardRow]] = {}
    for row, name in zip(rows, names, strict=True):
        grouped.setdefault(name, []).append(row)
    found = [_tally(name, group) for name, group in grouped.items()]
    return sorted(found, key=lambda one: (-one.by_risk.get(Risk.OVERDUE, 0), -one.home_visits_owed, one.name))


def route_of(rows: Iterable[BoardRow], worker: str) -> list[list[BoardRow]]:
    """Return a worker's stops: the people of one home together (one trip, a record each), the most urgent grid first.

    A home is a stop when anybody in it is still owed something; who lives with them is seen on the same trip.
    """
    homes: dict[str, list[BoardRow]] = {}
    for row in rows:
        if row.worker == worker and row.due.status is Status.ACTIVE:
            homes.setdefault(row.home_id, []).append(row)
    stops = [ordered(home) for home in homes.values() if any(row.risk in OUTSTANDING for row in home)]
    grids: dict[str, int] = {}
    for stop in stops:
        grids[stop[0].area] = min(grids.get(stop[0].area, len(RISK_ORDER)), RISK_ORDER[stop[0].risk])
    return sorted(stops, key=lambda stop: (grids[stop[0].area], stop[0].area, *_urgency(stop[0])))


def _urgency(row: BoardRow) -> tuple[int, bool, str, str, str]:
    return RISK_ORDER[row.risk], row.due.tier is not Tier.KEY, row.area, row.home_id, row.person_id


def _tally(name: str, rows: Sequence[BoardRow]) -> Tally:
    by_risk: dict[Risk, int] = {}
    for row in rows:
        by_risk[row.risk] = by_risk.get(row.risk, 0) + 1
    owed = sum(row.home_visits_owed for row in rows)
    return Tally(name=name, people=len(rows), by_risk=by_risk, home_visits_owed=owed)
