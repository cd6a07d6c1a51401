"""The windows in which contacts are owed: half months and calendar months; refuses what is not a month."""

import re
from calendar import monthrange
from datetime import date

import msgspec

from core.text import Bilingual
from registry.people import Person, Tier, tier_of
from visits.model import Obligation
from visits.policy import CountingPolicy

LAST_DAY_OF_FIRST_HALF = 15
_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")

_OWED = Bilingual("应完成", "owed")
_NOT_YET_ACTIVE = Bilingual("当时尚未建档", "not in the ledger yet")
_ENDED = Bilingual("服务已终止，本期不计", "service ended: this window is dropped")


class Window(msgspec.Struct, frozen=True):
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


class Demand(msgspec.Struct, frozen=True):
    """A window, whether this person owes it, and why or why not."""

    window: Window
    is_required: bool
    why: Bilingual


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


def demands_on(person: Person, month: Window, policy: CountingPolicy) -> tuple[Demand, ...]:
    """Return the windows that concern a person in a month, required or not.

    Who becomes a key person within the month (an 80th birthday) keeps the month's duty and owes half months from
    that day on, as somebody who joins then would (policy B3, case 7).
    """
    key_from = key_from_in(person, month)
    halves = halves_of(month)
    if key_from is None:
        return (_demand(person, month, policy),)
    if key_from == month.from_date:
        return tuple(_demand(person, half, policy) for half in halves)
    return (
        _demand(person, month, policy),
        *(_demand(person, half, policy, key_from) for half in halves),
    )


def key_from_in(person: Person, month: Window) -> date | None:
    """Return the first day of the month on which the person is a key person; None when there is none."""
    if tier_of(person, month.from_date).tier is Tier.KEY:
        return month.from_date
    if tier_of(person, month.until_date).tier is not Tier.KEY:
        return None
    days = (month.from_date.replace(day=number) for number in range(1, month.until_date.day + 1))
    return next(day for day in days if tier_of(person, day).tier is Tier.KEY)


def _demand(person: Person, window: Window, policy: CountingPolicy, key_from: date | None = None) -> Demand:
    # A death on a window's last day drops the window too: what can no longer be done is not owed (case 10).
    if person.active_until is not None and person.active_until <= window.until_date:
        return Demand(window, False, _ENDED)
    if person.active_from is not None and person.active_from > window.until_date:
        return Demand(window, False, _NOT_YET_ACTIVE)
    joined = max((day for day in (person.active_from, key_from) if day is not None), default=window.from_date)
    left, least = window.days_left(joined), policy.min_days(window.obligation)
    if joined > window.from_date and left < least:
        return Demand(window, False, _too_late(joined, left, least))
    return Demand(window, True, _OWED)


def _too_late(joined: date, left: int, least: int) -> Bilingual:
    return Bilingual(
        f"{joined.isoformat()} 起适用，本期仅余 {max(left, 0)} 天（不足 {least} 天），下期起计",
        f"it applies from {joined.isoformat()} with {max(left, 0)} days left of this window (fewer than {least}): "
        "due from the next window on",
    )
