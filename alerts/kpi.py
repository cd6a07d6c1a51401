"""The figures a telecare service is measured by, from its own records; what it leaves out it counts."""

import math
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from alerts.attempts import BESIDE
from alerts.kpi_figures import MONTH_MS, Figure, SeenTime, blind_figures, ratio
from alerts.model import Alert, AlertState, Attempt, Outcome, PlaceCall, TraceLine
from alerts.routing import BOARD
from alerts.service_findings import is_of_service
from alerts.suppression import SuppressionKind
from core.ids import HomeId
from core.text import Bilingual
from registry.rota import Span
from rules.findings import Finding, FindingKind, Priority

FOUND_TRUE = frozenset(
    {
        Outcome.HELPED_AT_HOME,
        Outcome.TAKEN_TO_HOSPITAL,
        Outcome.FOUND_DEAD,
        Outcome.HAZARD_REMOVED,
        Outcome.TECHNICAL_FIXED,
    }
)
"""Outcomes that say that there was something; every other closed alert, "well" too, is a false one."""

ON_SITE = frozenset(
    {Outcome.SEEN_WELL, Outcome.HELPED_AT_HOME, Outcome.TAKEN_TO_HOSPITAL, Outcome.FOUND_DEAD, Outcome.HAZARD_REMOVED}
)
"""Outcomes that somebody can only report who was there."""


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One alert with all that is on record of it."""

    alert: Alert
    attempts: Sequence[Attempt] = ()
    trace: Sequence[TraceLine] = ()
    findings: Sequence[Finding] = ()

    def calls(self) -> list[Attempt]:
        """Return the calls, without messages."""
        return [one for one in self.attempts if isinstance(one.effect, PlaceCall)]

    def arrived_ms(self) -> int:
        """Return when the journal had what the alert was opened for: an old message may tell of long ago."""
        times = [one.arrived_ms for one in self.findings if one.arrived_ms and not one.is_cleared]
        return min([self.alert.opened_at_ms, *times])

    def placed_at_ms(self) -> int | None:
        """Return when a provider had the first call; the board is none."""
        called = (one for one in self.calls() if one.channel != BOARD)
        return min((one.submitted_at_ms for one in called if one.submitted_at_ms is not None), default=None)

    def is_on_the_board_only(self) -> bool:
        """Say whether there was nothing but the duty board to show its calls: no provider was asked."""
        channels = {one.channel for one in self.calls() if one.tries}
        return channels == {BOARD}

    def was_taken_by_contact(self) -> bool:
        """Say whether somebody who was rung said "I am going"."""
        return any(line.what == "acknowledged" and line.who.startswith("contact:") for line in self.trace)

    def is_held_back(self) -> bool:
        """Return whether the first call was put off on purpose: a silence, a village's incident, a quiet hour."""
        until_ms = self.placed_at_ms()
        lines = [line for line in self.trace if until_ms is None or line.at_ms <= until_ms]
        why = (line.suppression.kind for line in lines if line.suppression is not None)
        return any(kind is not SuppressionKind.THROTTLE for kind in why)

    def told_others_at_ms(self) -> int | None:
        """Return when stage 2 began: others than the resident were to be told."""
        return min((one.created_at_ms for one in self.attempts if one.contact_id is not None), default=None)

    def human_at_ms(self, from_ms: int) -> int | None:
        """Return when a human first took or closed it, from a moment on."""
        taken = (line for line in self.trace if line.what in {"acknowledged", "closed"} and line.who != "system")
        return min((line.at_ms for line in taken if line.at_ms >= from_ms), default=None)


class _Call(msgspec.Struct, frozen=True):
    """One call to one person with all that was tried for it; `accepted_s` None: no provider ever had it."""

    accepted_s: float | None
    is_again: bool  # the first request did not do
    made_ms: int

    def is_judged(self, limit_s: int, now_ms: int) -> bool:
        """Return whether a provider has it, or the time for that has passed."""
        return self.accepted_s is not None or now_ms - self.made_ms > limit_s * 1_000


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """All figures of a stretch, precision for each kind of finding, and what was left out and why."""

    figures: tuple[Figure, ...]
    precision: tuple[Figure, ...]
    excluded: Mapping[str, int]


def report(
    cases: Iterable[Case],
    blind: Iterable[Finding],
    *,
    homes: int,
    within: Span,
    drills: frozenset[HomeId] = frozenset(),
    kept: SeenTime | None = None,
    now_ms: int | None = None,
) -> Report:
    """Return the figures of the alerts opened within a stretch; `kept`: how long homes were seen, as the rules know.

    `blind`, findings of homes not seen and their ends, is asked where nothing is kept of the stretch. `now_ms`, the end
    of the stretch where it is not said, tells which answers may still come in time.

    Drills, the service's own alerts and technical tickets are no calls for help: they are counted as excluded.
    """
    excluded: dict[str, int] = {"drill": 0, "service": 0, "ticket": 0}
    judged: list[Case] = []
    for case in cases:
        why = _excluded(case.alert, drills)
        if why:
            excluded[why] += 1
        else:
            judged.append(case)
    home_months = homes * (within.until_ms - within.from_ms) / MONTH_MS
    at_ms = within.until_ms if now_ms is None else now_ms
    figures = (
        *_answering(judged, excluded, at_ms),
        *_calling(judged, excluded, at_ms),
        *_ending(judged, home_months),
    )
    seen = blind_figures(kept, blind, homes=homes, within=within)
    return Report(figures=(*figures, *seen), precision=_precisions(judged), excluded=excluded)


def percentile(values: Sequence[float], share: float) -> float | None:
    """Return the nearest-rank percentile: a value that was measured; None of nothing."""
    if not values:
        return None
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def _excluded(alert: Alert, drills: frozenset[HomeId]) -> str:
    if alert.home_id in drills:
        return "drill"
    if is_of_service(alert.home_id):
        return "service"
    return "ticket" if alert.priority is Priority.P3 else ""


def _answering(cases: Sequence[Case], excluded: dict[str, int], now_ms: int) -> tuple[Figure, ...]:
    placed = [case for case in cases if case.placed_at_ms() is not None]
    only_shown = sum(case.is_on_the_board_only() for case in cases)
    excluded["on the board only (calls)"] = only_shown
    excluded["no call placed (first call)"] = len(cases) - len(placed) - only_shown
    at_once = [case for case in placed if not case.is_held_back()]
    excluded["told later on purpose (first call)"] = len(placed) - len(at_once)
    first_calls = [wait for case in at_once if (wait := _seconds(case.arrived_ms(), case.placed_at_ms())) is not None]
    told = [(case, at_ms) for case in cases if (at_ms := case.told_others_at_ms()) is not None]
    excluded["stage 1 only (acknowledgement)"] = len(cases) - len(told)
    taken = [(at_ms, case.human_at_ms(at_ms)) for case, at_ms in told]
    in_60s, in_180s = (_waits_due(taken, limit_s, now_ms) for limit_s in (60, 180))
    excluded["not due yet (acknowledged_60s)"] = len(taken) - len(in_60s)
    excluded["not due yet (acknowledged_180s)"] = len(taken) - len(in_180s)
    attended = [case for case, _ in told if case.alert.priority <= Priority.P1 and case.alert.outcome in ON_SITE]
    arrivals = [_seconds(case.alert.opened_at_ms, case.alert.closed_at_ms) for case in attended]
    basis = _basis_of_attendance(attended)
    count = len(first_calls)
    return (
        Figure(name="first_call_p50", value=percentile(first_calls, 0.5), unit="s", cases=count),
        Figure(name="first_call_p99", value=percentile(first_calls, 0.99), unit="s", cases=count, target=5),
        _share("acknowledged_60s", in_60s, 60, 0.975),
        _share("acknowledged_180s", in_180s, 180, 0.99),
        _share("attended_45min", arrivals, 45 * 60, 0.9, basis),
        _share("attended_60min", arrivals, 60 * 60, 1, basis),
    )


def _waits_due(taken: Sequence[tuple[int, int | None]], limit_s: int, now_ms: int) -> list[float | None]:
    """Return how long each waited for a human; not yet those nobody has taken and whose time has not passed."""
    return [
        _seconds(from_ms, human_ms)
        for from_ms, human_ms in taken
        if human_ms is not None or now_ms - from_ms > limit_s * 1_000
    ]


def _basis_of_attendance(attended: Sequence[Case]) -> Bilingual:
    """Return what attendance rests on: no arrival is recorded, only what was reported at the end."""
    count, taken = len(attended), sum(case.was_taken_by_contact() for case in attended)
    return Bilingual(
        f"依据：结束报警时填报的结果（没有到场记录）；{count} 起中 {taken} 起有联系人先按键表示前往",
        f"basis: the outcome reported at closing (no arrival is recorded); in {taken} of {count} a contact had pressed "
        '"I am going"',
    )


def _calling(cases: Sequence[Case], excluded: dict[str, int], now_ms: int) -> tuple[Figure, ...]:
    made = [one for case in cases for one in _made(case.calls())]
    again = [one.accepted_s for one in made if one.is_again and one.is_judged(15, now_ms)]
    within_60s = [one for one in made if one.is_judged(60, now_ms)]
    excluded["not due yet (failover_15s)"] = sum(one.is_again for one in made) - len(again)
    excluded["not due yet (call_accepted_60s)"] = len(made) - len(within_60s)
    failed_first = sum(one.is_again or one.accepted_s is None for one in within_60s)
    failed = ratio(failed_first, len(within_60s))
    return (
        _share("failover_15s", again, 15, 1),
        Figure(name="first_time_call_failure", value=failed, unit="ratio", cases=len(within_60s)),
        _share("call_accepted_60s", [one.accepted_s for one in within_60s], 60, 0.995),
    )


def _made(calls: Sequence[Attempt]) -> list[_Call]:
    """Return the calls that were tried, each with its substitutes; what only the board showed was no call."""
    rows: dict[str, list[Attempt]] = {}
    for one in calls:
        if one.tries:
            rows.setdefault(one.key.rstrip(BESIDE), []).append(one)
    return [_call(group) for group in rows.values() if any(one.channel != BOARD for one in group)]


def _call(rows: Sequence[Attempt]) -> _Call:
    at_providers = (one for one in rows if one.channel != BOARD)
    taken = (one.submitted_at_ms for one in at_providers if one.submitted_at_ms is not None)
    made_ms = min(one.created_at_ms for one in rows)
    accepted_s = _seconds(made_ms, min(taken, default=None))
    return _Call(accepted_s, len(rows) > 1 or any(one.tries > 1 for one in rows), made_ms)


def _ending(cases: Sequence[Case], home_months: float) -> tuple[Figure, ...]:
    others = sum(case.told_others_at_ms() is not None for case in cases)
    withdrawn = sum(case.alert.state is AlertState.WITHDRAWN for case in cases)
    closed = [case.alert for case in cases if case.alert.outcome is not None]
    lasted = [wait for alert in closed if (wait := _seconds(alert.opened_at_ms, alert.closed_at_ms)) is not None]
    true = sum(alert.outcome in FOUND_TRUE for alert in closed)
    return (
        Figure(name="alerts_per_home_month", value=ratio(len(cases), home_months), unit="alerts", cases=len(cases)),
        Figure(name="stage_2_per_home_month", value=ratio(others, home_months), unit="alerts", cases=others),
        Figure(name="cancelled_by_life_sign", value=ratio(withdrawn, len(cases)), unit="ratio", cases=len(cases)),
        Figure(name="time_to_close_median", value=percentile(lasted, 0.5), unit="s", cases=len(lasted)),
        Figure(name="precision", value=ratio(true, len(closed)), unit="ratio", cases=len(closed)),
    )


def _precisions(cases: Sequence[Case]) -> tuple[Figure, ...]:
    found: dict[FindingKind, list[bool]] = {}
    for case in cases:
        for kind in case.alert.kinds if case.alert.outcome is not None else ():
            found.setdefault(kind, []).append(case.alert.outcome in FOUND_TRUE)
    return tuple(
        Figure(name=kind.value, value=sum(hits) / len(hits), unit="ratio", cases=len(hits))
        for kind, hits in sorted(found.items())
    )


def _share(
    name: str, waits: Sequence[float | None], limit_s: float, least: float, basis: Bilingual | None = None
) -> Figure:
    """Return which share came within a limit; what never came is on record as too late."""
    within = sum(wait is not None and wait <= limit_s for wait in waits)
    share = ratio(within, len(waits))
    return Figure(name=name, value=share, unit="ratio", cases=len(waits), target=least, is_at_most=False, basis=basis)


def _seconds(from_ms: int, until_ms: int | None) -> float | None:
    return None if until_ms is None else max(0, until_ms - from_ms) / 1000
