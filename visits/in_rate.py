"""Who is in the denominator of the monthly visit rate, and why somebody without a contact is missing."""

from enum import StrEnum

from registry.standing import Standing
from visits.model import Obligation
from visits.policy import CountingPolicy
from visits.windows import Window


class Missing(StrEnum):
    """Why somebody had no contact."""

    OWED = "owed"
    SUSPENDED = "suspended"  # 不计/异动: still suggested a call, and counted when it is made
    REFUSED = "refused"  # 自愿拒绝


def place_in_rate(standing: Standing, window: Window, policy: CountingPolicy) -> Missing | None:
    """Return why somebody is missing if no contact is made in the month; None: they are not in its denominator.

    In it is who is in the ledger beyond the month's end and for at least the days after which the month's duty
    applies (policy B3, cases 6 and 10); suspended people and refusals are in it too.
    """
    period = standing.period_at(window.until_date)
    if period is None:
        return None
    joined = period.from_date
    is_new = joined is not None and joined > window.from_date
    if is_new and window.days_left(joined or window.from_date) < policy.min_days(Obligation.GEN_MONTH):
        return None
    excuse = standing.excuse_of(window.from_date, window.until_date)
    return Missing.OWED if excuse is None else Missing(excuse.status.value)
