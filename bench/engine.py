"""What the rules cost a reading, a deadline, a night's lesson and a home in memory, with 1,000 to 100,000 homes.

A few homes live three months of made-up days; their states, under other names, are the homes that are measured. Times
are this process's own processor time; each size has a process of its own, so that its memory is nobody else's. A round
goes through the homes in turn, so that no two readings of one home stand together: the worst order there is. Among
100,000 homes it goes through every tenth: the cost of a reading, not of a county's minute, is asked.
"""

import heapq
import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
from costs import Cost, Stopwatch, resident_bytes
from figures import print_cost

from core.events import Metric, Reading, Value
from core.ids import DeviceId, HomeId
from core.localtime import DAY_MS, DEFAULT_ZONE_NAME, HOUR_MS, MINUTE_MS, zone
from device_sim.resident import devices_of
from device_sim.village import DEMO_START_MS, home_events
from registry.homes import Device, Home
from rules.engine import Engine
from rules.lessons import next_lesson_ms
from rules.shelf import AWAKE_HOMES, packed, unpacked
from rules.state import HomeState

VILLAGE = 200
"""So few homes all stay awake, as a town's do when their readings come close together."""

SIZES = (1_000, 10_000, 100_000)
RESTING = 4
"""Of these sizes nearly none stays awake: what a home at rest takes, and the dearest a reading can be, are asked."""

SOURCES = 4
DAYS = 91
NOW_MS = DEMO_START_MS + DAYS * DAY_MS + 15 * HOUR_MS + 58 * MINUTE_MS
"""21:58: at 22:00 every home notes whether its person is home."""

EVENING_MS = NOW_MS + 4 * MINUTE_MS
DEVICES = ("gateway", "door", "bed", "bathroom", "living", "water", "power")
"""In the order in which the simulator names them."""

HOMES_A_VILLAGE = 300
BATCH = 256  # readings in a journal entry while readings pour in
LEAST_READINGS = 10_000  # of each kind; small sizes go round again
HOMES_A_ROUND = 10_000  # twenty times what an engine might keep at hand, and the run stays below three minutes
ROUND_MS = 20_000

KINDS: tuple[tuple[str, str, Metric, Value], ...] = (
    ("heartbeat", "gateway", Metric.ONLINE, True),
    ("sign", "living", Metric.MOTION, True),
    ("repeated", "living", Metric.MOTION, True),
    ("ended", "living", Metric.MOTION, False),
    ("sign", "bathroom", Metric.MOTION, True),
    ("ended", "bathroom", Metric.MOTION, False),
    ("register", "water", Metric.WATER_TOTAL_L, 6.0),
    ("register", "water", Metric.WATER_TOTAL_L, 0.0),
    ("power", "power", Metric.POWER_W, 95.0),
    ("power", "power", Metric.POWER_W, 130.0),
    ("heartbeat", "gateway", Metric.ONLINE, True),
)
"""What a home says in one cycle, a message every ROUND_MS; of the register, by how much it has grown."""

Bare = dict[tuple[str, str, str], Value]

TARGETS = {
    "heartbeat": 100.0,
    "repeated": 100.0,
    "ended": 100.0,
    "register": 250.0,
    "power": 250.0,
    "sign": 250.0,
    "reading": 150.0,
    "deadline": 600.0,
}
"""Microseconds of each kind, in updates of a bare dict, which takes 0.2 to 0.4."""

SNAPSHOT = 300.0
FLAT = 1.5
"""A reading among 100,000 homes may cost half as much again as among 1,000: the processor's caches are spent."""

STATE_BYTES = 4_096
LESSON_MS = 5.0
STAGGER = 1.5
WAIT_S = 600


def home_of(number: int) -> Home:
    """Return a home with a gateway, a door, three motion sensors, a water meter and an electricity meter."""
    home_id = home_id_of(number)
    devices = tuple(device for device in devices_of(home_id) if device.id.rpartition("/")[2] in DEVICES)
    area = f"town{number // (10 * HOMES_A_VILLAGE)}/village{number // HOMES_A_VILLAGE}/g1"
    return Home(id=home_id, person_id=None, area=area, devices=devices)


def home_id_of(number: int) -> HomeId:
    """Return an id; all are of one length, so that one can be written over another."""
    return HomeId(f"h{number:06}")


def lived() -> bytes:
    """Return the snapshot of some homes after three months, each with a person of its own."""
    engine = Engine()
    for number in range(SOURCES):
        engine.set_home(home_of(number))
    for one in heapq.merge(*map(_life, range(SOURCES)), key=lambda reading: reading.observed_at_ms):
        engine.on_time(one.received_at_ms)
        engine.on_readings(one.received_at_ms, (one,))
    engine.on_time(NOW_MS)
    return engine.snapshot()


def _life(number: int) -> Iterator[Reading]:
    for event in home_events(home_id_of(number), 7, DEMO_START_MS):
        if event.at_ms >= NOW_MS:
            return
        if event.device_id.rpartition("/")[2] in DEVICES:
            yield Reading(home_id_of(number), event.device_id, event.metric, event.value, event.at_ms, event.at_ms)


def multiplied(snapshot: bytes, size: int) -> bytes:
    """Return a snapshot of so many homes, each with the state of a lived one under its own name."""
    parts: dict[str, msgspec.Raw] = msgspec.msgpack.decode(snapshot, type=dict[str, msgspec.Raw])
    lived_homes = msgspec.msgpack.decode(parts["homes"], type=dict[str, bytes])
    states = {name: msgspec.msgpack.encode(unpacked(data)) for name, data in lived_homes.items()}
    homes: dict[str, bytes] = {}
    for number in range(size):
        source, name = home_id_of(number % SOURCES), home_id_of(number)
        renamed = states[source].replace(source.encode(), name.encode())
        homes[name] = packed(msgspec.msgpack.decode(renamed, type=HomeState))
    return msgspec.msgpack.encode({**parts, "homes": homes})


def measured(size: int, snapshot: Path, lived_snapshot: bytes) -> dict[str, float]:
    """Return what one size costs; to be called in a fresh process."""
    homes = [home_of(number) for number in range(size)]
    data = snapshot.read_bytes()
    bare = {(home.id, device.id, metric): value for home in homes for device, metric, value in _told_by(home)}
    before_bytes = resident_bytes()
    engine = Engine(awake=AWAKE_HOMES if size <= AWAKE_HOMES else RESTING)
    for home in homes:
        engine.set_home(home)
    watch = Stopwatch()
    assert engine.restore(data)
    engine.next_deadline_ms()
    found = {"restore_us": watch.us() / size}
    before_bytes -= len(data)
    del data
    found["state_bytes"] = (resident_bytes() - before_bytes) / size
    fired = sum(_evening_deadlines(number, lived_snapshot) for number in range(SOURCES)) / SOURCES * size
    watch = Stopwatch()
    engine.on_time(EVENING_MS)
    found["deadline_us"] = watch.us() / fired
    spread = max(1, size // HOMES_A_ROUND)
    for kind, cost in _rounds(engine, homes[::spread], bare).items():
        found |= {f"{kind}_us": cost.rules_us, f"{kind}_bare_us": cost.bare_us}
    if spread == 1:  # every home has worked
        found["worked_bytes"] = (resident_bytes() - before_bytes) / size
    watch = Stopwatch()
    found["snapshot_bytes"] = len(engine.snapshot()) / size
    return found | {"snapshot_us": watch.us() / size}


def _rounds(engine: Engine, homes: Sequence[Home], bare: Bare) -> dict[str, Cost]:
    """Let every home say what is in KINDS, as often as LEAST_READINGS asks; return the cost of each kind and of all."""
    costs = {kind: Cost() for kind, *_ in (*KINDS, ("reading",))}
    now_ms, drawn_l = EVENING_MS, 0.0
    registers = [_litres(engine, home) for home in homes]
    for _ in range(-(-LEAST_READINGS // len(homes))):
        for kind, device, metric, value in KINDS:
            now_ms += ROUND_MS
            is_register = metric is Metric.WATER_TOTAL_L
            drawn_l += float(value) if is_register else 0.0
            told = [litres + drawn_l for litres in registers] if is_register else [value] * len(homes)
            readings = [
                Reading(home.id, _device(home, device).id, metric, one, now_ms, now_ms)
                for home, one in zip(homes, told, strict=True)
            ]
            engine.on_time(now_ms)
            cost = _taken(engine, now_ms, readings, bare)
            costs[kind], costs["reading"] = costs[kind].plus(cost), costs["reading"].plus(cost)
    return costs


def _told_by(home: Home) -> Iterator[tuple[Device, Metric, Value]]:
    for _, device, metric, value in KINDS:
        yield _device(home, device), metric, value


def _device(home: Home, name: str) -> Device:
    return home.devices[DEVICES.index(name)]


def _litres(engine: Engine, home: Home) -> float:
    return float(engine.rules_of(home.id).state.values[f"{home.id}/water {Metric.WATER_TOTAL_L}"])


def _taken(engine: Engine, now_ms: int, readings: Sequence[Reading], bare: Bare) -> Cost:
    batches = [readings[at : at + BATCH] for at in range(0, len(readings), BATCH)]
    watch = Stopwatch()
    for batch in batches:
        engine.on_readings(now_ms, batch)
    rules_us = watch.us()
    watch = Stopwatch()
    for batch in batches:
        for one in batch:
            bare[one.home_id, one.device_id, one.metric] = one.value
    return Cost(rules_us, watch.us(), len(readings))


def _evening_deadlines(number: int, snapshot: bytes) -> int:
    """Return how many deadlines a home has until the evening is noted."""
    engine, count = _alone(number, snapshot), 0
    while (due_ms := engine.next_deadline_ms()) is not None and due_ms <= EVENING_MS:
        engine.on_time(due_ms)
        count += 1
    return count


def lesson_ms(number: int, snapshot: bytes) -> float:
    """Return the milliseconds of a home's lesson in the night to come, everything round about it included."""
    engine, home_id = _alone(number, snapshot), home_id_of(number)
    due_ms = next_lesson_ms(home_id, NOW_MS, zone(DEFAULT_ZONE_NAME))
    engine.on_time(due_ms - 1)
    heartbeat = Reading(home_id, DeviceId(f"{home_id}/gateway"), Metric.ONLINE, True, due_ms - 1, due_ms - 1)
    engine.on_readings(due_ms - 1, (heartbeat,))
    watch = Stopwatch()
    engine.on_time(due_ms)
    taken_ms = watch.us() / 1_000
    assert engine.rules_of(home_id).state.lesson_due_ms != due_ms, "the lesson was not taken"
    return taken_ms


def lessons_together() -> tuple[int, float]:
    """Return the most lessons in one minute of a hundred thousand homes, and the mean of the minutes that have any."""
    tz, size = zone(DEFAULT_ZONE_NAME), SIZES[-1]
    minutes = Counter(next_lesson_ms(home_id_of(number), NOW_MS, tz) // MINUTE_MS for number in range(size))
    return max(minutes.values()), size / len(minutes)


def _alone(number: int, snapshot: bytes) -> Engine:
    engine = Engine()
    engine.set_home(home_of(number))
    assert engine.restore(snapshot)
    return engine


def main() -> int:
    """Measure every size in its own process; return 0 when all figures hold."""
    with tempfile.TemporaryDirectory() as name:
        source, many = Path(name) / "lived", Path(name) / "many"
        source.write_bytes(lived())
        sizes: dict[int, dict[str, float]] = {}
        for size in (VILLAGE, *SIZES):
            many.write_bytes(multiplied(source.read_bytes(), size))
            words = [sys.executable, __file__, "measure", str(size), str(many), str(source)]
            run = subprocess.run(words, check=True, stdout=subprocess.PIPE, timeout=WAIT_S)
            sizes[size] = json.loads(run.stdout)
        lessons = [lesson_ms(number, source.read_bytes()) for number in range(SOURCES)]
    holds = [hold for size, found in sizes.items() for hold in _size_figures(size, found)]
    least, most = sizes[SIZES[0]]["reading_us"], sizes[SIZES[-1]]["reading_us"]
    together, mean = lessons_together()
    holds += [
        print_cost("engine_flat", "us/reading, 100k homes to 1k", [most], [least], target=FLAT),
        print_cost("engine_lesson", "ms/home", lessons, [LESSON_MS] * SOURCES, target=1.0),
        print_cost("engine_lessons_a_minute", "of 100k homes", [together], [mean], target=STAGGER),
    ]
    return 0 if all(holds) else 1


def _size_figures(size: int, found: dict[str, float]) -> Iterator[bool]:
    bare = found["reading_bare_us"]
    for kind, target in TARGETS.items():
        baseline = found.get(f"{kind}_bare_us", bare)
        yield print_cost(f"engine_{kind}_{size}", "us", [found[f"{kind}_us"]], [baseline], target=target)
    rooms = ("state", "worked", "snapshot") if size > AWAKE_HOMES else ("snapshot",)
    for name in (one for one in rooms if f"{one}_bytes" in found):
        yield print_cost(f"engine_{name}_{size}", "bytes/home", [found[f"{name}_bytes"]], [STATE_BYTES], target=1.0)
    for name in ("snapshot", "restore"):
        yield print_cost(f"engine_{name}_time_{size}", "us/home", [found[f"{name}_us"]], [bare], target=SNAPSHOT)


if __name__ == "__main__":
    if sys.argv[1:2] == ["measure"]:
        print(json.dumps(measured(int(sys.argv[2]), Path(sys.argv[3]), Path(sys.argv[4]).read_bytes())))
    else:
        sys.exit(main())
