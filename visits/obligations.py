"""What each person is still owed in a month, and why; monitoring never pays for a visit at home."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from enum import StrEnum

import msgspec

from core.ids import PersonId, VisitId
from core.text import Bilingual
from registry.people import Person, Tier, tier_of
from visits.counting import is_same_visit, judged, standing_class
from visits.credit import RANKING
from visits.gaps import gap_warning
from visits.model import Obligation, Visit
from visits.policy import CountingPolicy
from visits.windows import Demand, Window, demands_on, month_of


class WindowState(StrEnum):
    """How one window of one person stands."""

    SATISFIED = "satisfied"
    OPEN = "open"
    OVERDUE = "overdue"  # its last day has passed; nothing is carried over or made in advance
    NOT_REQUIRED = "not_required"


class WindowDue(msgspec.Struct, frozen=True, kw_only=True):
    """One window: is it owed, what was done in it, and which visits satisfied it."""

    window: Window
    is_required: bool
    why: Bilingual
    done: int  # real visits that count for this obligation, shown whether it is required or not
    satisfied_by: tuple[VisitId, ...]
    owed: int
    state: WindowState


class Due(msgspec.Struct, frozen=True, kw_only=True):
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


def due(
    month: str, people: Sequence[Person], visits: Sequence[Visit], today: date | None, policy: CountingPolicy
) -> list[Due]:
    """Return what each person is owed in a month such as "2024-02"; raises ValueError for what is no month.

    `today` None judges the month without a present: nothing is overdue. Visits of other months may be among
    `visits`; they are used only for the gap between home visits.
    """
    window = month_of(month)
    theirs: defaultdict[PersonId, list[Visit]] = defaultdict(list)
    for visit in visits:
        theirs[visit.person_id].append(visit)
    return [_due(person, window, distinct(theirs[person.id], policy), today, policy) for person in people]


def distinct(visits: Iterable[Visit], policy: CountingPolicy) -> list[Visit]:
    """Return each real visit once: latest versions, one row per incident (the highest class), no double entries."""
    latest: dict[str, Visit] = {}
    for visit in sorted(visits, key=lambda visit: visit.version):
        latest[visit.id] = visit
    kept: list[Visit] = []
    incidents: set[str] = set()
    for visit in sorted(latest.values(), key=_highest_first):
        if visit.alert_id is not None and visit.alert_id in incidents:
            continue
        if any(is_same_visit(visit, other, policy) for other in kept):
            continue
        kept.append(visit)
        if visit.alert_id is not None:
            incidents.add(visit.alert_id)
    return sorted(kept, key=lambda visit: (visit.started_at_ms, visit.id))


def counts_for(visit: Visit, obligation: Obligation, policy: CountingPolicy) -> bool:
    """Return whether a visit counts for an obligation; what another policy version has judged is not judged again."""
    if visit.policy_version not in {"", policy.stamp}:
        return any(credit.counts for credit in visit.credits if credit.obligation is obligation)
    return judged(visit, obligation, policy).counts


def _due(person: Person, month: Window, visits: Sequence[Visit], today: date | None, policy: CountingPolicy) -> Due:
    reference = month.until_date if today is None else min(max(today, month.from_date), month.until_date)
    decision = tier_of(person, reference)
    windows = tuple(_window_due(demand, visits, today, policy) for demand in demands_on(person, month, policy))
    owed = sum(window.owed for window in windows)
    ends = [window.window.until_date for window in windows if window.owed and window.state is WindowState.OPEN]
    home_visits = [visit.local_date for visit in visits if counts_for(visit, Obligation.KEY_HALFMONTH, policy)]
    is_owed_home_visits = any(window.window.obligation is Obligation.KEY_HALFMONTH for window in windows)
    return Due(
        person_id=person.id,
        tier=decision.tier,
        tier_reason=decision.reason,
        windows=windows,
        owed=owed,
        next_due=min(ends, default=None),
        sentence=_sentence(windows),
        warning=gap_warning(person, home_visits, month, today, policy) if is_owed_home_visits else None,
        policy_version=policy.stamp,
    )


def _window_due(demand: Demand, visits: Sequence[Visit], today: date | None, policy: CountingPolicy) -> WindowDue:
    window = demand.window
    satisfied_by = tuple(
        visit.id for visit in visits if window.holds(visit.local_date) and counts_for(visit, window.obligation, policy)
    )
    return WindowDue(
        window=window,
        is_required=demand.is_required,
        why=demand.why,
        done=len(satisfied_by),
        satisfied_by=satisfied_by,
        owed=int(demand.is_required and not satisfied_by),
        state=_state(demand, bool(satisfied_by), today),
    )


def _state(demand: Demand, is_satisfied: bool, today: date | None) -> WindowState:  # noqa: FBT001 - private, one caller
    if not demand.is_required:
        return WindowState.NOT_REQUIRED
    if is_satisfied:
        return WindowState.SATISFIED
    is_past = today is not None and today > demand.window.until_date
    return WindowState.OVERDUE if is_past else WindowState.OPEN


def _sentence(windows: Sequence[WindowDue]) -> Bilingual:
    home = sum(window.owed for window in windows if window.window.obligation is Obligation.KEY_HALFMONTH)
    general = sum(window.owed for window in windows if window.window.obligation is Obligation.GEN_MONTH)
    parts: list[Bilingual] = []
    if home:
        parts.append(Bilingual(f"上门仍欠 {home} 次", f"{home} home visit{'s' * (home > 1)} still owed"))
    if general:
        parts.append(Bilingual(f"本月探访仍欠 {general} 次", f"{general} contact still owed this month"))
    if parts:
        return Bilingual("；".join(part.zh for part in parts), "; ".join(part.en for part in parts))
    if any(window.is_required for window in windows):
        return Bilingual("本月已按规定完成", "nothing is owed this month")
    return Bilingual("本月无应完成的探访", "this month demands nothing")


def _highest_first(visit: Visit) -> tuple[bool, int, bool, int, str]:
    standing = RANKING.index(standing_class(visit))
    return visit.is_drill, standing, visit.reviewed_at_ms is None, visit.started_at_ms, visit.id
