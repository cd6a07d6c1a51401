"""Suspended, under test: what is held back while nobody is watched over; afterwards every clock begins anew."""

from collections.abc import Iterable, Iterator
from zoneinfo import ZoneInfo

import msgspec

from registry.homes import LONGEST_TEST_MS, Home
from rules import deafness, under_test
from rules.deadlines import AGAIN, SECOND_STAGE, Deadline, Inner
from rules.findings import FindingKind
from rules.home_mode import PERSON_KINDS
from rules.state import HomeState
from rules.used_up import NOTHING_USED
from rules.watch import Clear, Effect, View, Watch

_FROM_THE_LAST_WORD = (SECOND_STAGE, AGAIN)
"""Details of what waits from an earlier word to a human, not from when it began."""


class SuspensionWatch(Watch):
    """Moves from one declared stretch to the next; a declaration that comes late holds from when it is heard of."""

    name = "suspension"

    def deadlines(self, view: View) -> Iterator[Deadline]:
        """Wait for the next beginning or end."""
        state, home = view.state.suspension, view.home
        if not home.suspensions and home.test_until_ms is None and not (state.is_suspended or state.is_tested):
            return
        done_ms = view.state.started_ms if state.done_ms is None else state.done_ms
        edges = [edge_ms for edge_ms in _edges_ms(home) if edge_ms > done_ms]
        if not _is_decided(view.state, home):
            edges.append(done_ms)
        if edges:
            due_ms = max(min(edges), state.declared_ms)
            yield Deadline(due_ms, Inner.NOTED, due_ms, watch=self.name)

    def on_due(self, deadline: Deadline, view: View) -> tuple[Effect, ...]:
        """Begin or end: the habits are not learned meanwhile, what was said of the person no longer holds."""
        state, at_ms = view.state.suspension, deadline.due_ms
        was_tested, was_suspended = state.is_tested, state.is_suspended
        was_on = was_suspended or was_tested
        state.done_ms = at_ms
        state.is_suspended, state.is_tested = _held_at(view.home, at_ms)
        is_on = state.is_suspended or state.is_tested
        if state.is_tested and not was_tested:
            state.tested_from_ms = at_ms
        if is_on and not was_on:
            view.silence.pause(at_ms)
        if was_on and not is_on:
            _begin_anew(view.state, at_ms, was_suspended=was_suspended)
        released: tuple[Effect, ...] = ()
        if was_tested and not state.is_tested:
            state.tested_until_ms = at_ms
            released = under_test.released(view.state, at_ms)
        if not state.is_suspended or was_suspended:
            return released
        ended = (
            Clear(held.finding.kind, key.partition(" ")[2], clears_alert=False)
            for key, held in view.state.open.items()
            if held.finding.kind in PERSON_KINDS and not held.is_weakly_cleared
        )
        return (*ended, *released)


def on_registered(state: HomeState, home: Home, before: Home | None, log_ms: int) -> None:
    """Note when what is declared has changed: a change that comes late holds from then on."""
    is_changed = before is not None and _declared(before) != _declared(home)
    if is_changed or (before is None and not _is_decided(state, home)):
        state.suspension.declared_ms = log_ms


def held_back(deadlines: Iterable[Deadline], state: HomeState) -> Iterable[Deadline]:
    """Return what may come true: deaf, nothing unheard; suspended, and before its end, nothing of the person."""
    held = state.suspension
    if state.deaf.from_ms is not None:
        deadlines = deafness.judged(deadlines)
    if held.is_suspended or held.is_tested:
        return (under_test.not_before_end(one, state) for one in deadlines if not is_held_back(one.what, state))
    return deadlines if state.watched_from_ms is None else _counted_anew(deadlines, state, state.watched_from_ms)


def is_held_back(what: FindingKind | Inner, state: HomeState, since_ms: int | None = None) -> bool:
    """Return whether something is not told now; `since_ms` of what rests on a stretch that was not watched."""
    if isinstance(what, Inner):
        return False
    if state.suspension.is_tested and not state.suspension.is_suspended:
        return what not in under_test.TOLD_UNDER_TEST
    if what not in PERSON_KINDS:
        return False
    return state.suspension.is_suspended or (since_ms is not None and since_ms < (state.watched_from_ms or 0))


def counted(deadline: Deadline, state: HomeState, tz: ZoneInfo) -> Deadline:
    """Return what is told as it has held since the home was watched over again; a test that held it back is named."""
    from_ms = state.watched_from_ms
    if from_ms is None or not isinstance(deadline.what, FindingKind):
        return deadline
    if deadline.since_ms < from_ms and _is_counted_anew(deadline.what, state):
        return msgspec.structs.replace(deadline, since_ms=from_ms)
    return under_test.explained(deadline, state, tz)


def _counted_anew(deadlines: Iterable[Deadline], state: HomeState, from_ms: int) -> Iterator[Deadline]:
    for one in deadlines:
        if isinstance(one.what, FindingKind) and one.since_ms < from_ms and _is_counted_anew(one.what, state):
            is_from_word = one.detail.startswith(_FROM_THE_LAST_WORD)
            due_ms = max(one.due_ms, from_ms) if is_from_word else one.due_ms + from_ms - one.since_ms
            yield msgspec.structs.replace(one, due_ms=due_ms)
        else:
            yield under_test.not_before_end(one, state)


def _is_counted_anew(what: FindingKind, state: HomeState) -> bool:
    """Return whether what began before the home was watched over again is counted from then on."""
    was_tested = state.suspension.tested_until_ms == state.watched_from_ms
    return what in PERSON_KINDS and not (was_tested and under_test.is_kept(what))


def _begin_anew(state: HomeState, at_ms: int, *, was_suspended: bool) -> None:
    state.watched_from_ms = at_ms
    state.used = NOTHING_USED
    if state.clock_from_ms is not None:
        state.clock_from_ms = at_ms
    if was_suspended and state.is_away:
        state.away_since_ms = at_ms  # whoever is expected back today is not yet late


def _declared(home: Home) -> tuple[object, ...]:
    return home.suspensions, home.test_until_ms


def _is_decided(state: HomeState, home: Home) -> bool:
    """Return whether the home is held as it was declared at the last change."""
    held = state.suspension
    done_ms = state.started_ms if held.done_ms is None else held.done_ms
    return (held.is_suspended, held.is_tested) == _held_at(home, max(done_ms, held.declared_ms))


def _held_at(home: Home, at_ms: int) -> tuple[bool, bool]:
    return home.suspension_at(at_ms) is not None, home.is_tested_at(at_ms)


def _edges_ms(home: Home) -> Iterator[int]:
    for one in home.suspensions:
        yield one.from_ms
        if one.until_ms is not None:
            yield one.until_ms
    if home.test_until_ms is not None:
        yield home.test_until_ms - LONGEST_TEST_MS
        yield home.test_until_ms
