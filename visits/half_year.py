"""LEDGER-6M: annex 1 gone through at a home visit each half year (R18); overdue is red and blocks nothing."""

from collections.abc import Iterable
from datetime import date

import msgspec

from core.months import HALF_YEAR, months_later
from registry.standing import Standing
from visits.distinct import counts_for
from visits.due_windows import WindowState
from visits.model import Obligation, Visit
from visits.policy import CountingPolicy


class HalfYearDue(msgspec.Struct, frozen=True):
    """When annex 1 was last confirmed (None: never), until when it must be again, and how that stands."""

    last: date | None
    due_on: date | None
    state: WindowState


def half_year_due(standing: Standing, visits: Iterable[Visit], today: date, policy: CountingPolicy) -> HalfYearDue:
    """Return how the half-yearly update of one person stands; `visits` are theirs alone, all of them."""
    period = standing.period_at(today)
    if period is None:
        return HalfYearDue(None, None, WindowState.NOT_REQUIRED)
    days = [visit.local_date for visit in visits if confirms(visit, policy) and visit.local_date <= today]
    last = max(days, default=None)
    since = last or period.from_date
    if since is None:  # in the ledger since nobody knows when: it has never been confirmed
        return HalfYearDue(None, today, WindowState.OVERDUE)
    due_on = months_later(since, HALF_YEAR)
    if today > due_on:
        return HalfYearDue(last, due_on, WindowState.OVERDUE)
    return HalfYearDue(last, due_on, WindowState.OPEN if last is None else WindowState.SATISFIED)


def confirms(visit: Visit, policy: CountingPolicy) -> bool:
    """Return whether annex 1 was confirmed at this visit."""
    is_told = visit.form is not None and visit.form.is_annex1_confirmed
    return is_told and visit.merged_into is None and counts_for(visit, Obligation.LEDGER_6M, policy)
