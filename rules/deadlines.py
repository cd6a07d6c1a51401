"""What a home waits for: every deadline its state implies, as data; the earliest is the home's one timer."""

from collections.abc import Iterator
from enum import StrEnum
from zoneinfo import ZoneInfo

import msgspec

from core.events import Metric
from core.text import Bilingual
from registry.homes import Device, DeviceRole, Home
from rules import device_silence, night_guard
from rules.deafness_state import counted_ms
from rules.findings import Evidence, FindingKind, Priority
from rules.fixed_limits import blind_deadline_ms
from rules.inactivity import METERS, Silence
from rules.parameters import RuleParameters
from rules.seeing import ENTRANCES, SIGNLESS, blind_since_ms, blind_used, sees_only_doors, sight_of
from rules.sentences import device_named
from rules.state import HomeState


class Inner(StrEnum):
    """Moves of the state itself that no finding comes from."""

    EXIT_PROVEN = "exit_proven"
    WATER_STOPPED = "water_stopped"
    BLIND_BEGINS = "blind_begins"
    NOTED = "noted"  # a watch learns something
    LESSON = "lesson"  # nightly: yesterday is learned


class Deadline(msgspec.Struct, frozen=True):
    """At `due_ms` this happens unless a reading comes first. `detail` tells devices and degrees apart."""

    due_ms: int
    what: FindingKind | Inner
    since_ms: int
    detail: str = ""
    watch: str = ""  # the watch that waits for it; empty: the home itself
    priority: Priority | None = None  # None: what the kind has
    sentence: Bilingual | None = None  # None: the kind's own words
    facts: tuple[Evidence, ...] = ()  # what it rests on besides the last signs of life
    is_told_again: bool = False  # though it holds already: a button that is pressed once more


NEVER_MS = 1 << 62

LATE_BEATS = 1.25
"""A reading that comes a quarter of its interval late is in time: meters and radios do not keep the minute."""

SECOND_STAGE = "second stage"
"""The detail of an inactivity that goes on after the resident was called."""

AGAIN = "again"
"""How the detail of an absence begins that was asked after before."""

SILENT_WATER = "silent"
"""The detail of running water with nobody moving: graver than running water alone."""


_FAULTS = (f"{FindingKind.DEVICE_SILENT} ", f"{FindingKind.SENSOR_FAULT} ")
NO_WITNESSES = SIGNLESS | ENTRANCES | {DeviceRole.SOS_BUTTON, DeviceRole.POWER_METER, DeviceRole.APPLIANCE}
"""Habits hardly rest on them: a flat button, a boiler found out or a door must not blunt what the rooms still say."""

REACHED = f"{FindingKind.SENSOR_FAULT} reached "
"""How the key of a sensor begins that a pet reaches: it sees as it always did, alone it proves nobody."""


TAMPERED = f"{FindingKind.SENSOR_FAULT} tamper "
"""How the key of a device begins that says it was opened or taken off: a ticket, for it may see as it always did."""


def open_key(kind: FindingKind, detail: str = "") -> str:
    """Return the key under which a state keeps a finding that holds."""
    return f"{kind} {detail}".strip() if detail else str(kind)


def deadlines_of(
    state: HomeState, home: Home, parameters: RuleParameters, tz: ZoneInfo, silence: Silence
) -> Iterator[Deadline]:
    """Yield every deadline of a home, in no order."""
    yield from _presence(state, parameters)
    yield from _inactivity(state, home, parameters, tz, silence)
    if state.lesson_due_ms is not None:
        yield Deadline(state.lesson_due_ms, Inner.LESSON, state.lesson_due_ms)
    yield from _silence(state, home, parameters, tz)


def _presence(state: HomeState, parameters: RuleParameters) -> Iterator[Deadline]:
    if state.exit_ms is not None:
        due_ms = counted_ms(state.deaf, state.exit_ms) + parameters.exit_quiet_ms
        yield Deadline(due_ms, Inner.EXIT_PROVEN, state.exit_ms)


def is_fault(key: str) -> bool:
    """Return whether a key is that of a device that is silent or at fault; one that a pet reaches sees as ever."""
    return key.startswith(_FAULTS) and not key.startswith((REACHED, TAMPERED))


def faulty_devices(state: HomeState) -> dict[str, int]:
    """Return the devices that are silent or at fault, and since when."""
    return {key.rpartition(" ")[2]: held.finding.since_ms for key, held in state.open.items() if is_fault(key)}


def lacks_a_witness(state: HomeState, home: Home) -> bool:
    """Return whether a device whose signs the habits were learned with is silent, at fault, no proof or taken away."""
    if state.fewer_until_ms is not None:
        return True
    if not state.open:  # most homes, most of the time
        return False
    doubtful = {key.rpartition(" ")[2] for key in state.open if key.startswith(REACHED) or is_fault(key)}
    return any(device.id in doubtful and device.role not in NO_WITNESSES for device in home.devices)


def _inactivity(
    state: HomeState, home: Home, parameters: RuleParameters, tz: ZoneInfo, silence: Silence
) -> Iterator[Deadline]:
    if state.is_away or state.is_blind or state.clock_from_ms is None:
        return
    if state.suspension.is_suspended or sees_only_doors(sight_of(home, state)):
        return
    first = state.open.get(open_key(FindingKind.INACTIVITY))
    if first is None:
        yield _first_call(state, home, parameters, tz, silence)
    elif open_key(FindingKind.INACTIVITY, SECOND_STAGE) not in state.open:
        due_ms = counted_ms(state.deaf, first.finding.at_ms) + silence.limits.second_after_ms
        priority, since_ms = first.finding.priority, first.finding.since_ms
        yield Deadline(due_ms, FindingKind.INACTIVITY, since_ms, SECOND_STAGE, priority=priority)


def _first_call(state: HomeState, home: Home, parameters: RuleParameters, tz: ZoneInfo, silence: Silence) -> Deadline:
    """Return when the resident is first called: by the limit, or sooner for what only machines showed or a morning."""
    clock_ms, limits = state.clock_from_ms or state.started_ms, silence.limits
    is_degraded = lacks_a_witness(state, home)
    last_ms = state.signs[-1].at_ms if state.signs else 0
    since_ms = max(last_ms, state.started_ms, state.watched_from_ms or 0)
    if not state.signs:  # perhaps not mounted yet: no habit, no hurry and no P1, but the cap holds
        due_ms = clock_ms + max(limits.cap_ms - state.used.seen_ms, 0)
        due_ms = _read_until_ms(due_ms, state, home, parameters) if limits.is_metered else due_ms
        return Deadline(due_ms, FindingKind.INACTIVITY, since_ms, priority=Priority.P2)
    facts: tuple[Evidence, ...] = ()
    due_ms = silence.due_ms(clock_ms, state.used, is_degraded=is_degraded)
    proof_ms, unproven_ms = _unproven(state, limits.cap_ms)
    if unproven_ms < due_ms:
        due_ms, since_ms, facts = unproven_ms, max(proof_ms, state.watched_from_ms or 0), (_machine(unproven_ms),)
    if limits.is_metered:
        due_ms = _read_until_ms(due_ms, state, home, parameters)
    elif limits.is_personal and not is_degraded:
        morning_ms = night_guard.morning_sign_ms(state, tz, parameters)
        if morning_ms is not None and morning_ms < due_ms:
            due_ms, facts = morning_ms, (night_guard.missed_morning(state, morning_ms, tz),)
    return Deadline(due_ms, FindingKind.INACTIVITY, since_ms, facts=facts)


def _unproven(state: HomeState, cap_ms: int) -> tuple[int, int]:
    """Return (last sign that no machine gives, when the longest silence since has passed)."""
    proofs_ms = [at_ms for at_ms in (state.last_dry_sign_ms, state.water_cycle.proof_ms) if at_ms is not None]
    if not proofs_ms or not state.signs or max(proofs_ms) >= state.signs[-1].at_ms:
        return 0, NEVER_MS  # the last sign is a proof: its own silence is judged
    proof_ms, dark_ms = max(proofs_ms), 0
    if state.dark_from_ms is not None and state.seen_again_ms is not None:
        dark_ms = max(state.seen_again_ms - max(state.dark_from_ms, proof_ms), 0)
    return proof_ms, max(proof_ms, state.watched_from_ms or 0) + dark_ms + cap_ms


def _machine(at_ms: int) -> Evidence:
    text = Bilingual(
        "此后只有机器也会产生的迹象：一再重复的等量用水，或自动启停的电器",
        "since then only signs that machines give: water drawn over and over the same, loads that switch by themselves",
    )
    return Evidence(at_ms, None, "fact", text)


def _read_until_ms(due_ms: int, state: HomeState, home: Home, parameters: RuleParameters) -> int:
    """Return when a silence that only meters see may be judged: not while a reading is missing that could end it.

    The next reading judges it, from when it came; or the meter is found silent and the home blind: a missed reading
    proves no silence.
    """
    faulty = faulty_devices(state)
    meters = [device for device in home.devices if device.heartbeat_ms and device.role in METERS]
    judged_ms = due_ms
    for device in [meter for meter in meters if meter.id not in faulty] or meters:
        beat_ms, heard_ms = device.heartbeat_ms or 0, state.heard_ms.get(device.id, state.started_ms)
        from_ms = counted_ms(state.deaf, heard_ms)
        is_late = due_ms > from_ms + beat_ms * LATE_BEATS
        judged_ms = max(judged_ms, from_ms + beat_ms * parameters.missed_heartbeats + 1 if is_late else heard_ms)
    return judged_ms


def _unknown_to_its_bridge(device: Device, state: HomeState) -> Bilingual | None:
    if state.values.get(f"{device.id} {Metric.REMOVED}") is not True:
        return None
    who = device_named(device)
    return Bilingual(
        f"设备{who.zh}已被其网桥移除，不会再有消息：请重新配对，或在登记中删除",
        f"its bridge no longer knows device {who.en} and nobody will hear it: pair it anew, or remove it here",
    )


def _silence(state: HomeState, home: Home, parameters: RuleParameters, tz: ZoneInfo) -> Iterator[Deadline]:
    for device, due_ms, heard_ms in device_silence.limits_of(state, home, parameters):
        sentence = _unknown_to_its_bridge(device, state) if device.id in state.offline_ms else None
        yield Deadline(due_ms, FindingKind.DEVICE_SILENT, heard_ms, device.id, sentence=sentence)
    since_ms = blind_since_ms(state, home, parameters)
    if since_ms is None:
        return
    if not state.is_blind:
        yield Deadline(since_ms, Inner.BLIND_BEGINS, since_ms)
    if open_key(FindingKind.HOME_BLIND) not in state.open:
        used = blind_used(state, since_ms)
        due_ms = blind_deadline_ms(since_ms, tz, parameters, used, is_key_person=home.is_key_person)
        yield Deadline(due_ms, FindingKind.HOME_BLIND, since_ms)
