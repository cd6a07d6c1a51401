"""Gathers a stretch's records for the service's figures, for the command line and /metrics; judges nothing itself."""

import calendar
import math
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from alerts.canary import CANARY_HOME
from alerts.kpi import Case, Report, report
from alerts.kpi_figures import Figure, SeenTime
from app.rules_snapshot import SNAPSHOT
from core.errors import ConfigurationError
from core.localtime import HOUR_MS, instant_of, local_date, zone
from registry.homes import Home
from registry.rota import Span
from rules.findings import FindingKind
from rules.seen_days import seen_in
from store.truth.database import Truth, Unit

LOOK_EVERY_MS = HOUR_MS
"""The figures are of a month; they open every alert of it, with its story."""

METRIC_OF = {
    "first_call_p50": "shouwang_kpi_first_call_p50_seconds",
    "first_call_p99": "shouwang_kpi_first_call_p99_seconds",
    "acknowledged_60s": "shouwang_kpi_acknowledged_60s_ratio",
    "acknowledged_180s": "shouwang_kpi_acknowledged_180s_ratio",
    "attended_45min": "shouwang_kpi_attended_45min_ratio",
    "attended_60min": "shouwang_kpi_attended_60min_ratio",
    "failover_15s": "shouwang_kpi_failover_15s_ratio",
    "first_time_call_failure": "shouwang_kpi_first_time_call_failure_ratio",
    "call_accepted_60s": "shouwang_kpi_call_accepted_60s_ratio",
    "alerts_per_home_month": "shouwang_kpi_alerts_per_home_month",
    "stage_2_per_home_month": "shouwang_kpi_stage_2_per_home_month",
    "cancelled_by_life_sign": "shouwang_kpi_cancelled_by_life_sign_ratio",
    "time_to_close_median": "shouwang_kpi_time_to_close_median_seconds",
    "precision": "shouwang_kpi_precision_ratio",
    "blind_per_home_month": "shouwang_kpi_blind_minutes_per_home_month",
    "blind_share": "shouwang_kpi_blind_ratio",
}


def month_span(month: str, zone_name: str, now_ms: int) -> Span:
    """Return a month, "2026-03", up to now when it has not ended; raises ConfigurationError for none or one ahead."""
    try:
        first = date.fromisoformat(f"{month}-01")
    except ValueError as error:
        raise ConfigurationError(f"{month!r} is no month", where="--month", remedy="write it as 2026-03") from error
    tz = zone(zone_name)
    after = first + timedelta(days=calendar.monthrange(first.year, first.month)[1])
    begins, ends = (instant_of(datetime.combine(day, time()), tz) for day in (first, after))
    if begins >= now_ms:
        raise ConfigurationError(
            f"{month} has not begun", where="--month", remedy="choose this month or an earlier one"
        )
    return Span(begins, min(ends, now_ms))


def report_of(unit: Unit, within: Span, now_ms: int | None = None) -> Report:
    """Return the figures of a stretch from the truth database, as it stands now; None: at the stretch's end."""
    now_ms = within.until_ms if now_ms is None else now_ms
    cases = (
        Case(
            alert=alert,
            attempts=unit.outbox.of_alert(alert.id),
            trace=unit.alerts.trace(alert.id),
            findings=unit.alerts.findings(alert.id),
        )
        for alert in unit.alerts.opened_between(within.from_ms, within.until_ms)
    )
    blind = unit.alerts.findings_of_kind(FindingKind.HOME_BLIND, within.until_ms)
    homes = [home for home in unit.people.homes() if home.id != CANARY_HOME]
    kept = _seen_time(unit, homes, within, now_ms)
    drills = frozenset({CANARY_HOME})
    return report(cases, blind, homes=len(homes), within=within, drills=drills, kept=kept, now_ms=now_ms)


def _seen_time(unit: Unit, homes: Sequence[Home], within: Span, now_ms: int) -> SeenTime | None:
    """Return how long homes were seen within a stretch, as far as the rules keep it: 35 days; None of none of it."""
    data, total, has_day = unit.cursors.blob(SNAPSHOT), SeenTime(), False
    found = {} if data is None else seen_in(data, homes, now_ms)
    for home in homes:
        first, last = (local_date(at_ms, zone(home.zone_name)) for at_ms in (within.from_ms, within.until_ms - 1))
        days = [one for one in found.get(home.id, ()) if first <= one.day <= last]
        has_day = has_day or bool(days)
        known = [(one.seen_min, one.blind_min) for one in days if one.seen_min is not None]
        total = SeenTime(
            homes=total.homes + bool(known),
            days=total.days + len(known),
            seen_min=total.seen_min + sum(seen for seen, _ in known),
            blind_min=total.blind_min + sum(blind or 0 for _, blind in known),
        )
    return total if has_day else None


class KpiWatch:
    """Keeps this month's figures for /metrics; used by one thread at a time."""

    def __init__(self, truth: Truth, zone_name: str) -> None:
        self._truth = truth
        self._zone_name = zone_name
        self._figures: tuple[Figure, ...] = ()

    def look(self, now_ms: int) -> None:
        """Compute the figures of the month so far; blocking."""
        month = f"{local_date(now_ms - 1, zone(self._zone_name)):%Y-%m}"
        within = month_span(month, self._zone_name, now_ms)
        with self._truth.view() as unit:
            self._figures = report_of(unit, within, now_ms).figures

    def gauges(self) -> dict[str, float]:
        """Return the figures as metrics; NaN where there was nothing to measure."""
        values = {one.name: one.value for one in self._figures}
        found = {metric: values.get(name) for name, metric in METRIC_OF.items()}
        return {metric: math.nan if value is None else value for metric, value in found.items()}
