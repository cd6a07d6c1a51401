"""One window of one person: is it owed, what was done in it, which visits satisfied it."""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum

import msgspec

from core.ids import VisitId
from core.text import Bilingual
from registry.people import Tier
from visits.distinct import counts_for
from visits.model import Obligation, Visit
from visits.policy import CountingPolicy
from visits.special import EXTRA_CONTACTS, Stretch
from visits.windows import Demand, Window


class WindowState(StrEnum):
    """How one window of one person stands."""

    SATISFIED = "satisfied"
    OPEN = "open"
    OVERDUE = "overdue"  # its last day has passed; nothing is carried over or made in advance
    NOT_REQUIRED = "not_required"


class WindowDue(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One window. Of a special period `owed` is what is still recommended, never part of the minimum."""

    window: Window
    is_required: bool
    why: Bilingual
    done: int  # real visits that count for this obligation, shown whether it is required or not
    satisfied_by: tuple[VisitId, ...]
    owed: int
    state: WindowState
    is_excused: bool = False


def window_due(demand: Demand, visits: Sequence[Visit], today: date | None, policy: CountingPolicy) -> WindowDue:
    """Return how a demanded window stands."""
    window = demand.window
    satisfied_by = _counting(window, visits, policy)
    return WindowDue(
        window=window,
        is_required=demand.is_required,
        why=demand.why,
        done=len(satisfied_by),
        satisfied_by=satisfied_by,
        owed=int(demand.is_required and not satisfied_by),
        state=_state(demand, bool(satisfied_by), today),
        is_excused=demand.is_excused,
    )


def special_due(
    stretch: Stretch, tier: Tier, visits: Sequence[Visit], today: date | None, policy: CountingPolicy
) -> WindowDue:
    """Return what a special stretch still recommends."""
    window = Window(Obligation.SPECIAL, stretch.from_date, stretch.until_date)
    made = _counting(window, visits, policy)
    left = max(EXTRA_CONTACTS[tier] - len(made), 0)
    is_past = today is not None and today > stretch.until_date
    unmet = WindowState.OVERDUE if is_past else WindowState.OPEN
    return WindowDue(
        window=window,
        is_required=False,
        why=stretch.words,
        done=len(made),
        satisfied_by=made,
        owed=left,
        state=unmet if left else WindowState.SATISFIED,
    )


def _counting(window: Window, visits: Sequence[Visit], policy: CountingPolicy) -> tuple[VisitId, ...]:
    return tuple(
        visit.id for visit in visits if window.holds(visit.local_date) and counts_for(visit, window.obligation, policy)
    )


def _state(demand: Demand, is_satisfied: bool, today: date | None) -> WindowState:  # noqa: FBT001 - private, one caller
    if not demand.is_required:
        return WindowState.NOT_REQUIRED
    if is_satisfied:
        return WindowState.SATISFIED
    is_past = today is not None and today > demand.window.until_date
    return WindowState.OVERDUE if is_past else WindowState.OPEN
