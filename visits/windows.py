"""The windows in which contacts are owed: half months and calendar months; refuses what is not a month."""

import re
from calendar import monthrange
from datetime import date, timedelta

import msgspec

from core.text import Bilingual
from registry.people import Tier, tier_of
from registry.standing import Standing
from visits.model import Obligation
from visits.policy import CountingPolicy

LAST_DAY_OF_FIRST_HALF = 15
_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")

_OWED = Bilingual("应完成 1 次", "1 is required")
_NOT_YET_ACTIVE = Bilingual("当时尚未建档", "not in the ledger yet")
_ENDED = Bilingual("服务已终止，本期不计", "service ended: this window is dropped")
_NOT_KEY = Bilingual("本期末不是重点对象，按月度要求", "not a key person at the window's end: the month's duty applies")


class Window(msgspec.Struct, frozen=True, gc=False):
    """One stretch of days, both ends included, in which an obligation is due."""

    obligation: Obligation
    from_date: date
    until_date: date

    def days_left(self, on: date) -> int:
        """Return how many of its days are left on a day, that day included."""
        return (self.until_date - max(on, self.from_date)).days + 1

    def holds(self, day: date) -> bool:
        """Return whether the day lies in the window."""
        return self.from_date <= day <= self.until_date


class Demand(msgspec.Struct, frozen=True, gc=False):
    """A window, whether this person owes it, and why or why not."""

    window: Window
    is_required: bool
    why: Bilingual
    is_excused: bool = False  # suspended or refused: its own line in the return, never "visited"


def month_of(month: str) -> Window:
    """Return the calendar month of "2024-02"; raises ValueError."""
    found = _MONTH.fullmatch(month)
    if found is None:
        raise ValueError(f"{month!r} is not a month such as 2024-02")
    year, number = int(found[1]), int(found[2])
    return Window(Obligation.GEN_MONTH, date(year, number, 1), date(year, number, monthrange(year, number)[1]))


def halves_of(month: Window) -> tuple[Window, Window]:
    """Return day 1 to 15 and day 16 to the month's end."""
    middle = month.from_date.replace(day=LAST_DAY_OF_FIRST_HALF)
    return (
        Window(Obligation.KEY_HALFMONTH, month.from_date, middle),
        Window(Obligation.KEY_HALFMONTH, middle.replace(day=LAST_DAY_OF_FIRST_HALF + 1), month.until_date),
    )


def demands_on(standing: Standing, month: Window, policy: CountingPolicy) -> tuple[Demand, ...]:
    """Return the windows that concern a person in a month, required or not.

    Who was a general person on any day of the month keeps the month's duty; who is a key person at a half month's
    end owes that half month, as somebody who joined on the day of the change would (policy B3, case 7).
    """
    changes = tiers_in(standing, month)
    halves = halves_of(month)
    tiers = {tier for _, tier in changes}
    if tiers == {Tier.KEY}:
        return tuple(_demand(standing, half, policy) for half in halves)
    if tiers == {Tier.GENERAL}:
        return (_demand(standing, month, policy),)
    return (
        _demand(standing, month, policy),
        *(_key_demand(standing, half, changes, policy) for half in halves),
    )


def tiers_in(standing: Standing, month: Window) -> list[tuple[date, Tier]]:
    """Return the tier at the month's first day and, with its day, each change within the month."""
    first = standing.tier_on(month.from_date).tier
    if not standing.tiers and first is tier_of(standing.person, month.until_date).tier:
        return [(month.from_date, first)]  # by age and record alone a tier changes once at most
    found = [(month.from_date, first)]
    for number in range(1, month.until_date.day):
        day = month.from_date + timedelta(days=number)
        tier = standing.tier_on(day).tier
        if tier is not found[-1][1]:
            found.append((day, tier))
    return found


def _key_demand(standing: Standing, half: Window, changes: list[tuple[date, Tier]], policy: CountingPolicy) -> Demand:
    until = [(day, tier) for day, tier in changes if day <= half.until_date]
    key_from, tier = until[-1]
    if tier is Tier.KEY:
        return _demand(standing, half, policy, key_from)
    to_come = next((day for day, later in changes if later is Tier.KEY and day > half.until_date), None)
    if to_come is not None and len(until) == 1:
        return _demand(standing, half, policy, to_come)
    return Demand(half, False, _NOT_KEY)


def _demand(standing: Standing, window: Window, policy: CountingPolicy, key_from: date | None = None) -> Demand:
    # A death on a window's last day drops the window too: what can no longer be done is not owed (case 10).
    period = standing.period_at(window.until_date)
    if period is None:
        has_begun = any(one.from_date is None or one.from_date <= window.until_date for one in standing.periods)
        return Demand(window, False, _ENDED if has_begun else _NOT_YET_ACTIVE)
    joined = max((day for day in (period.from_date, key_from) if day is not None), default=window.from_date)
    left, least = window.days_left(joined), policy.min_days(window.obligation)
    if joined > window.from_date and left < least:
        return Demand(window, False, _too_late(joined, left, least))
    excuse = standing.excuse_of(window.from_date, window.until_date)
    if excuse is not None:
        return Demand(window, False, excuse.why, is_excused=True)
    return Demand(window, True, _OWED)


def _too_late(joined: date, left: int, least: int) -> Bilingual:
    return Bilingual(
        f"{joined.isoformat()} 起适用，本期仅余 {max(left, 0)} 天（不足 {least} 天），下期起计",
        f"it applies from {joined.isoformat()} with {max(left, 0)} days left of this window (fewer than {least}): "
        "due from the next window on",
    )
