"""Breaks sensors, gateways and clocks in a recorded life: no fault may ring for the person, each fault must be told."""

import random
from collections.abc import Callable, Iterator

import msgspec

from app.evaluation.recordings import Recording, device_of, reading_of
from app.evaluation.running import Trace, run
from app.evaluation.statistics import Figures
from core.events import Flag, Metric, Reading
from core.ids import DeviceId
from core.localtime import DAY_MS, HOUR_MS, MINUTE_MS
from registry.homes import Device, DeviceRole, Home
from rules.findings import FindingKind, finding_id
from rules.parameters import RuleParameters

SLICE_DAYS = 90
"""Faults are put into the last third of so many days: the habits are learned by then."""

GATEWAY_BEAT_MS = 10 * MINUTE_MS
DEVICE_BEAT_MS = HOUR_MS
IN_TIME_MS = 4 * HOUR_MS  # three beats of a device and one more
MATCH_MS = 2 * HOUR_MS  # an alarm so near to one of the sound run is the same alarm
_MOTION = frozenset({DeviceRole.INTERIOR_MOTION, DeviceRole.BED_MOTION, DeviceRole.BATHROOM_MOTION})


class Fault(msgspec.Struct, frozen=True):
    """One fault: which device (or the gateway), from when to when."""

    device_id: DeviceId
    from_ms: int
    until_ms: int


class Case(msgspec.Struct, frozen=True):
    """A broken record, and what broke."""

    readings: list[Reading]
    faults: list[Fault] = []
    is_pure_fault: bool = True  # False: the person's own doing (a holiday), or a load of many small errors


def robustness(recording: Recording, parameters: RuleParameters, seed: int) -> Figures:
    """Return for each kind of fault the alarms it caused and the share of the faults that were told in time."""
    sound = _with_beats(recording)
    chance = random.Random(f"{recording.name} {seed}")  # noqa: S311  # a seeded sample, no secret
    calm = run(sound, parameters)
    found: Figures = {}
    for name, breaks in _CASES.items():
        case = breaks(sound, chance)
        if case is None:
            continue
        broken = run(sound, parameters, readings=case.readings)
        told = sum(_is_told(broken, fault) for fault in case.faults)
        extra = _extra(calm, broken, case)
        found[name] = {
            "person_alerts_by_fault": len(extra),
            "is_pure_fault": case.is_pure_fault,
            "faults": len(case.faults),
            "faults_raised": told,
            "sound_run": _alarm_count(calm),
            "broken_run": _alarm_count(broken),
        }
    return found


def _with_beats(recording: Recording) -> Recording:
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
    readings.sort(key=lambda reading: reading.observed_at_ms)
    devices = (*sensors, gateway)
    heard: Home = msgspec.structs.replace(home, devices=devices)
    return msgspec.structs.replace(recording, home=heard, readings=readings)


def _extra(calm: Trace, broken: Trace, case: Case) -> list[int]:
    """Return alarms of the broken run that the sound run does not have, in the time of a fault or just after it."""
    known = list(_alarms(calm))
    extra = [at for at in _alarms(broken) if all(abs(at - other) > MATCH_MS for other in known)]
    if not case.faults:
        return extra
    return [at for at in extra if any(f.from_ms <= at <= f.until_ms + DAY_MS for f in case.faults)]


def _alarms(trace: Trace) -> Iterator[int]:
    for finding in trace.findings:
        if finding.kind is FindingKind.INACTIVITY and not finding.is_cleared and finding.stage == 1:
            yield finding.at_ms


def _alarm_count(trace: Trace) -> int:
    return sum(1 for _ in _alarms(trace))


def _is_told(trace: Trace, fault: Fault) -> bool:
    """Return whether a technical finding named the device, or the blind home, within its time."""
    return any(
        not f.is_cleared
        and fault.from_ms <= f.at_ms <= fault.from_ms + IN_TIME_MS
        and (f.kind is FindingKind.HOME_BLIND or f.id == finding_id(f.home_id, f.kind, f.since_ms, fault.device_id))
        for f in trace.findings
    )


def _busiest(recording: Recording) -> Device | None:
    counts: dict[DeviceId, int] = {}
    motion = {d.id: d for d in recording.home.devices if d.role in _MOTION}
    for reading in recording.readings:
        if reading.device_id in motion and reading.metric is Metric.MOTION:
            counts[reading.device_id] = counts.get(reading.device_id, 0) + 1
    return motion[max(counts, key=lambda key: counts[key])] if counts else None


def _late_ms(recording: Recording) -> tuple[int, int]:
    first, last = recording.readings[0].observed_at_ms, recording.readings[-1].observed_at_ms
    return first + (last - first) * 2 // 3, last


def _loss(recording: Recording, chance: random.Random) -> Case:
    return Case([r for r in recording.readings if r.metric is Metric.ONLINE or chance.random() >= 0.1])  # noqa: PLR2004


def _dead(recording: Recording, _chance: random.Random) -> Case | None:
    """Silence the busiest motion sensor where another is left; in a home with nothing but meters, all of them."""
    busiest = _busiest(recording)
    if recording.is_metered:
        dead = {device.id for device in recording.home.devices if device.role is not DeviceRole.GATEWAY}
    elif busiest is not None and sum(d.role in _MOTION for d in recording.home.devices) > 1:
        dead = {busiest.id}
    else:
        return None
    from_ms, last_ms = _late_ms(recording)
    kept = [r for r in recording.readings if r.device_id not in dead or r.observed_at_ms < from_ms]
    return Case(kept, [Fault(device_id, from_ms, last_ms) for device_id in sorted(dead)])


def _stuck(recording: Recording, _chance: random.Random) -> Case | None:
    device = _busiest(recording)
    if device is None:
        return None
    from_ms, _ = _late_ms(recording)
    kept = [
        r
        for r in recording.readings
        if not (r.device_id == device.id and r.observed_at_ms >= from_ms and r.value is False)
    ]
    return Case(kept)


def _blips(recording: Recording, _chance: random.Random) -> Case | None:
    device = _busiest(recording)
    if device is None:
        return None
    from_ms, last_ms = _late_ms(recording)
    more: list[Reading] = []
    for at_ms in range(from_ms, last_ms, 3 * HOUR_MS):
        more += [reading_of(device, Metric.MOTION, True, at_ms), reading_of(device, Metric.MOTION, False, at_ms + 2000)]
    return Case(sorted([*recording.readings, *more], key=lambda r: r.received_at_ms))


def _gateway_off(recording: Recording, chance: random.Random) -> Case:
    from_ms, last_ms = _late_ms(recording)
    days = max((last_ms - from_ms) // DAY_MS, 1)
    gateway = recording.home.devices[-1].id
    starts = sorted(chance.sample(range(days), k=min(5, days)))
    off = [from_ms + day * DAY_MS + chance.randrange(0, 18) * HOUR_MS for day in starts]
    faults = [Fault(gateway, at_ms, at_ms + 6 * HOUR_MS) for at_ms in off]
    kept = [r for r in recording.readings if not any(f.from_ms <= r.observed_at_ms < f.until_ms for f in faults)]
    return Case(kept, faults)


def _skew(recording: Recording, _chance: random.Random) -> Case | None:
    """One device's clock runs ten minutes ahead; ingest then uses the time of arrival and flags it."""
    device = _busiest(recording)
    if device is None:
        return None
    flagged = [
        msgspec.structs.replace(r, flags=int(Flag.SKEWED)) if r.device_id == device.id else r
        for r in recording.readings
    ]
    return Case(flagged)


def _holiday(recording: Recording, _chance: random.Random) -> Case | None:
    door = next((d for d in recording.home.devices if d.role is DeviceRole.OUTSIDE_DOOR), None)
    if door is None:
        return None
    from_ms, _ = _late_ms(recording)
    until_ms = from_ms + 14 * DAY_MS
    kept = [r for r in recording.readings if r.metric is Metric.ONLINE or not from_ms <= r.observed_at_ms < until_ms]
    for at_ms in (from_ms, until_ms - 5_000):
        kept += [reading_of(door, Metric.OPEN, True, at_ms), reading_of(door, Metric.OPEN, False, at_ms + 3_000)]
    kept.sort(key=lambda r: r.received_at_ms)
    return Case(kept, is_pure_fault=False)


def _visitors(recording: Recording, chance: random.Random) -> Case | None:
    """On every third day somebody else is there for three hours, moving about in every room."""
    rooms = [device for device in recording.home.devices if device.role in _MOTION]
    if len(rooms) < 2:  # noqa: PLR2004  # a visitor is told by two rooms at once
        return None
    from_ms, last_ms = _late_ms(recording)
    more: list[Reading] = []
    for day_ms in range(from_ms, last_ms - DAY_MS, 3 * DAY_MS):
        for minute in range(180):
            device, at_ms = chance.choice(rooms), day_ms + minute * MINUTE_MS + chance.randrange(50_000)
            more += [reading_of(device, Metric.MOTION, True, at_ms)]
            more += [reading_of(device, Metric.MOTION, False, at_ms + 2_000)]
    return Case(sorted([*recording.readings, *more], key=lambda r: r.received_at_ms), is_pure_fault=False)


def _dst(recording: Recording, _chance: random.Random) -> Case:
    """From a night on everybody lives an hour earlier by the sun, as when the clocks go forward."""
    from_ms, _ = _late_ms(recording)
    moved = [
        msgspec.structs.replace(r, observed_at_ms=r.observed_at_ms - HOUR_MS, received_at_ms=r.received_at_ms - HOUR_MS)
        if r.observed_at_ms >= from_ms + HOUR_MS
        else r
        for r in recording.readings
        if not from_ms <= r.observed_at_ms < from_ms + HOUR_MS
    ]
    return Case(moved, is_pure_fault=False)


_CASES: dict[str, Callable[[Recording, random.Random], Case | None]] = {
    "10 % of events lost": _loss,
    "one sensor dead": _dead,
    "one sensor stuck on": _stuck,
    "a lone blip every 3 h": _blips,
    "gateway off for 6 h": _gateway_off,
    "one clock 10 min ahead": _skew,
    "two weeks of holiday": _holiday,
    "visitors every third day": _visitors,
    "clocks go forward": _dst,
}
