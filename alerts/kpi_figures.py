"""A figure of the service with its target, and the figures of homes that were not seen; computes, gathers nothing."""

from collections.abc import Iterable

import msgspec

from core.ids import HomeId
from core.localtime import DAY_MS, MINUTE_MS
from core.text import Bilingual
from registry.rota import Span
from rules.findings import Finding

MONTH_MS = 30 * DAY_MS
"""A home-month: one home for thirty days, so that short months compare with long ones."""

BLIND_AT_MOST = 0.005

_OF_COVERAGE = Bilingual(
    "依据：{homes}户共{days}户日的照看时间（看不到的时间自最后一次消息算起，含今天至今），无心跳或不在照看中的时间不计",
    "basis: {days} days of {homes} homes, today so far among them, dark from the last word on; homes without a "
    "heartbeat and times that were not watched are left out",
)
_OF_FINDINGS = Bilingual(
    "依据：只有已判为“看不到”（数小时后才判）的时间；这段时间没有照看记录，较短的看不到未计入",
    "basis: only homes that were found blind, hours after their last word; no coverage is kept of this stretch, and "
    "what was dark for less is not in it",
)


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One figure: its value (None: nothing to measure it on), on how many cases, and what it should be."""

    name: str
    value: float | None
    unit: str
    cases: int
    target: float | None = None
    is_at_most: bool = True  # False: the target is the least it should be
    basis: Bilingual | None = None  # what it rests on, where that is less than its name promises

    @property
    def is_met(self) -> bool | None:
        """Return whether the target is met; None when there is none or nothing was measured."""
        if self.value is None or self.target is None:
            return None
        return self.value <= self.target if self.is_at_most else self.value >= self.target


class SeenTime(msgspec.Struct, frozen=True, kw_only=True):
    """How long homes were seen and not seen within a stretch, by what the rules keep of each of its days."""

    homes: int = 0
    days: int = 0  # of all homes together
    seen_min: int = 0
    blind_min: int = 0


def blind_figures(
    kept: SeenTime | None, blind: Iterable[Finding], *, homes: int, within: Span
) -> tuple[Figure, Figure]:
    """Return blindness by the coverage that is kept of a stretch, or where none is (None) by what was found blind."""
    if kept is not None:
        watched_min = kept.seen_min + kept.blind_min
        share = ratio(kept.blind_min, watched_min)
        counted = {"homes": kept.homes, "days": kept.days}
        basis = Bilingual(_OF_COVERAGE.zh.format(**counted), _OF_COVERAGE.en.format(**counted))
        return _pair(share, kept.homes if watched_min else 0, basis, target=BLIND_AT_MOST)
    dark_ms = _blind_ms(blind, within)
    share = ratio(sum(dark_ms.values()), homes * (within.until_ms - within.from_ms)) if dark_ms else None
    # What is known is the least it was: it can miss the target, it cannot show that it is met.
    is_missed = share is not None and share > BLIND_AT_MOST
    return _pair(share, homes if dark_ms else 0, _OF_FINDINGS, target=BLIND_AT_MOST if is_missed else None)


def ratio(part: float, whole: float) -> float | None:
    """Return a part of a whole; None of nothing."""
    return part / whole if whole else None


def _pair(share: float | None, homes: int, basis: Bilingual, *, target: float | None) -> tuple[Figure, Figure]:
    minutes = None if share is None else share * MONTH_MS / MINUTE_MS
    return (
        Figure(name="blind_per_home_month", value=minutes, unit="min", cases=homes, basis=basis),
        Figure(name="blind_share", value=share, unit="ratio", cases=homes, target=target, basis=basis),
    )


def _blind_ms(findings: Iterable[Finding], within: Span) -> dict[HomeId, int]:
    """Return how long each home was not seen within a stretch; a blindness without an end lasts to its end."""
    ends: dict[str, int] = {}
    begun: dict[str, Finding] = {}
    for one in findings:
        if one.is_cleared:
            ends[one.id] = one.at_ms
        else:
            begun[one.id] = one
    spans: dict[HomeId, list[tuple[int, int]]] = {}
    for one in begun.values():
        from_ms = max(one.since_ms, within.from_ms)
        until_ms = min(ends.get(one.id, within.until_ms), within.until_ms)
        if from_ms < until_ms:
            spans.setdefault(one.home_id, []).append((from_ms, until_ms))
    return {home_id: _covered(pairs) for home_id, pairs in spans.items()}


def _covered(pairs: list[tuple[int, int]]) -> int:
    total, seen_until = 0, 0
    for from_ms, until_ms in sorted(pairs):
        total += max(0, until_ms - max(from_ms, seen_until))
        seen_until = max(seen_until, until_ms)
    return total
