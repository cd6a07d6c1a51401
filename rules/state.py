"""What the rules remember of one home, as plain data that a snapshot holds; no rule stands here."""

import msgspec

from core.events import Flag, Metric, Reading
from core.ids import DeviceId
from registry.homes import Device, Home
from rules.dayparts import DayHours
from rules.findings import Finding
from rules.grading import Before, Grade
from rules.parameters import RuleParameters

KEPT_SIGNS = 3
"""Signs shown as evidence: enough to see a path through the rooms, few enough for a sentence on the console."""

KEPT_PAUSES = 16
"""Blind spans within one silence; a home that flaps more often has its oldest spans joined into one."""


class Held(msgspec.Struct):
    """The last value of one metric, and a second place in the past for a backlog that arrives after it."""

    value: bool | float | str
    at_ms: int
    changed_at_ms: int
    late_value: bool | float | str | None = None
    late_at_ms: int = 0


class Run(msgspec.Struct):
    """Water that runs: since when, last proven when; `is_level` = a flow sensor says so until it says otherwise."""

    since_ms: int
    proven_at_ms: int
    is_level: bool = False


class DeviceState(msgspec.Struct):
    """What one device said last."""

    heard_at_ms: int | None = None  # None until the first log time after it was registered
    held: dict[str, Held] = {}
    run: Run | None = None
    pressed_at_ms: int | None = None  # the last press that was paged


class Sign(msgspec.Struct, frozen=True):
    """One sign of life that counted."""

    at_ms: int
    device_id: DeviceId
    metric: Metric
    grade: Grade


class PresenceState(msgspec.Struct):
    """Where an exit stands; home and away are read from it, they are not stored."""

    exit_at_ms: int | None = None  # the close or the last pulse; proven once exit_quiet_ms went by
    door_at_ms: int | None = None  # the last edge of any way out
    pulse_at_ms: int | None = None
    pulses: int = 0
    interior_at_ms: int | None = None
    blips: list[tuple[int, str]] = []  # absorbed while away


class HomeState(msgspec.Struct):
    """All that the rules remember of one home."""

    devices: dict[str, DeviceState] = {}
    presence: PresenceState = msgspec.field(default_factory=PresenceState)
    signs: list[Sign] = []  # newest last
    body_sign_at_ms: int | None = None  # the last sign that was not water
    room_motion: Sign | None = None
    pauses: list[tuple[int, int]] = []  # blind spans since the last sign
    open: dict[str, Finding] = {}
    weakly_cleared: Finding | None = None  # a silence broken by a weak sign only


class Watch:
    """One home under the rules: its record, its own limits, and what is remembered of it."""

    def __init__(self, home: Home, parameters: RuleParameters, state: HomeState) -> None:
        self.home = home
        self.limits = parameters.for_home(home.limits)
        self.hours = DayHours(home.zone_name, self.limits.day_begins_ms, self.limits.day_ends_ms)
        self.devices: dict[str, Device] = {device.id: device for device in home.devices}
        self.beating: tuple[Device, ...] = tuple(device for device in home.devices if device.heartbeat_ms is not None)
        self.state = state
        state.devices = {device.id: state.devices.get(device.id, DeviceState()) for device in home.devices}

    @property
    def last_sign(self) -> Sign | None:
        """The newest sign of life that counted."""
        return self.state.signs[-1] if self.state.signs else None


class Step(msgspec.Struct, frozen=True):
    """What a reading changed: the value before it, and whether it is the device's newest word."""

    before: Before
    before_at_ms: int | None
    is_newest: bool


def hold(device: DeviceState, reading: Reading) -> Step:
    """Remember a reading's value and return what was known before it, by event time.

    A backlog that arrives behind newer values is compared with itself; its first value has nothing before it.
    """
    held = device.held.get(reading.metric)
    at_ms = reading.observed_at_ms
    if held is None:
        device.held[reading.metric] = Held(reading.value, at_ms, at_ms)
        return Step(Before(is_first=True), None, is_newest=True)
    if at_ms >= held.at_ms:
        step = Step(Before(held.value), held.at_ms, is_newest=True)
        if held.value != reading.value:
            held.changed_at_ms = at_ms
        held.value, held.at_ms = reading.value, at_ms
        return step
    if reading.flags & Flag.REPLAY:
        return Step(Before(), None, is_newest=False)
    is_after_late = held.late_value is not None and at_ms >= held.late_at_ms
    step = Step(Before(held.late_value if is_after_late else None), None, is_newest=False)
    held.late_value, held.late_at_ms = reading.value, at_ms
    return step
