"""Whether a home can be seen at all: silent devices, blind homes; a home it cannot see it never calls inactive."""

from core.ids import DeviceId
from registry.homes import Device, DeviceRole
from rules.dayparts import Limit, used_up_at_ms
from rules.findings import Finding, FindingKind, Priority
from rules.reporting import Due, clear, open_key
from rules.state import KEPT_PAUSES, Watch


def first_heard(watch: Watch, log_time_ms: int) -> None:
    """Let the silence of devices that never spoke count from this log time."""
    for device in watch.state.devices.values():
        if device.heard_at_ms is None:
            device.heard_at_ms = log_time_ms


def hear(watch: Watch, device_id: DeviceId, at_ms: int, log_time_ms: int) -> list[Finding]:
    """Take that a device spoke; return what this clears. A backlog's old words clear nothing: it is still dark."""
    state = watch.state.devices[device_id]
    device = watch.devices[device_id]
    if state.heard_at_ms is not None and at_ms <= state.heard_at_ms:
        _shrink_pauses(watch, device, at_ms)
        return []
    if device.heartbeat_ms is None:
        state.heard_at_ms = at_ms
        return []
    dark_from_ms = blind_from_ms(watch)
    if dark_from_ms is not None and at_ms >= dark_from_ms:
        _pause(watch, _newest_word_ms(watch), at_ms)
    else:
        _shrink_pauses(watch, device, at_ms)
    state.heard_at_ms = at_ms
    found: list[Finding] = []
    silent_key = open_key(FindingKind.DEVICE_SILENT, device_id)
    if silent_key in watch.state.open and _silent_at_ms(watch, device, at_ms) > log_time_ms:
        found.append(clear(watch, silent_key, log_time_ms))
    blind_key = open_key(FindingKind.HOME_BLIND)
    if blind_key in watch.state.open and not is_blind(watch, log_time_ms):
        found.append(clear(watch, blind_key, log_time_ms))
    return found


def is_blind(watch: Watch, at_ms: int) -> bool:
    """Return whether nobody can say how the resident is at that instant, unless something more is heard."""
    dark_from_ms = blind_from_ms(watch)
    return dark_from_ms is not None and at_ms >= dark_from_ms


def blind_from_ms(watch: Watch) -> int | None:
    """Return from when the home counts as blind if nothing more is heard; None when its silence says nothing.

    A gateway that falls silent takes its home with it, though a sensor that beats once an hour is not yet overdue.
    """
    spoken = _spoken(watch)
    if not spoken:
        return None
    newest_ms = max(heard_ms for _, heard_ms in spoken)
    gateways = [_silent_at_ms(watch, device, at) for device, at in spoken if device.role is DeviceRole.GATEWAY]
    if gateways and newest_ms < max(gateways):
        return max(gateways)
    return max(_silent_at_ms(watch, device, heard_ms) for device, heard_ms in spoken)


def silent_devices(watch: Watch, at_ms: int) -> tuple[DeviceId, ...]:
    """Return the devices that missed their heartbeats at that instant."""
    spoken = _spoken(watch)
    return tuple(device.id for device, heard_ms in spoken if at_ms >= _silent_at_ms(watch, device, heard_ms))


def dues(watch: Watch) -> list[Due]:
    """Return when each device counts as silent and the home as blind, unless something more is heard."""
    found: list[Due] = []
    spoken = _spoken(watch)
    for device, heard_ms in spoken:
        at_ms = _silent_at_ms(watch, device, heard_ms)
        found.append(Due(at_ms, Priority.P3, FindingKind.DEVICE_SILENT, heard_ms, device.id, device.id))
    dark_from_ms = blind_from_ms(watch)
    if dark_from_ms is not None:
        since_ms = max(heard_ms for _, heard_ms in spoken)
        limits = watch.limits
        limit = (
            Limit(limits.blind_key_day_ms, limits.blind_key_night_ms)
            if watch.home.is_key_person
            else Limit(limits.blind_day_ms, limits.blind_night_ms)
        )
        at_ms = max(dark_from_ms, used_up_at_ms(since_ms, limit, watch.hours))
        found.append(Due(at_ms, Priority.P2, FindingKind.HOME_BLIND, since_ms))
    return found


def _spoken(watch: Watch) -> list[tuple[Device, int]]:
    """Return the devices whose silence says something, each with when it was last heard."""
    states = watch.state.devices
    return [
        (device, heard_ms) for device in watch.beating if (heard_ms := states[device.id].heard_at_ms) is not None
    ]


def _silent_at_ms(watch: Watch, device: Device, heard_ms: int) -> int:
    return heard_ms + watch.limits.silent_heartbeats * (device.heartbeat_ms or 0)


def _newest_word_ms(watch: Watch) -> int:
    return max((state.heard_at_ms or 0 for state in watch.state.devices.values()), default=0)


def _pause(watch: Watch, from_ms: int, to_ms: int) -> None:
    """Leave a blind span out of the silence that is being counted."""
    pauses = watch.state.pauses
    if pauses and from_ms <= pauses[-1][1]:
        from_ms = pauses.pop()[0] if from_ms <= pauses[-1][0] else pauses[-1][1]
    if from_ms < to_ms:
        pauses.append((from_ms, to_ms))
    if len(pauses) > KEPT_PAUSES:
        pauses[:2] = [(pauses[0][0], pauses[1][1])]


def _shrink_pauses(watch: Watch, device: Device, at_ms: int) -> None:
    """A heartbeat out of a backlog proves that the home was seen so far: the blind span begins only then."""
    if device.heartbeat_ms is not None and any(start < at_ms < end for start, end in watch.state.pauses):
        watch.state.pauses = [(at_ms if start < at_ms < end else start, end) for start, end in watch.state.pauses]
