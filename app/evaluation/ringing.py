"""When a home rang because of silence, and over how many days it could be seen; counts, judges nothing."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

import msgspec

from app.evaluation.calls import lead_ms
from app.evaluation.recordings import Recording, Span
from app.evaluation.running import Trace
from core.localtime import DAY_MS, from_ms
from rules.findings import Finding, FindingKind

SILENCE_KINDS = frozenset({FindingKind.INACTIVITY, FindingKind.LOW_WATER})
"""Findings that ring the resident first because nothing is heard of them."""

DAY_STARTS_HOUR, NIGHT_STARTS_HOUR = 7, 22
"""Day and night of the protocol, whatever a home's own limits say: rates stay comparable."""


class Ring(msgspec.Struct, frozen=True, kw_only=True):
    """One silence that rang. Another rule that rings for the same silence while it holds does not ring again."""

    at_ms: int
    since_ms: int
    until_ms: int  # when it was taken back, or the record ended
    second_ms: int | None  # when others were told, still without a sign
    kind: FindingKind
    lead_ms: int = 0  # after which the ladder rings others for it


def rings_of(trace: Trace) -> list[Ring]:
    """Return every ring of a run in order of time; a rule without stages of its own has the ladder's."""
    found: list[Ring] = []
    holding: dict[tuple[str, int], int] = {}  # (kind, since) -> place of its ring
    for finding in trace.findings:
        if finding.kind not in SILENCE_KINDS:
            continue
        key = (str(finding.kind), finding.since_ms)
        if finding.is_cleared:
            index = holding.pop(key, None)
            if index is not None and index not in holding.values():
                found[index] = msgspec.structs.replace(found[index], until_ms=finding.at_ms)
        elif finding.stage > 1:
            index = holding.get(key)
            if index is not None and found[index].second_ms is None:
                found[index] = msgspec.structs.replace(found[index], second_ms=finding.at_ms)
        elif holding:
            holding[key] = len(found) - 1
        else:
            found.append(_begun(finding, trace.ended_ms))
            holding[key] = len(found) - 1
    return [_staged(ring) for ring in found]


def rung(rings: Sequence[Ring], from_ms_: int, until_ms: int | None = None) -> list[Ring]:
    """Return the rings whose first stage began from a moment on, and before another."""
    return [ring for ring in rings if from_ms_ <= ring.at_ms and (until_ms is None or ring.at_ms < until_ms)]


def rung_on(rings: Sequence[Ring], from_ms_: int) -> list[Ring]:
    """Return the rings whose second stage was reached from a moment on."""
    return [ring for ring in rings if ring.second_ms is not None and ring.second_ms >= from_ms_]


def is_night(at_ms: int, tz: ZoneInfo) -> bool:
    """Return whether a moment lies in the night of the protocol."""
    return not DAY_STARTS_HOUR <= from_ms(at_ms, tz).hour < NIGHT_STARTS_HOUR


def observed_days(recording: Recording, trace: Trace, from_ms_: int) -> float:
    """Return the days after a moment in which the home was seen and watched over; dead stretches and outages apart."""
    silent = [span for span in recording.spans if span.label == "silent"]
    lost_ms, at_ms = 0, from_ms_
    for span in sorted([*trace.blind, *trace.unwatched, *recording.outages, *silent], key=_began):
        until_ms = min(span.until_ms, trace.ended_ms)
        lost_ms += max(until_ms - max(span.from_ms, at_ms), 0)
        at_ms = max(at_ms, until_ms)
    return max(trace.ended_ms - from_ms_ - lost_ms, 0) / DAY_MS


def _begun(finding: Finding, ended_ms: int) -> Ring:
    return Ring(
        at_ms=finding.at_ms,
        since_ms=finding.since_ms,
        until_ms=ended_ms,
        second_ms=None,
        kind=finding.kind,
        lead_ms=lead_ms(finding.priority, finding.kind),
    )


def _staged(ring: Ring) -> Ring:
    second_ms = ring.at_ms + ring.lead_ms
    if ring.kind is FindingKind.INACTIVITY or ring.second_ms is not None or ring.until_ms < second_ms:
        return ring
    return msgspec.structs.replace(ring, second_ms=second_ms)


def _began(span: Span) -> int:
    return span.from_ms
