"""When a device counts as silent: by its promise, its learned clock or its last will; not behind a dead gateway."""

from collections.abc import Iterator

from core.events import Metric
from core.ids import DeviceId
from registry.homes import Device, DeviceRole, Home
from rules import heartbeats
from rules.deafness_state import counted_ms
from rules.findings import Evidence, FindingKind
from rules.inactivity import METERS
from rules.parameters import RuleParameters
from rules.sentences import fact
from rules.state import HomeState
from rules.witnesses import is_witness


def limits_of(state: HomeState, home: Home, parameters: RuleParameters) -> Iterator[tuple[Device, int, int]]:
    """Yield (device, when it is found silent, since when) of each that can be, and is not found silent already.

    What is behind a gateway is not found silent beside it: one fault, one finding.
    """
    gateways = [device for device in home.devices if device.role is DeviceRole.GATEWAY]
    dead = bool(gateways) and all(_is_found(state, one) or one.id in state.offline_ms for one in gateways)
    link = _link_of(gateways, state, parameters)
    for device in home.devices:
        if state.open and _is_found(state, device):
            continue
        is_behind = device.role is not DeviceRole.GATEWAY and not has_own_radio(device)
        if is_behind and dead:
            continue
        due_ms = _due_ms(state, device, parameters)
        if due_ms is None:
            continue
        if is_behind and link is not None and device.id not in state.offline_ms:
            heard_ms, verdict_ms = link
            due_ms = due_ms if heard_ms >= due_ms else max(due_ms, verdict_ms + 1)
        yield device, due_ms, state.heard_ms.get(device.id, state.started_ms)


def behind(state: HomeState, home: Home, gateway: Device) -> tuple[Evidence, ...]:
    """Return what a gateway's silence takes with it, as evidence of that one finding."""
    if not carries(home, gateway.id):
        return ()
    children = _behind_gateways(home)
    at_ms = state.heard_ms.get(gateway.id, state.started_ms)
    return (fact(at_ms, f"其后{children}个设备随之听不到", f"{children} devices behind it cannot be heard either"),)


def carries(home: Home, device_id: str) -> bool:
    """Return whether a device is a gateway with something behind it: it is heard through what it carries, too."""
    is_gateway = any(one.id == device_id and one.role is DeviceRole.GATEWAY for one in home.devices)
    return is_gateway and _behind_gateways(home) > 0


def has_own_radio(device: Device) -> bool:
    """Return whether a device does not need the home's gateway: a meter that promises to speak by itself."""
    return device.role in METERS and device.heartbeat_ms is not None


def learned_ms(state: HomeState, device: Device, parameters: RuleParameters) -> int | None:
    """Return how long a device that promises nothing may be silent, once that is learned.

    One that movement wakes says less while nobody is home: away, its silence is not judged.
    """
    if device.heartbeat_ms is not None or (state.is_away and is_witness(device)):
        return None
    has_battery = f"{device.id} {Metric.BATTERY_PERCENT}" in state.values
    return heartbeats.limit_ms(state.beats.get(device.id), parameters, has_battery=has_battery)


def _behind_gateways(home: Home) -> int:
    return sum(one.role is not DeviceRole.GATEWAY and not has_own_radio(one) for one in home.devices)


def _is_found(state: HomeState, device: Device) -> bool:
    return f"{FindingKind.DEVICE_SILENT} {device.id}" in state.open


def _due_ms(state: HomeState, device: Device, parameters: RuleParameters) -> int | None:
    gone_ms = state.offline_ms.get(device.id) if state.offline_ms else None
    due_ms = _promise_ms(state, device, parameters)
    if due_ms is None and device.id in state.beats:
        longest_ms = learned_ms(state, device, parameters)
        if longest_ms is not None:
            # any word proves it alive: movement says nothing of its clock, but ends a silence
            heard_ms = max(state.beats[device.id].heard_ms, state.heard_ms.get(device.id, 0))
            due_ms = counted_ms(state.deaf, heard_ms) + longest_ms
    if gone_ms is None:
        return due_ms
    settled_ms = counted_ms(state.deaf, gone_ms) + parameters.offline_settle_ms
    return settled_ms if due_ms is None else min(settled_ms, due_ms)


def _promise_ms(state: HomeState, device: Device, parameters: RuleParameters) -> int | None:
    if device.heartbeat_ms is None:
        return None
    heard_ms = counted_ms(state.deaf, state.heard_ms.get(device.id, state.started_ms))
    return heard_ms + parameters.missed_heartbeats * device.heartbeat_ms


def _link_of(gateways: list[Device], state: HomeState, parameters: RuleParameters) -> tuple[int, int] | None:
    """Return (when a gateway was heard last, when it is known whether they are silent too).

    Nothing behind them is judged before. None without one, or with one that promises nothing: it is never found silent
    by the clock.
    """
    verdicts = [promised_ms for one in gateways if (promised_ms := _promise_ms(state, one, parameters)) is not None]
    if not verdicts or len(verdicts) < len(gateways):
        return None
    return max(state.heard_ms.get(one.id, state.started_ms) for one in gateways), max(verdicts)


def heard_by(device: Device, home: Home) -> tuple[DeviceId, ...]:
    """Return which devices a word of one proves alive: itself, and the gateway that it came through.

    But a meter may have a radio of its own, and says nothing of a gateway that would have spoken itself.
    """
    has_own_radio = device.role in METERS
    gateways = (
        one.id for one in home.devices if one.role is DeviceRole.GATEWAY and not (has_own_radio and one.heartbeat_ms)
    )
    return tuple(dict.fromkeys((device.id, *gateways)))
