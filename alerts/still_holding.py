"""What of an alert has not ended, so that nobody closes it unaware; it closes and keeps open nothing."""

from collections.abc import Iterable

from alerts.answered import is_second
from core.events import Metric
from core.text import Bilingual
from rules.findings import Finding, FindingKind, finding_id

_WITHOUT_END = frozenset({FindingKind.FALL, FindingKind.ROUTINE_CHANGED})
"""A device that claims a fall never takes it back, and a changed routine is a notice: neither goes on."""


def still_holding(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings of an alert that nothing has taken back, as given; what has no end does not hold."""
    given = tuple(findings)
    ends = [one for one in given if one.is_cleared]
    taken_back = {one.takes_back or one.id for one in ends}
    # kept by a release that did not say whose end it is
    begun = {(one.kind, one.since_ms) for one in ends if one.takes_back is None}
    held = [
        one
        for one in given
        if not (one.is_cleared or one.id in taken_back or (one.kind, one.since_ms) in begun or _has_no_end(one))
    ]
    goes_on = {one.since_ms for one in held if is_second(one)}  # its second stage says so already
    return tuple(
        one for one in held if one.kind is not FindingKind.INACTIVITY or is_second(one) or one.since_ms not in goes_on
    )


def holding_words(findings: Iterable[Finding]) -> Bilingual | None:
    """Return in one sentence what of an alert still holds; None: nothing."""
    held = [one.sentence for one in still_holding(findings)]
    if not held:
        return None
    zh, en = "；".join(one.zh for one in held), "; ".join(one.en for one in held)
    return Bilingual(f"仍成立：{zh}", f"still holds: {en}")


def _has_no_end(finding: Finding) -> bool:
    """Return whether it is over as soon as it is told: a press of a button, too, says only that it was pressed."""
    pressed = (
        finding_id(finding.home_id, finding.kind, finding.since_ms, f"{Metric.SOS} {one.device_id}")
        for one in finding.evidence
        if one.device_id is not None
    )
    return finding.kind in _WITHOUT_END or finding.id in pressed
