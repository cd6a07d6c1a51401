"""月探访率: of everybody in the ledger, who had at least one contact in the month, and each one who had none (R6)."""

from collections.abc import Iterable
from enum import StrEnum

import msgspec

from core.ids import PersonId
from registry.standing import Standing
from visits.model import Obligation
from visits.obligations import Due, Month
from visits.windows import Window


class Missing(StrEnum):
    """Why somebody had no contact."""

    OWED = "owed"
    SUSPENDED = "suspended"  # 不计/异动: still suggested a call, and counted when it is made
    REFUSED = "refused"  # 自愿拒绝


class Rate(msgspec.Struct, frozen=True):
    """Numerator and denominator in people, and who is missing; a rate of nobody is 1."""

    contacted: int
    active: int
    missing: tuple[tuple[PersonId, Missing], ...]

    @property
    def share(self) -> float:
        """Contacted by active, 0 to 1."""
        return self.contacted / self.active if self.active else 1.0


def monthly_rate(rows: Iterable[tuple[Standing, Due]], month: Month) -> Rate:
    """Return the rate of a month.

    In the denominator: who is in the ledger beyond the month's end and for at least the days after which the
    month's duty applies (policy B3, cases 6 and 10); suspended people and refusals are in it too.
    """
    contacted = active = 0
    missing: list[tuple[PersonId, Missing]] = []
    for standing, due in rows:
        if not is_in_rate(standing, month):
            continue
        active += 1
        if due.contacts:
            contacted += 1
        else:
            missing.append((standing.person.id, _why(standing, month.window)))
    return Rate(contacted, active, tuple(missing))


def is_in_rate(standing: Standing, month: Month) -> bool:
    """Return whether somebody is in the month's denominator."""
    window = month.window
    period = standing.period_at(window.until_date)
    if period is None:
        return False
    joined = period.from_date
    is_new = joined is not None and joined > window.from_date
    return not is_new or window.days_left(joined or window.from_date) >= month.policy.min_days(Obligation.GEN_MONTH)


def _why(standing: Standing, window: Window) -> Missing:
    excuse = standing.excuse_of(window.from_date, window.until_date)
    return Missing.OWED if excuse is None else Missing(excuse.status.value)
