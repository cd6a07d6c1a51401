"""How the engine's belief that nobody is home compares with what the recording shows afterwards."""

from collections.abc import Sequence

from app.evaluation.presence import Presence
from app.evaluation.recordings import Span
from app.evaluation.running import Trace
from app.evaluation.statistics import Figures
from core.localtime import HOUR_MS


def absences(presence: Presence, trace: Trace, from_ms: int) -> Figures:
    """Return hours out by the recording and by the engine from a moment on, and where the two differ."""
    until_ms = trace.ended_ms
    out, unknown = _cut(presence.out, from_ms, until_ms), _cut(presence.unknown, from_ms, until_ms)
    believed = _cut(trace.absences, from_ms, until_ms)
    believed_h, out_h = _hours(believed), _hours(out)
    both_h, unsure_h = _shared_h(believed, out), _shared_h(believed, unknown)
    return {
        "out": len(out),
        "out_h": round(out_h, 1),
        "unknown_h": round(_hours(unknown), 1),
        "believed": len(believed),
        "believed_h": round(believed_h, 1),
        "believed_while_home_h": round(max(believed_h - both_h - unsure_h, 0.0), 1),
        "taken_for_home_h": round(max(out_h - both_h, 0.0), 1),
    }


def _cut(spans: Sequence[Span], from_ms: int, until_ms: int) -> list[tuple[int, int]]:
    """Return the parts of spans within two moments as (from, until), in order and none twice."""
    found: list[tuple[int, int]] = []
    for begun_ms, ended_ms in sorted((span.from_ms, span.until_ms) for span in spans):
        at_ms = max(begun_ms, from_ms, found[-1][1] if found else from_ms)
        if at_ms < min(ended_ms, until_ms):
            found.append((at_ms, min(ended_ms, until_ms)))
    return found


def _hours(spans: Sequence[tuple[int, int]]) -> float:
    return sum(until_ms - from_ms for from_ms, until_ms in spans) / HOUR_MS


def _shared_h(some: Sequence[tuple[int, int]], others: Sequence[tuple[int, int]]) -> float:
    shared_ms, index = 0, 0
    for from_ms, until_ms in some:
        while index < len(others) and others[index][1] <= from_ms:
            index += 1
        for begun_ms, ended_ms in others[index:]:
            if begun_ms >= until_ms:
                break
            shared_ms += min(until_ms, ended_ms) - max(from_ms, begun_ms)
    return shared_ms / HOUR_MS
