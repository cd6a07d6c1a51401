"""Ways to break a recorded life: what is left of its readings, and which faults somebody should hear of, how soon."""

import random
from collections.abc import Callable

import msgspec

from app.evaluation.late_clocks import through_admission
from app.evaluation.recordings import Recording, reading_of
from core.events import Flag, Metric, Reading
from core.ids import DeviceId
from core.localtime import DAY_MS, HOUR_MS, MINUTE_MS
from ingest.clocks import EVENTS_NEEDED, LEAST_SPAN_MS
from registry.homes import Device, DeviceRole
from rules.parameters import RuleParameters
from rules.rooms import MOTION_ROLES
from rules.witnesses import KNOWN_DAYS, OTHERS, is_witness

BEATS_MS = 4 * HOUR_MS  # three beats of a device and one more
AN_HOUR_MORE_MS = HOUR_MS
"""A stuck or chattering sensor, or a wrong clock, is told within an hour of when it could be."""

A_DAY_MORE_MS = DAY_MS
"""What others must show first (a mute sensor, a frozen register) is told within a day of the rule's own limit."""

SKEW_MS = 10 * MINUTE_MS
CHATTER_MS, CHATTER_EVERY_MS = 5 * MINUTE_MS, 700
LOST_SHARE = 0.1


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """One fault that somebody should hear of: which device (or the gateway), from when to when, how soon."""

    device_id: DeviceId
    from_ms: int
    until_ms: int
    within_ms: int = BEATS_MS
    flag: Flag = Flag.NONE  # ingest itself notices it, and marks every reading so


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A broken record, and what broke."""

    readings: list[Reading]
    faults: list[Fault] = []
    from_ms: int | None = None  # when it broke; None: at the start
    is_pure_fault: bool = True  # False: the person's own doing (a holiday), or another person's
    why_unnoticed: str = ""  # why no rule can notice it; empty: its faults must be told


def broken_case(readings: list[Reading], device: Device, *, from_ms: int, until_ms: int, within_ms: int) -> Case:
    """Return a record in which one device is broken from a moment on, as somebody should hear within a time."""
    fault = Fault(device_id=device.id, from_ms=from_ms, until_ms=until_ms, within_ms=within_ms)
    return Case(readings=readings, faults=[fault], from_ms=from_ms)


def loss(recording: Recording, chance: random.Random, _parameters: RuleParameters) -> Case:
    """Lose one event in ten."""
    kept = [r for r in recording.readings if r.metric is Metric.ONLINE or chance.random() >= LOST_SHARE]
    why = "heartbeats are whole and a recording's readings carry no running number: a lost event leaves no gap"
    return Case(readings=kept, why_unnoticed=why)


def dead(recording: Recording, _chance: random.Random, _parameters: RuleParameters) -> Case | None:
    """Silence the busiest motion sensor where another is left; in a home with nothing but meters, all of them."""
    device = busiest(recording)
    if recording.is_metered:
        gone = {device.id for device in recording.home.devices if device.role is not DeviceRole.GATEWAY}
    elif device is not None and sum(d.role in MOTION_ROLES for d in recording.home.devices) > 1:
        gone = {device.id}
    else:
        return None
    from_ms, last_ms = late_ms(recording)
    kept = [r for r in recording.readings if r.device_id not in gone or r.observed_at_ms < from_ms]
    faults = [Fault(device_id=device_id, from_ms=from_ms, until_ms=last_ms) for device_id in sorted(gone)]
    return Case(readings=kept, faults=faults, from_ms=from_ms)


def mute(recording: Recording, _chance: random.Random, parameters: RuleParameters) -> Case | None:
    """Cover the busiest motion sensor: its heartbeats go on."""
    device = busiest(recording)
    if device is None or sum(d.role in MOTION_ROLES for d in recording.home.devices) < 2:  # noqa: PLR2004  # another
        return None
    from_ms, last_ms = late_ms(recording)
    kept = [r for r in recording.readings if not _says(r, device, from_ms) or r.metric is Metric.ONLINE]
    others = sum(is_witness(d) for d in recording.home.devices) - 1
    if others < OTHERS:
        return Case(readings=kept, from_ms=from_ms, why_unnoticed=f"fewer than {OTHERS} others could miss it")
    if from_ms - recording.readings[0].observed_at_ms < KNOWN_DAYS * DAY_MS:
        why = f"it breaks before the {KNOWN_DAYS} days after which its share of life is known"
        return Case(readings=kept, from_ms=from_ms, why_unnoticed=why)
    within_ms = parameters.mute_ms + A_DAY_MORE_MS
    return broken_case(kept, device, from_ms=from_ms, until_ms=last_ms, within_ms=within_ms)


def stuck(recording: Recording, _chance: random.Random, parameters: RuleParameters) -> Case | None:
    """Let the busiest motion sensor say "moving" and never again that it has ended."""
    device = busiest(recording)
    if device is None:
        return None
    from_ms, last_ms = _next_word_ms(recording, device, Metric.MOTION), late_ms(recording)[1]
    if from_ms is None:
        return None
    kept = [r for r in recording.readings if not (_says(r, device, from_ms) and r.value is False)]
    within_ms = parameters.stuck_on_ms + AN_HOUR_MORE_MS
    return broken_case(kept, device, from_ms=from_ms, until_ms=last_ms, within_ms=within_ms)


def chattering(recording: Recording, chance: random.Random, _parameters: RuleParameters) -> Case | None:
    """Let the busiest motion sensor toggle without rest for five minutes, once a day."""
    device = busiest(recording)
    if device is None:
        return None
    from_ms, last_ms = late_ms(recording)
    more: list[Reading] = []
    faults: list[Fault] = []
    for day_ms in range(from_ms, last_ms - DAY_MS, DAY_MS):
        at_ms = day_ms + chance.randrange(23) * HOUR_MS
        end_ms = at_ms + CHATTER_MS
        times = range(at_ms, end_ms, CHATTER_EVERY_MS)
        more += [reading_of(device, Metric.MOTION, index % 2 == 0, next_ms) for index, next_ms in enumerate(times)]
        more.append(reading_of(device, Metric.MOTION, False, end_ms))
        faults.append(Fault(device_id=device.id, from_ms=at_ms, until_ms=end_ms, within_ms=AN_HOUR_MORE_MS))
    return Case(readings=in_order([*recording.readings, *more]), faults=faults, from_ms=from_ms)


def blips(recording: Recording, _chance: random.Random, _parameters: RuleParameters) -> Case | None:
    """Let the sun or a pet reach the busiest motion sensor every three hours."""
    device = busiest(recording)
    if device is None:
        return None
    from_ms, last_ms = late_ms(recording)
    more: list[Reading] = []
    for at_ms in range(from_ms, last_ms, 3 * HOUR_MS):
        more += [reading_of(device, Metric.MOTION, True, at_ms), reading_of(device, Metric.MOTION, False, at_ms + 2000)]
    why = (
        "a blip is told from a person only by what moves while the door proves nobody home: that takes days of outings"
    )
    return Case(readings=in_order([*recording.readings, *more]), from_ms=from_ms, why_unnoticed=why)


def gateway_off(recording: Recording, chance: random.Random, _parameters: RuleParameters) -> Case:
    """Switch the gateway off for six hours on five days."""
    from_ms, last_ms = late_ms(recording)
    days = max((last_ms - from_ms) // DAY_MS, 1)
    gateway = recording.home.devices[-1].id
    starts = sorted(chance.sample(range(days), k=min(5, days)))
    off = [from_ms + day * DAY_MS + chance.randrange(0, 18) * HOUR_MS for day in starts]
    faults = [Fault(device_id=gateway, from_ms=at_ms, until_ms=at_ms + 6 * HOUR_MS) for at_ms in off]
    kept = [r for r in recording.readings if not any(f.from_ms <= r.observed_at_ms < f.until_ms for f in faults)]
    return Case(readings=kept, faults=faults, from_ms=from_ms)


def clock_ahead(recording: Recording, _chance: random.Random, _parameters: RuleParameters) -> Case | None:
    """Set one device's clock ten minutes ahead; its messages go through the door that takes all messages in."""
    device = busiest(recording) or recording.home.devices[0]
    last_ms = late_ms(recording)[1]
    from_ms = _next_word_ms(recording, device)
    if from_ms is None:
        return None
    skewed = through_admission(recording, device, from_ms, SKEW_MS)
    fault = Fault(
        device_id=device.id, from_ms=from_ms, until_ms=last_ms, within_ms=2 * AN_HOUR_MORE_MS, flag=Flag.SKEWED
    )
    return Case(readings=skewed, faults=[fault], from_ms=from_ms)


def clock_behind(recording: Recording, _chance: random.Random, _parameters: RuleParameters) -> Case:
    """Set one device's clock ten minutes back."""
    device = busiest(recording) or recording.home.devices[0]
    from_ms, _ = late_ms(recording)
    skewed = through_admission(recording, device, from_ms, -SKEW_MS)
    if device.role not in MOTION_ROLES:
        why = "a meter may send all it reads as late: its readings are only marked so"
        return Case(readings=skewed, from_ms=from_ms, why_unnoticed=why)
    own = [r.received_at_ms for r in recording.readings if _says(r, device, from_ms)]
    known = [at_ms for at_ms in own[EVENTS_NEEDED - 1 :] if at_ms >= own[0] + LEAST_SPAN_MS]
    if not known:
        return Case(readings=skewed, from_ms=from_ms, why_unnoticed="it says too little for its clock to be known")
    fault = Fault(
        device_id=device.id,
        from_ms=known[0],
        until_ms=late_ms(recording)[1],
        within_ms=AN_HOUR_MORE_MS,
        flag=Flag.SKEWED,
    )
    return Case(readings=skewed, faults=[fault], from_ms=from_ms)


def busiest(recording: Recording) -> Device | None:
    """Return the motion sensor that says most; None in a home without one."""
    counts: dict[DeviceId, int] = {}
    motion = {d.id: d for d in recording.home.devices if d.role in MOTION_ROLES}
    for reading in recording.readings:
        if reading.device_id in motion and reading.metric is Metric.MOTION:
            counts[reading.device_id] = counts.get(reading.device_id, 0) + 1
    return motion[max(counts, key=lambda key: counts[key])] if counts else None


def late_ms(recording: Recording) -> tuple[int, int]:
    """Return when the last third of a recording begins, and when it ends."""
    first, last = recording.readings[0].observed_at_ms, recording.readings[-1].observed_at_ms
    return first + (last - first) * 2 // 3, last


def in_order(readings: list[Reading]) -> list[Reading]:
    """Return readings in the order in which they arrive."""
    return sorted(readings, key=lambda reading: reading.received_at_ms)


def _next_word_ms(recording: Recording, device: Device, metric: Metric | None = None) -> int | None:
    """Return when a device first speaks in the last third of a recording, or first says that a metric is on."""
    from_ms, _ = late_ms(recording)
    words = (r for r in recording.readings if _says(r, device, from_ms))
    said = (r for r in words if metric is None or (r.metric is metric and r.value is True))
    return next((reading.observed_at_ms for reading in said), None)


def _says(reading: Reading, device: Device, from_ms: int) -> bool:
    return reading.device_id == device.id and reading.observed_at_ms >= from_ms


Breaking = Callable[[Recording, random.Random, RuleParameters], Case | None]
"""Breaks a recording; None where it has nothing to break."""
