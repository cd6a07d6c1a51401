"""What each person is still owed in a month, and why; monitoring never pays for a visit at home."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date

import msgspec

from core.ids import PersonId
from core.text import Bilingual
from registry.people import Person, Tier
from registry.standing import Standing, Status, standings_of
from registry.standing_facts import StandingFact
from visits.distinct import counts_for, distinct
from visits.due_windows import WindowDue, WindowState, special_due, window_due
from visits.gaps import gap_warning
from visits.in_rate import Missing, place_in_rate
from visits.model import Obligation, Visit
from visits.policy import CountingPolicy
from visits.special import SpecialPeriod, Stretch, of_month, stretches
from visits.windows import Window, demands_on, month_of

__all__ = ["Due", "Month", "WindowDue", "WindowState", "counts_for", "distinct", "due", "due_of", "month_given"]


class Due(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One person's month. `sentence` is what the console shows, in red while `owed` is above zero."""

    person_id: PersonId
    tier: Tier
    tier_reason: Bilingual
    windows: tuple[WindowDue, ...]
    owed: int
    next_due: date | None  # the last day of the next window that is owed and can still be kept
    sentence: Bilingual
    warning: Bilingual | None  # advisory: a long gap between home visits to a key person
    policy_version: str
    status: Status = Status.ACTIVE
    specials: tuple[WindowDue, ...] = ()  # recommended on top, never part of `owed`
    contacts: int = 0  # of the month, for the monthly rate; each real contact once
    suggestion: Bilingual | None = None  # a call to somebody who is not required to be visited
    is_in_rate: bool | None = None  # in the monthly rate's denominator; None: closed before this was kept
    missing: Missing | None = None  # of who is in it: why there is no contact, if there is none


class Month(msgspec.Struct, frozen=True):
    """What is judged, and as of when; `today` None: without a present, nothing is overdue."""

    window: Window
    today: date | None
    policy: CountingPolicy
    periods: tuple[SpecialPeriod, ...] = ()

    @property
    def reference(self) -> date:
        """The day on which a person's tier and status are shown."""
        last = self.window.until_date
        return last if self.today is None else min(max(self.today, self.window.from_date), last)


def due(
    month: str,
    people: Sequence[Person],
    visits: Iterable[Visit],
    today: date | None,
    policy: CountingPolicy,
    *,
    facts: Iterable[StandingFact] = (),
    periods: Sequence[SpecialPeriod] = (),
) -> list[Due]:
    """Return what each person is owed in a month such as "2024-02"; raises ValueError for what is no month.

    `today` None judges the month without a present: nothing is overdue. Visits of other months may be among
    `visits`; they are used only for the gap between home visits and for special periods that reach into the month.
    """
    given = month_given(month, today, policy, periods)
    theirs: defaultdict[PersonId, list[Visit]] = defaultdict(list)
    for visit in visits:
        theirs[visit.person_id].append(visit)
    by_area: dict[str, list[Stretch]] = {}
    found: list[Due] = []
    for standing in standings_of(people, facts):
        area = standing.person.area
        if area not in by_area:
            by_area[area] = stretches(given.periods, area)
        found.append(due_of(standing, theirs.get(standing.person.id, ()), given, by_area[area]))
    return found


def month_given(month: str, today: date | None, policy: CountingPolicy, periods: Sequence[SpecialPeriod] = ()) -> Month:
    """Return the month to judge; raises ValueError for what is no month."""
    window = month_of(month)
    return Month(window, today, policy, tuple(of_month(periods, window.from_date, window.until_date)))


def due_of(standing: Standing, visits: Iterable[Visit], month: Month, special: Sequence[Stretch] = ()) -> Due:
    """Return one person's month; `visits` are theirs alone, of this month and its neighbours."""
    made = distinct(visits, month.policy)
    decision = standing.tier_on(month.reference)
    demands = demands_on(standing, month.window, month.policy)
    windows = tuple(window_due(demand, made, month.today, month.policy) for demand in demands)
    specials = _specials(standing, made, month, special)
    missing = place_in_rate(standing, month.window, month.policy)
    ends = [one.window.until_date for one in windows if one.owed and one.state is WindowState.OPEN]
    return Due(
        person_id=standing.person.id,
        tier=decision.tier,
        tier_reason=decision.reason,
        windows=windows,
        owed=sum(one.owed for one in windows),
        next_due=min(ends, default=None),
        sentence=_sentence(windows),
        warning=_warning(standing, windows, made, month),
        policy_version=month.policy.stamp,
        status=standing.status_on(month.reference),
        specials=specials,
        contacts=_contacts(made, month),
        suggestion=_suggestion(windows),
        is_in_rate=missing is not None,
        missing=missing,
    )


def _specials(
    standing: Standing, visits: Sequence[Visit], month: Month, special: Sequence[Stretch]
) -> tuple[WindowDue, ...]:
    return tuple(
        special_due(stretch, standing.tier_on(stretch.from_date).tier, visits, month.today, month.policy)
        for stretch in special
        if standing.period_at(stretch.until_date) is not None
        and standing.excuse_of(stretch.from_date, stretch.until_date) is None
    )


def _contacts(visits: Sequence[Visit], month: Month) -> int:
    window = month.window
    return sum(
        window.holds(one.local_date) and counts_for(one, Obligation.MONTHLY_RATE, month.policy) for one in visits
    )


def _warning(
    standing: Standing, windows: Sequence[WindowDue], visits: Sequence[Visit], month: Month
) -> Bilingual | None:
    if not any(one.window.obligation is Obligation.KEY_HALFMONTH and one.is_required for one in windows):
        return None
    days = [one.local_date for one in visits if counts_for(one, Obligation.KEY_HALFMONTH, month.policy)]
    return gap_warning(standing, days, month.window, month.today, month.policy)


_DONE = Bilingual("本月已按规定完成", "nothing is owed this month")
_NOTHING = Bilingual("本月无应完成的探访", "this month demands nothing")
_CALL = Bilingual("不要求上门，建议电话问候", "no visit is demanded; a call is suggested")


def _suggestion(windows: Sequence[WindowDue]) -> Bilingual | None:
    return _CALL if any(one.is_excused and not one.done for one in windows) else None


def _sentence(windows: Sequence[WindowDue]) -> Bilingual:
    home = sum(one.owed for one in windows if one.window.obligation is Obligation.KEY_HALFMONTH)
    general = sum(one.owed for one in windows if one.window.obligation is Obligation.GEN_MONTH)
    parts: list[Bilingual] = []
    if home:
        parts.append(Bilingual(f"上门仍欠 {home} 次", f"{home} home visit{'s' * (home > 1)} still owed"))
    if general:
        parts.append(Bilingual(f"本月探访仍欠 {general} 次", f"{general} contact still owed this month"))
    if parts:
        return Bilingual("；".join(part.zh for part in parts), "; ".join(part.en for part in parts))
    return _DONE if any(window.is_required for window in windows) else _NOTHING
