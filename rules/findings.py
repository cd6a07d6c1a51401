"""A finding: what a rule noticed, since when, on which evidence, in one sentence of each language."""

from collections.abc import Sequence
from enum import IntEnum, StrEnum

import msgspec

from core.ids import DeviceId, FindingId, HomeId, derived_id
from core.text import Bilingual


class FindingKind(StrEnum):
    """The rules of this release; docs/rules.md has a heading for each."""

    INACTIVITY = "inactivity"
    NO_RETURN = "no_return"
    NO_DOOR_OPENING = "no_door_opening"  # where nothing but the front door is seen
    CAME_IN_SILENT = "came_in_silent"
    WATER_RUNNING = "water_running"
    DOOR_LEFT_OPEN = "door_left_open"
    POWER_OUT = "power_out"
    DEVICE_SILENT = "device_silent"
    HOME_BLIND = "home_blind"
    ROUTINE_CHANGED = "routine_changed"
    SENSOR_FAULT = "sensor_fault"
    BATTERY_LOW = "battery_low"
    WATER_BURST = "water_burst"
    SLOW_LEAK = "slow_leak"
    HIGH_WATER = "high_water"
    LOW_WATER = "low_water"
    METER_FAULT = "meter_fault"
    NIGHT_OUT = "night_out"
    BATHROOM_SILENCE = "bathroom_silence"
    STOVE_ON = "stove_on"
    HEATER_ON = "heater_on"
    COLD_HOME = "cold_home"
    HOT_HOME = "hot_home"
    LOW_ACTIVITY = "low_activity"
    NIGHT_TOILET = "night_toilet"
    INFRASTRUCTURE = "infrastructure"  # of a village, not of a home
    EMERGENCY = "emergency"  # SOS, smoke, gas, CO
    FALL = "fall"  # that a radar or a pendant claims
    CONTACT_UNREACHABLE = "contact_unreachable"  # nobody can be rung for the person
    ROTA_GAP = "rota_gap"  # this one and those below are of the service itself, not of a home
    CANARY_SILENT = "canary_silent"
    STORAGE_TROUBLE = "storage_trouble"
    SERVICE_DEAF = "service_deaf"


class Priority(IntEnum):
    """P0 life hazard, P1 suspected incapacity, P2 hazard of property or welfare, P3 technical; lower is graver."""

    P0 = 0
    P1 = 1
    P2 = 2
    P3 = 3


class Evidence(msgspec.Struct, frozen=True):
    """One reading or fact that a finding rests on."""

    at_ms: int
    device_id: DeviceId | None
    grade: str  # "A".."D" as rules/grading.py grades signs of life, or "fact"
    text: Bilingual


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing a rule says about one home. `is_cleared` says that the same finding no longer holds."""

    id: FindingId
    home_id: HomeId
    kind: FindingKind
    priority: Priority
    at_ms: int  # when it became true, on the log's clock
    since_ms: int  # when what it is about began, event time
    evidence: tuple[Evidence, ...]
    sentence: Bilingual
    stage: int = 1  # 2: the resident was called and is still silent; others are to be told
    is_cleared: bool = False
    held_by: FindingId | None = None  # the infrastructure finding that explains it
    clears_alert: bool = False  # a fresh, strong sign of life: an alert that nobody answered yet may be withdrawn
    takes_back: FindingId | None = None  # of an end: the finding that it ends, if it does not bear the same id
    arrived_ms: int = 0  # when the journal had what it was found by; 0: unknown (the service itself, older rows)


def finding_id(home_id: HomeId, kind: FindingKind, since_ms: int, detail: str = "") -> FindingId:
    """Return the id that a replay of the same log gives again; `detail` tells two devices of one home apart."""
    return FindingId(derived_id("finding", home_id, kind, since_ms, detail))


def arrived(findings: Sequence[Finding], log_ms: int) -> tuple[Finding, ...]:
    """Return findings with the time of the journal entry that they were found by; `at_ms` may be long before it."""
    return tuple(msgspec.structs.replace(finding, arrived_ms=log_ms) for finding in findings)
