"""Runs broken records: no fault may ring for the person, and each one that can be noticed must be told in time."""

import random
from collections import Counter
from collections.abc import Iterable, Mapping

import msgspec

from app.evaluation import faults, lives, meter_breaks
from app.evaluation.calls import is_for_person
from app.evaluation.faults import Breaking, Case, Fault
from app.evaluation.recordings import Recording, device_of, reading_of
from app.evaluation.running import Trace, run
from app.evaluation.statistics import Figures
from core.events import Metric
from core.localtime import DAY_MS, HOUR_MS, MINUTE_MS
from registry.homes import DeviceRole, Home
from rules.findings import Finding, FindingKind, Priority, finding_id
from rules.meter_fault import FROZEN
from rules.parameters import RuleParameters

SLICE_DAYS = 90
"""Faults are put into the last third of so many days: the habits are learned by then."""

GATEWAY_BEAT_MS = 10 * MINUTE_MS
DEVICE_BEAT_MS = HOUR_MS
MATCH_MS = 2 * HOUR_MS  # an alarm so near to one of the same kind in the sound run is the same alarm

TECHNICAL = frozenset({FindingKind.DEVICE_SILENT, FindingKind.SENSOR_FAULT, FindingKind.METER_FAULT})
BLIND = frozenset({FindingKind.HOME_BLIND, FindingKind.INFRASTRUCTURE, FindingKind.POWER_OUT})
"""What rings because the home cannot be seen: the answer to a fault, not an alarm about the person."""

DETAILS = ("{}", "mute {}", "chatter {}", "open {}", "reached {}")
"""How the details of a device's faults are written (rules/mute.py, health.py, reach.py)."""

CASES: dict[str, Breaking] = {
    "10 % of events lost": faults.loss,
    "one sensor dead": faults.dead,
    "one sensor mute": faults.mute,
    "one sensor stuck on": faults.stuck,
    "one sensor chattering": faults.chattering,
    "a lone blip every 3 h": faults.blips,
    "gateway off for 6 h": faults.gateway_off,
    "one clock 10 min ahead": faults.clock_ahead,
    "one clock 10 min behind": faults.clock_behind,
    "water register frozen": meter_breaks.frozen,
    "water register begun anew": meter_breaks.begun_anew,
    "two weeks of holiday": lives.holiday,
    "visitors every third day": lives.visitors,
    "clocks go forward": lives.clocks_forward,
}


def robustness(
    recording: Recording, parameters: RuleParameters, seed: int, cases: Mapping[str, Breaking] = CASES
) -> Figures:
    """Return for each kind of fault the alarms it caused and the share of the faults that were told in time."""
    sound = with_beats(recording)
    chance = random.Random(f"{recording.name} {seed}")  # noqa: S311  # a seeded sample, no secret
    calm = run(sound, parameters)
    found: Figures = {}
    for name, breaks in cases.items():
        case = breaks(sound, chance, parameters)
        if case is not None:
            found[name] = outcome(case, calm, run(sound, parameters, readings=case.readings))
    return found


def outcome(case: Case, calm: Trace, broken: Trace) -> Figures:
    """Return what a broken run came to beside the sound one."""
    extra = _extra(calm, broken, case)
    people = Counter(str(f.kind) for f in extra if is_for_person(f))
    return {
        "person_alerts_by_fault": people.total(),
        "person_alerts_by_kind": dict(people),
        "other_calls_by_kind": dict(Counter(str(f.kind) for f in extra if not is_for_person(f))),
        "is_pure_fault": case.is_pure_fault,
        "faults": len(case.faults),
        "faults_raised": sum(_is_told(case, broken, fault) for fault in case.faults),
        "why_unnoticed": case.why_unnoticed,
        "technical_findings": dict(_technical(calm, broken, case)),
        "sound_run": dict(Counter(str(f.kind) for f in _ringing(calm) if is_for_person(f))),
        "broken_run": dict(Counter(str(f.kind) for f in _ringing(broken) if is_for_person(f))),
    }


def all_runs(runs: Iterable[Figures]) -> Figures:
    """Return what the runs of all homes came to together."""
    runs = list(runs)
    total, raised = sum(run["faults"] for run in runs), sum(run["faults_raised"] for run in runs)
    kinds: Counter[str] = Counter()
    for one in runs:
        kinds.update(one["person_alerts_by_kind"] if one["is_pure_fault"] else {})
    return {
        "person_alerts_by_faults": kinds.total(),
        "person_alerts_by_kind": dict(kinds),
        "faults": total,
        "faults_raised": raised,
        "share_raised": round(raised / total, 3) if total else None,
        "runs_no_rule_could_notice": sum(bool(run["why_unnoticed"]) for run in runs),
    }


def with_beats(recording: Recording) -> Recording:
    """Return the last SLICE_DAYS with a gateway and hourly heartbeats of every device."""
    end_ms = recording.readings[-1].observed_at_ms
    start_ms = max(recording.readings[0].observed_at_ms, end_ms - SLICE_DAYS * DAY_MS)
    home = recording.home
    gateway = device_of(home.id, "gateway", DeviceRole.GATEWAY, beat_ms=GATEWAY_BEAT_MS)
    sensors = [msgspec.structs.replace(d, heartbeat_ms=d.heartbeat_ms or DEVICE_BEAT_MS) for d in home.devices]
    beating = [(gateway, GATEWAY_BEAT_MS)] + [(d, d.heartbeat_ms or DEVICE_BEAT_MS) for d in sensors]
    readings = list(recording.during(start_ms, end_ms + 1))
    for index, (device, beat_ms) in enumerate(beating):
        first_ms = start_ms + index * 7_000  # devices do not beat in step
        readings += [reading_of(device, Metric.ONLINE, True, at_ms) for at_ms in range(first_ms, end_ms, beat_ms)]
    devices = (*sensors, gateway)
    heard: Home = msgspec.structs.replace(home, devices=devices)
    return msgspec.structs.replace(recording, home=heard, readings=faults.in_order(readings))


def _ringing(trace: Trace) -> list[Finding]:
    """Return every first-stage finding that rings somebody at once, but for those that say that the home is blind."""
    return [
        finding
        for finding in trace.findings
        if not finding.is_cleared
        and finding.stage == 1
        and finding.priority < Priority.P3
        and finding.kind not in BLIND | TECHNICAL
    ]


def _extra(calm: Trace, broken: Trace, case: Case) -> list[Finding]:
    """Return alarms of the broken run that the sound run has not, in the time of a fault or within a day after it.

    One that only comes later, for the same silence or the same absence, is the sound run's own.
    """
    known = [(finding.kind, finding.at_ms) for finding in _ringing(calm)]
    causes = {(finding.kind, finding.since_ms) for finding in _ringing(calm)}
    spans = [(fault.from_ms, fault.until_ms + DAY_MS) for fault in case.faults]
    return [
        finding
        for finding in _ringing(broken)
        if (finding.kind, finding.since_ms) not in causes
        and all(kind != finding.kind or abs(at_ms - finding.at_ms) > MATCH_MS for kind, at_ms in known)
        and (not spans or any(from_ms <= finding.at_ms <= until_ms for from_ms, until_ms in spans))
        and finding.at_ms >= (case.from_ms or 0)
    ]


def _is_told(case: Case, trace: Trace, fault: Fault) -> bool:
    """Return whether a technical finding named the device, or the blind home, or ingest flagged it, in its time."""
    until_ms = fault.from_ms + fault.within_ms
    if fault.flag:
        said = [
            r for r in case.readings if r.device_id == fault.device_id and fault.from_ms <= r.received_at_ms <= until_ms
        ]
        return bool(said) and all(reading.flags & fault.flag for reading in said)
    return any(
        not f.is_cleared and fault.from_ms <= f.at_ms <= until_ms and (f.kind in BLIND or _names(f, fault))
        for f in trace.findings
    )


def _names(finding: Finding, fault: Fault) -> bool:
    if finding.kind not in TECHNICAL:
        return False
    details = [detail.format(fault.device_id) for detail in DETAILS] + [FROZEN]
    return finding.id in {finding_id(finding.home_id, finding.kind, finding.since_ms, detail) for detail in details}


def _technical(calm: Trace, broken: Trace, case: Case) -> Counter[str]:
    """Return the technical findings that the broken run has beyond the sound one, by kind."""
    known = {f.id for f in calm.findings}
    return Counter(
        str(f.kind)
        for f in broken.findings
        if f.kind in TECHNICAL | BLIND and not f.is_cleared and f.id not in known and f.at_ms >= (case.from_ms or 0)
    )
