"""The report of a backtest as a JSON object: a row for the limits in force and one for each proposal."""

import statistics
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from app.evaluation.backtesting import Moments, Told, chosen_ms, compared, figures
from app.evaluation.incidents import Incident, incident_of
from app.evaluation.proposals import Proposal
from app.evaluation.recordings import Recording, local_text
from app.evaluation.ringing import Ring
from app.evaluation.statistics import Figures, rate
from app.evaluation.verdicts import verdict_of
from app.evaluation.windows import Window
from core.localtime import zone


def report(
    recording: Recording,
    window: Window,
    tried: Sequence[tuple[Proposal, Told]],
    *,
    moments: Moments,
    incidents: Sequence[Incident],
) -> Figures:
    """Return what one home came to; the first of `tried` are the limits in force."""
    tz = zone(recording.home.zone_name)
    onset_ms = chosen_ms(moments, tried[0][1].home_ms)
    counted = [one for one in incidents if one.closed_ms >= window.counted_from_ms]
    found: Figures = {
        "home": recording.name,
        "from": local_text(window.from_ms, tz),
        "counted_from": local_text(window.counted_from_ms, tz),
        "until": local_text(window.until_ms, tz),
        "learning_days": round(window.learning_days, 2),
        "counted_days": round(window.counted_days, 2),
        "is_short": window.is_short,
        "notes": [*recording.notes, *(f"{use.sensor}: {use.role or '-'} ({use.told})" for use in recording.sensors)],
        "incidents": [_incident(one, tried, tz) for one in counted],
    }
    rows: list[Figures] = []
    for proposal, told in tried:
        row: Figures = {
            "name": proposal.name,
            "limits": {name: list(pair) for name, pair in proposal.changed.items()},
            "notes": [str(note) for note in proposal.notes],
        } | figures(told, window, onset_ms, incidents, tz)
        if rows:
            change = compared(tried[0][1].rings, told.rings)
            for name, rings in (("added", change.added), ("dropped", change.dropped)):
                row[name] = [_ring(r, incidents, tz) for r in rings if r.at_ms >= window.counted_from_ms]
        verdict = verdict_of(row, rows[0] if rows else None, found)
        rows.append(row | {"verdict": {"zh": verdict.zh, "en": verdict.en}})
    return found | {"rows": rows}


def pooled(reports: Sequence[Figures]) -> list[Figures]:
    """Return a row for each set of limits over several homes: the median home, the quietest and the loudest."""
    found: list[Figures] = []
    for rows in zip(*(one["rows"] for one in reports), strict=True):
        seen = [row for row in rows if row["observed_days"]]
        rates = [known for row in seen if (known := row["stage1"]["false_alarms_per_30d"]) is not None]
        hours = [row["stage1"]["mean_delay_h"] for row in seen if row["stage1"]["mean_delay_h"] is not None]
        days = sum(row["observed_days"] for row in seen)
        found.append(
            {
                "name": rows[0]["name"],
                "homes": len(seen),
                "observed_days": round(days, 2),
                "stage1": rate(sum(row["stage1"]["false_alarms"] for row in seen), days)
                | {
                    "median_home": round(statistics.median(rates), 3) if rates else None,
                    "quietest_home": min(rates, default=None),
                    "loudest_home": max(rates, default=None),
                    "mean_delay_h": round(statistics.mean(hours), 3) if hours else None,
                },
                "missed_24h": sum(row["missed_24h"] for row in seen),
                "onsets": sum(row["onsets"] for row in seen),
            }
        )
    return found


def _ring(ring: Ring, incidents: Sequence[Incident], tz: ZoneInfo) -> Figures:
    incident = incident_of(ring, incidents)
    return {
        "at": local_text(ring.at_ms, tz),
        "since": local_text(ring.since_ms, tz),
        "until": local_text(ring.until_ms, tz),
        "kind": str(ring.kind),
        "outcome": None if incident is None else str(incident.outcome),
    }


def _incident(incident: Incident, tried: Sequence[tuple[Proposal, Told]], tz: ZoneInfo) -> Figures:
    """Return an incident, and when each set of limits would first have rung for it; None: never."""
    rang = {
        proposal.name: next((r.at_ms for r in told.rings if incident_of(r, [incident]) is not None), None)
        for proposal, told in tried
    }
    return {
        "since": local_text(incident.since_ms, tz),
        "closed": local_text(incident.closed_ms, tz),
        "outcome": str(incident.outcome),
        "rang": {name: None if at_ms is None else local_text(at_ms, tz) for name, at_ms in rang.items()},
    }
