"""What tests read off a simulated home: its edges, gaps and runs."""

import json
from collections.abc import Iterable, Iterator

from device_sim.messages import SimEvent, SimMessage

LIFE = frozenset({"motion", "open", "water_total", "power"})


def bodies(messages: Iterable[SimMessage]) -> Iterator[tuple[str, str, dict]]:
    """Yield (home, device, body) of each message."""
    for message in messages:
        _, home, device, _ = message.topic.split("/")
        yield home, device, json.loads(message.payload)


def signs_of_life(events: Iterable[SimEvent]) -> list[int]:
    """Return when somebody must have been there: motion and door edges, a register that grew, a kettle switched on."""
    before: dict[tuple[str, str], bool | float] = {}
    found = []
    for event in events:
        key = (event.device_id, event.metric.value)
        last = before.get(key)
        before[key] = event.value
        device = event.device_id.split("/")[1]
        if event.metric.value not in LIFE or device == "power":
            continue
        is_pulse = event.metric.value == "motion" and event.value is True and last is not True
        is_door = event.metric.value == "open" and last is not None and event.value != last
        is_growth = event.metric.value in {"water_total", "power"} and last is not None and event.value > last
        if is_pulse or is_door or is_growth:
            found.append(event.at_ms)
    return found


def spells(events: Iterable[SimEvent], device: str) -> list[tuple[int, int]]:
    """Return (from, until) of each time a device's truth value was True."""
    found, since_ms = [], None
    for event in events:
        if event.device_id.split("/")[1] != device:
            continue
        if event.value is True and since_ms is None:
            since_ms = event.at_ms
        elif event.value is False and since_ms is not None:
            found.append((since_ms, event.at_ms))
            since_ms = None
    return found


def water_runs(events: Iterable[SimEvent], gap_ms: int) -> list[tuple[int, int]]:
    """Return (from, until) of each stretch in which the register grew without a longer pause than `gap_ms`."""
    runs: list[list[int]] = []
    last = None
    for event in events:
        if event.metric.value != "water_total":
            continue
        if last is not None and event.value > last:
            if runs and event.at_ms - runs[-1][1] <= gap_ms:
                runs[-1][1] = event.at_ms
            else:
                runs.append([event.at_ms, event.at_ms])
        last = event.value
    return [(start_ms, end_ms) for start_ms, end_ms in runs]
