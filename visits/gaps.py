"""How long a key person has gone without a home visit: advice only, because the plan counts half months."""

from collections.abc import Iterable
from datetime import date
from itertools import pairwise

from core.text import Bilingual
from registry.standing import Standing
from visits.policy import CountingPolicy
from visits.windows import Window


def gap_warning(
    standing: Standing, home_visits: Iterable[date], month: Window, today: date | None, policy: CountingPolicy
) -> Bilingual | None:
    """Return a warning about the longest gap that reaches into the month, when it exceeds the policy's days.

    A gap runs from one home visit to the next, or to the present; with `today` None, to the month's end.
    Days before the person entered the ledger are not a gap.
    """
    end = month.until_date if today is None else min(today, month.until_date)
    days = sorted({day for day in home_visits if day <= end})
    period = standing.period_at(end)
    if period is not None and period.from_date is not None:
        days = sorted({*(day for day in days if day >= period.from_date), period.from_date})
    gaps = [(later - earlier, earlier, later) for earlier, later in pairwise([*days, end]) if later >= month.from_date]
    if not gaps:
        return None
    gap, earlier, later = max(gaps)
    if gap.days <= policy.gap_warning_days:
        return None
    return Bilingual(
        f"{earlier.isoformat()} 至 {later.isoformat()} 已 {gap.days} 天未上门，建议尽早上门",
        f"{gap.days} days without a home visit, {earlier.isoformat()} to {later.isoformat()}: visit soon",
    )
