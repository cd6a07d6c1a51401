"""What trying out devices holds back: told when the test ends if it still holds; a real alarm is never lost by it."""

from zoneinfo import ZoneInfo

import msgspec

from rules.deadlines import Deadline, open_key
from rules.findings import Evidence, FindingKind
from rules.home_mode import PERSON_KINDS
from rules.sentences import clock, fact
from rules.state import HomeState
from rules.suspension_state import KeptFinding

TOLD_UNDER_TEST = frozenset({FindingKind.EMERGENCY})
"""A pressed button is tried out as it is used: the phones ring. Nothing else does."""

_OF_THE_PERSON = PERSON_KINDS - {FindingKind.COLD_HOME, FindingKind.HOT_HOME}
"""Whoever tries out devices is taken for the person: these are counted anew afterwards. Cold and heat just go on."""


def is_kept(what: FindingKind) -> bool:
    """Return whether a finding that a test holds back is told at its end, for it does not rest on who moved there."""
    return what not in _OF_THE_PERSON and what not in TOLD_UNDER_TEST


def keep(deadline: Deadline, state: HomeState) -> None:
    """Keep what would have been told now; the first of a kind and detail counts."""
    if isinstance(deadline.what, FindingKind) and is_kept(deadline.what):
        kept = KeptFinding(deadline.since_ms, deadline.what, deadline.detail, deadline.watch, deadline.sentence)
        state.suspension.kept.setdefault(open_key(deadline.what, deadline.detail), kept)


def drop(state: HomeState, kind: FindingKind, detail: str) -> None:
    """Forget what no longer holds."""
    if state.suspension.kept:
        state.suspension.kept.pop(open_key(kind, detail), None)


def released(state: HomeState, at_ms: int) -> tuple[Deadline, ...]:
    """Return what was kept and still holds as the test ends at `at_ms`, and keep it no longer."""
    kept, state.suspension.kept = state.suspension.kept, {}
    return tuple(
        Deadline(at_ms, FindingKind(one.kind), one.since_ms, one.detail, one.watch, sentence=one.sentence)
        for one in kept.values()
    )


def not_before_end(deadline: Deadline, state: HomeState) -> Deadline:
    """Return a deadline as it holds after a test: what ran out meanwhile is told when the test ended."""
    until_ms = state.suspension.tested_until_ms
    if until_ms is None or deadline.due_ms >= until_ms or not _is_hazard(deadline):
        return deadline
    return msgspec.structs.replace(deadline, due_ms=until_ms)


def explained(deadline: Deadline, state: HomeState, tz: ZoneInfo) -> Deadline:
    """Say in the evidence of what is told at the end of a test that the test has held it back."""
    held, until_ms = state.suspension, state.suspension.tested_until_ms
    if until_ms is None or deadline.due_ms != until_ms or not _is_hazard(deadline):
        return deadline
    told = _facts(deadline, held.tested_from_ms or until_ms, until_ms, tz)
    return msgspec.structs.replace(deadline, facts=(*deadline.facts, told))


def _is_hazard(deadline: Deadline) -> bool:
    return isinstance(deadline.what, FindingKind) and is_kept(deadline.what)


def _facts(deadline: Deadline, from_ms: int, until_ms: int, tz: ZoneInfo) -> Evidence:
    begun, ended = clock(from_ms, tz), clock(until_ms, tz)
    if deadline.since_ms >= from_ms:
        return fact(
            until_ms,
            f"在设备测试期间（{begun}至{ended}）开始，测试结束时仍然成立",
            f"began while devices were being tried out ({begun} to {ended}), and still held when the test ended",
        )
    return fact(
        until_ms,
        f"设备测试期间（{begun}至{ended}）未报出，测试结束时仍然成立",
        f"held back while devices were being tried out ({begun} to {ended}), and still held when the test ended",
    )
