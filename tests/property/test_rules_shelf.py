"""Homes that are packed and woken, by the short way, find and remember what homes do that never sleep nor hurry."""

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from plain_partition import PlainPartition
from watched_home import NINE

from core.events import Flag, Metric, Reading
from core.ids import DeviceId, HomeId
from core.localtime import HOUR_MS, MINUTE_MS
from registry.homes import Device, DeviceRole, Home, Suspension, SuspensionReason
from rules.engine import Engine, Snapshot
from rules.parameters import RuleParameters
from rules.shelf import unpacked

BEAT_MS = 10 * MINUTE_MS
SENSORS = {
    "door": (DeviceRole.OUTSIDE_DOOR, "hall"),
    "entry": (DeviceRole.OUTSIDE_DOOR_MOTION, "hall"),
    "hall": (DeviceRole.INTERIOR_MOTION, "hall"),
    "kitchen": (DeviceRole.INTERIOR_MOTION, "kitchen"),
    "bathroom": (DeviceRole.BATHROOM_MOTION, "bathroom"),
    "bed": (DeviceRole.BED_MOTION, "bedroom"),
    "water": (DeviceRole.WATER_METER, "kitchen"),
    "power": (DeviceRole.POWER_METER, "hall"),
    "plug": (DeviceRole.APPLIANCE, "kitchen"),
    "room": (DeviceRole.CLIMATE, "living_room"),
    "smoke": (DeviceRole.SMOKE_GAS_CO, "kitchen"),
    "leak": (DeviceRole.LEAK, "bathroom"),
    "sos": (DeviceRole.SOS_BUTTON, "bedroom"),
}
PARAMETERS = RuleParameters(low_water_hours=12)


def home(name: str, *sensors: str, beats: tuple[str, ...] = ()) -> Home:
    def device(one: str, role: DeviceRole, room: str) -> Device:
        heartbeat_ms = BEAT_MS if one == "gateway" else HOUR_MS if one in beats else None
        device_id = DeviceId(f"{name}/{one}")
        return Device(id=device_id, home_id=HomeId(name), address=one, role=role, room=room, heartbeat_ms=heartbeat_ms)

    devices = [device("gateway", DeviceRole.GATEWAY, "hall"), *(device(one, *SENSORS[one]) for one in sensors)]
    return Home(id=HomeId(name), person_id=None, area="town/village/g1", devices=tuple(devices))


HOMES = (
    home("h1", *SENSORS),
    home("h2", "door", "hall", "bathroom", "bed", "water", beats=("door",)),
    home("h3", "water", "power", beats=("water", "power")),
    home("h4", "entry", "kitchen", "bed"),
)
NAMES = st.sampled_from([one.id for one in HOMES])
BOOLEANS = {
    "door": Metric.OPEN,
    "entry": Metric.MOTION,
    "hall": Metric.MOTION,
    "kitchen": Metric.MOTION,
    "bathroom": Metric.MOTION,
    "bed": Metric.MOTION,
    "smoke": Metric.SMOKE,
    "leak": Metric.WET,
    "sos": Metric.SOS,
}
FACTS = st.one_of(
    st.tuples(st.just("gateway"), st.just(Metric.ONLINE), st.just(True)),
    st.tuples(st.just("gateway"), st.sampled_from([Metric.ONLINE, Metric.BRIDGE_ONLINE, Metric.MAINS]), st.booleans()),
    st.tuples(st.sampled_from(sorted(BOOLEANS)), st.none(), st.booleans()),
    st.tuples(st.sampled_from(["hall", "bathroom", "bed"]), st.just(Metric.MOTION), st.just(True)),
    st.tuples(st.just("water"), st.just(Metric.WATER_TOTAL_L), st.sampled_from([0.0, 0.0, 1.0, 12.0, 400.0, -50.0])),
    st.tuples(st.just("water"), st.just(Metric.WATER_FLOW_L_H), st.sampled_from([0.0, 60.0, 900.0])),
    st.tuples(st.just("water"), st.just(Metric.ONLINE), st.just(True)),
    st.tuples(st.sampled_from(["power", "plug"]), st.just(Metric.POWER_W), st.sampled_from([0.0, 80.0, 1700.0])),
    st.tuples(st.just("room"), st.just(Metric.TEMPERATURE_C), st.sampled_from([1.0, 15.0, 21.0, 36.0])),
    st.tuples(st.just("bed"), st.just(Metric.BATTERY_PERCENT), st.sampled_from([5.0, 90.0])),
)
PAUSES = st.sampled_from([0, 1000, 20_000, MINUTE_MS, 7 * MINUTE_MS, 20 * MINUTE_MS, HOUR_MS, 5 * HOUR_MS])
LATENESS = st.sampled_from([0, 0, 0, 0, 0, 30 * MINUTE_MS, 3 * HOUR_MS])
FLAGS = st.sampled_from([0, 0, 0, 0, 0, 0, 0, int(Flag.REPLAY)])
ENTRIES = st.lists(st.tuples(NAMES, FACTS, LATENESS, FLAGS), min_size=1, max_size=6)


class Partition(RuleBasedStateMachine):
    """One engine with a shelf of one, two or many homes awake, beside a partition that is written plainly."""

    def __init__(self) -> None:
        super().__init__()
        self.now_ms = NINE
        self.litres = dict.fromkeys((one.id for one in HOMES), 1000.0)
        self.homes = {one.id: one for one in HOMES}
        self.plain = PlainPartition(NINE)
        self.is_deaf = False

    @initialize(awake=st.sampled_from([1, 2, 100]))
    def begin(self, awake: int) -> None:
        self.awake = awake
        self.engine = self.fresh()
        for one in HOMES:
            self.plain.set_home(one, PARAMETERS)

    def fresh(self) -> Engine:
        engine = Engine(PARAMETERS, awake=self.awake)
        engine.on_time(NINE)
        for one in self.homes.values():
            engine.set_home(one)
        return engine

    @rule(pause_ms=PAUSES, entry=ENTRIES)
    def an_entry_comes(self, pause_ms, entry) -> None:
        self.time_passes(pause_ms)
        readings = [self.reading(*one) for one in entry]
        assert list(self.engine.on_readings(self.now_ms, readings)) == self.plain.on_readings(self.now_ms, readings)

    @rule(pause_ms=PAUSES)
    def time_passes(self, pause_ms: int) -> None:
        self.now_ms += pause_ms
        found = self.engine.on_time(self.now_ms, is_deaf=self.is_deaf)
        assert list(found) == self.plain.on_time(self.now_ms, is_deaf=self.is_deaf)

    @rule(pause_ms=PAUSES)
    def the_service_goes_deaf_or_hears_again(self, pause_ms: int) -> None:
        self.is_deaf = not self.is_deaf
        self.time_passes(pause_ms)

    @rule(ticks=st.integers(1, 100))
    def the_service_is_deaf_for_hours(self, ticks: int) -> None:
        self.is_deaf = True
        for _ in range(ticks):
            self.time_passes(5 * MINUTE_MS)

    @rule(name=NAMES, hours=st.integers(1, 10))
    def a_home_lives_for_hours(self, name: HomeId, hours: int) -> None:
        for quarter in range(4 * hours):
            device = ("hall", "kitchen", "bathroom", "water")[quarter % 4]
            fact = (device, Metric.WATER_TOTAL_L, 2.0) if device == "water" else (device, Metric.MOTION, True)
            gateway = ("gateway", Metric.ONLINE, True)
            self.an_entry_comes(10 * MINUTE_MS, [(name, fact, 0, 0), *((each, gateway, 0, 0) for each in self.homes)])
            if device != "water":
                self.an_entry_comes(5 * MINUTE_MS, [(name, (device, Metric.MOTION, False), 0, 0)])

    @rule(minutes=st.integers(1, 60))
    def nothing_but_heartbeats_comes(self, minutes: int) -> None:
        for _ in range(5):
            entry = [(each, ("gateway", Metric.ONLINE, True), 0, 0) for each in self.homes]
            self.an_entry_comes(minutes * MINUTE_MS, entry)

    @rule(name=NAMES, hours=st.integers(1, 48))
    def somebody_is_away_by_declaration(self, name: HomeId, hours: int) -> None:
        until_ms = self.now_ms + hours * HOUR_MS
        declared = Suspension(from_ms=self.now_ms, until_ms=until_ms, reason=SuspensionReason.HOSPITAL)
        self.registered(msgspec.structs.replace(self.homes[name], suspensions=(declared,)))

    @rule(name=NAMES, dropped=st.sampled_from(["door", "bed", "hall", "room"]))
    def a_device_is_taken_away(self, name: HomeId, dropped: str) -> None:
        known = self.homes[name]
        left = tuple(device for device in known.devices if device.address != dropped)
        self.registered(msgspec.structs.replace(known, devices=left))

    @rule()
    def the_process_begins_again(self) -> None:
        data, self.engine = self.engine.snapshot(), self.fresh()
        assert self.engine.restore(data)

    @rule(name=NAMES)
    def somebody_looks_at_a_home(self, name: HomeId) -> None:
        status, state = self.engine.home_status(name), self.plain.homes[name].state
        assert (status.is_away, status.is_blind, len(status.open_kinds) > 0) == (
            state.is_away,
            state.is_blind,
            any(not held.is_weakly_cleared for held in state.open.values()),
        )

    @invariant()
    def both_wait_for_the_same(self) -> None:
        assert self.engine.next_deadline_ms() == self.plain.next_deadline_ms()

    @invariant()
    def both_remember_the_same(self) -> None:
        states = msgspec.msgpack.decode(self.engine.snapshot(), type=Snapshot).homes
        assert {name: unpacked(data) for name, data in states.items()} == {
            name: rules.state for name, rules in self.plain.homes.items()
        }

    @invariant()
    def both_count_the_same_homes_that_cannot_be_seen(self) -> None:
        assert self.engine.blind_homes == sum(rules.state.is_blind for rules in self.plain.homes.values())

    def registered(self, one: Home) -> None:
        self.homes[one.id] = one
        self.engine.set_home(one)
        self.plain.set_home(one, PARAMETERS)

    def reading(self, name: HomeId, fact: tuple, late_ms: int, flags: int) -> Reading:
        device, metric, value = fact
        metric = metric or BOOLEANS[device]
        if metric is Metric.WATER_TOTAL_L:
            self.litres[name] = value = max(0.0, self.litres[name] + value)
        at_ms = self.now_ms - late_ms
        flags |= int(Flag.LATE) if late_ms else 0
        return Reading(name, DeviceId(f"{name}/{device}"), metric, value, at_ms, self.now_ms, flags=flags)


TestPartition = Partition.TestCase
TestPartition.settings = settings(deadline=None, max_examples=60, stateful_step_count=30)


def test_a_restored_snapshot_of_sleeping_homes_goes_on_where_they_were():
    engine = Engine(PARAMETERS, awake=1)
    engine.on_time(NINE)
    for one in HOMES:
        engine.set_home(one)
    engine.on_readings(NINE, [said(one.id, NINE) for one in HOMES])
    restored = Engine(PARAMETERS, awake=1)
    restored.on_time(NINE)
    for one in HOMES:
        restored.set_home(one)
    assert restored.restore(engine.snapshot())
    assert restored.snapshot() == engine.snapshot()
    later_ms = NINE + 5 * HOUR_MS
    assert restored.on_time(later_ms) == engine.on_time(later_ms) != ()


def said(name: str, at_ms: int) -> Reading:
    return Reading(HomeId(name), DeviceId(f"{name}/gateway"), Metric.ONLINE, True, at_ms, at_ms)
