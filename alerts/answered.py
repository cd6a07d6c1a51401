"""Whoever was found well is not asked after again for the same silence, but after as long a one as rang first."""

from collections.abc import Iterable

import msgspec

from alerts.model import Alert, AlertState, Outcome
from core.ids import AlertId
from core.localtime import HOUR_MS
from rules.findings import Finding, FindingKind

CARED_FOR = frozenset({
    Outcome.WELL_CONFIRMED_BY_RESIDENT,
    Outcome.WELL_SPOKEN_TO,
    Outcome.SEEN_WELL,
    Outcome.HELPED_AT_HOME,
    Outcome.TAKEN_TO_HOSPITAL,
    Outcome.FOUND_DEAD,
    Outcome.AWAY_CONFIRMED,
})  # fmt: skip
"""Who closes as false has not said that anybody saw the person."""

LEAST_MS, MOST_MS = HOUR_MS, 12 * HOUR_MS
"""No home rings for less than half an hour of silence, and every home with sensors rings after twelve hours."""


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """A human fact about the silence that an alert told of, and until when it stands for a sign of life."""

    alert_id: AlertId
    at_ms: int
    until_ms: int


def is_second_of(finding: Finding, answered: Answered) -> bool:
    """Return whether a finding says that a silence goes on of which a human knows."""
    return is_second(finding) and finding.since_ms <= answered.at_ms < finding.at_ms


def is_second(finding: Finding) -> bool:
    """Return whether a finding says that a silence goes on after its first call."""
    return finding.kind is FindingKind.INACTIVITY and finding.stage > 1


def answered_by(alert: Alert, findings: Iterable[Finding], now_ms: int) -> Answered | None:
    """Return what a closed alert's outcome says about the silence it told of, while it stands for a sign of life."""
    if alert.state is not AlertState.CLOSED or alert.outcome not in CARED_FOR or alert.closed_at_ms is None:
        return None
    told = [one for one in findings if one.kind is FindingKind.INACTIVITY and one.stage == 1 and not one.is_cleared]
    if not told:
        return None
    lasted_ms = max(one.at_ms - one.since_ms for one in told)
    until_ms = alert.closed_at_ms + min(max(lasted_ms, LEAST_MS), MOST_MS)
    answered = Answered(alert_id=alert.id, at_ms=alert.closed_at_ms, until_ms=until_ms)
    return answered if now_ms < until_ms else None
