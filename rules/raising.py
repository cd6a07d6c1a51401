"""A deadline that came true, as a finding: its priority, its sentence and the evidence it rests on."""

from zoneinfo import ZoneInfo

import msgspec

from core.events import Metric
from core.ids import DeviceId
from core.localtime import zone
from core.text import Bilingual
from registry.homes import Home
from rules.deadlines import SECOND_STAGE, SILENT_WATER, Deadline
from rules.device_silence import carries
from rules.findings import Evidence, Finding, FindingKind, Priority, finding_id
from rules.sentences import clock, device_named, evidence_of, fact, lasting
from rules.sign_words import signal_words
from rules.state import HomeState

_PRIORITIES = {
    FindingKind.INACTIVITY: Priority.P1,
    FindingKind.NO_RETURN: Priority.P2,
    FindingKind.NO_DOOR_OPENING: Priority.P2,
    FindingKind.CAME_IN_SILENT: Priority.P1,
    FindingKind.WATER_RUNNING: Priority.P2,
    FindingKind.DOOR_LEFT_OPEN: Priority.P2,
    FindingKind.POWER_OUT: Priority.P2,
    FindingKind.DEVICE_SILENT: Priority.P3,
    FindingKind.HOME_BLIND: Priority.P2,
    FindingKind.ROUTINE_CHANGED: Priority.P3,
    FindingKind.SENSOR_FAULT: Priority.P3,
    FindingKind.BATTERY_LOW: Priority.P3,
    FindingKind.WATER_BURST: Priority.P2,
    FindingKind.SLOW_LEAK: Priority.P3,
    FindingKind.HIGH_WATER: Priority.P3,
    FindingKind.LOW_WATER: Priority.P2,
    FindingKind.METER_FAULT: Priority.P3,
    FindingKind.NIGHT_OUT: Priority.P2,
    FindingKind.BATHROOM_SILENCE: Priority.P1,
    FindingKind.STOVE_ON: Priority.P2,
    FindingKind.HEATER_ON: Priority.P3,
    FindingKind.COLD_HOME: Priority.P2,
    FindingKind.HOT_HOME: Priority.P2,
    FindingKind.LOW_ACTIVITY: Priority.P3,
    FindingKind.NIGHT_TOILET: Priority.P3,
    FindingKind.INFRASTRUCTURE: Priority.P2,
    FindingKind.EMERGENCY: Priority.P0,
    FindingKind.FALL: Priority.P1,
    FindingKind.CONTACT_UNREACHABLE: Priority.P3,
    FindingKind.ROTA_GAP: Priority.P2,
    FindingKind.CANARY_SILENT: Priority.P2,
    FindingKind.STORAGE_TROUBLE: Priority.P2,
    FindingKind.SERVICE_DEAF: Priority.P2,
}

_WORDS = {
    FindingKind.INACTIVITY: ("自{since}起{lasting}没有任何活动", "no sign of life since {since}: {lasting}"),
    FindingKind.NO_RETURN: ("{since}出门，{lasting}未归", "went out at {since} and has not returned for {lasting}"),
    FindingKind.NO_DOOR_OPENING: (
        "大门自{since}起{lasting}没有开过",
        "the front door has not moved since {since}: {lasting}",
    ),
    FindingKind.CAME_IN_SILENT: (
        "{since}大门开关过，此后{lasting}屋内没有任何活动：可能进门后跌倒",
        "the front door moved at {since} and nothing inside for {lasting}: perhaps a fall on coming in",
    ),
    FindingKind.WATER_RUNNING: ("自{since}起水已连续流了{lasting}", "water has run since {since}: {lasting}"),
    FindingKind.DOOR_LEFT_OPEN: (
        "大门自{since}起开着，已{lasting}",
        "the front door has stood open since {since}: {lasting}",
    ),
    FindingKind.POWER_OUT: ("自{since}起停电{lasting}", "no electricity since {since}: {lasting}"),
    FindingKind.DEVICE_SILENT: (
        "设备{device}自{since}起失联{lasting}",
        "device {device} has been silent since {since}: {lasting}",
    ),
    FindingKind.HOME_BLIND: (
        "自{since}起看不到家中情况，已{lasting}，无法判断是否平安",
        "the home cannot be seen since {since}: {lasting}; nobody can say that all is well",
    ),
    FindingKind.SENSOR_FAULT: (
        "传感器{device}自{since}起不可信，已{lasting}",
        "sensor {device} cannot be relied on since {since}: {lasting}",
    ),
    FindingKind.BATTERY_LOW: ("{device}电池电量低", "the battery of {device} is low"),
    FindingKind.ROUTINE_CHANGED: ("作息有明显变化", "the routine has clearly changed"),
    FindingKind.WATER_BURST: (
        "自{since}起用水量异常大：可能爆管，请关总阀",
        "far more water than ever since {since}: perhaps a burst pipe, shut the main valve",
    ),
    FindingKind.SLOW_LEAK: (
        "自{since}起{lasting}内每小时都在用水：可能慢漏",
        "water in every hour since {since}, for {lasting}: perhaps a slow leak",
    ),
    FindingKind.HIGH_WATER: ("自{since}起24小时用水量很大", "very much water in the 24 hours since {since}"),
    FindingKind.LOW_WATER: ("自{since}起{lasting}几乎没有用水", "hardly any water since {since}: {lasting}"),
    FindingKind.METER_FAULT: ("水表读数异常", "the water meter cannot be right"),
    FindingKind.NIGHT_OUT: (
        "夜间{since}外出，{lasting}未归",
        "went out at night, at {since}, and is not back after {lasting}",
    ),
    FindingKind.BATHROOM_SILENCE: (
        "{since}进卫生间后{lasting}再无任何活动",
        "no sign of life since one in the bathroom at {since}: {lasting}",
    ),
    FindingKind.STOVE_ON: (
        "自{since}起厨房无人而电器一直开着，已{lasting}：可能忘关灶具",
        "power runs and nobody has been in the kitchen since {since}, for {lasting}: perhaps a stove left on",
    ),
    FindingKind.HEATER_ON: (
        "夜间大功率电器自{since}起一直开着，已{lasting}",
        "a heater has run in the night since {since}: {lasting}",
    ),
    FindingKind.COLD_HOME: ("自{since}起室温过低", "the home is too cold since {since}"),
    FindingKind.HOT_HOME: ("自{since}起室温过高", "the home is too hot since {since}"),
    FindingKind.LOW_ACTIVITY: ("活动明显减少", "far less activity than ever"),
    FindingKind.NIGHT_TOILET: ("夜间如厕次数增多", "more visits to the toilet at night than ever"),
    FindingKind.INFRASTRUCTURE: ("多户同时失联", "many homes fell silent together"),
    FindingKind.FALL: ("{since}设备报告有人跌倒", "a device reports a fall at {since}"),
    FindingKind.EMERGENCY: ("{since}收到紧急信号：{device}", "emergency signal at {since}: {device}"),
}
_SECOND_STAGE = (
    "首次提醒后仍无动静，自{since}起{lasting}没有任何活动",
    "still nothing after the first call was due: no sign of life since {since}, {lasting}",
)
_SILENT_WATER = (
    "自{since}起水一直在流，且{lasting}无人走动：可能跌倒",
    "water has run since {since} and nobody has moved for {lasting}: perhaps a fall",
)
_SILENT_GATEWAY = (  # any word that one carries proves it alive: its date is theirs too
    "网关{device}及经网关接入的设备自{since}起没有任何消息，已{lasting}",
    "nothing from gateway {device} or from any device behind a gateway since {since}: {lasting}",
)
_SIGNALS = frozenset({FindingKind.EMERGENCY, FindingKind.FALL})


def usual_priority(kind: FindingKind) -> Priority:
    """Return the priority of a kind; water that runs while nobody moves is graver than its kind."""
    return _PRIORITIES[kind]


def raised(deadline: Deadline, kind: FindingKind, state: HomeState, home: Home) -> Finding:
    """Return the finding of a deadline; the same deadline always gives the same id."""
    tz = zone(home.zone_name)
    is_silent_water = deadline.detail == SILENT_WATER
    quiet_from_ms = max(deadline.since_ms, state.last_dry_sign_ms or 0) if is_silent_water else deadline.since_ms
    words = _WORDS[kind]
    if is_silent_water:
        words = _SILENT_WATER
    is_second = kind is FindingKind.INACTIVITY and deadline.detail == SECOND_STAGE
    if is_second:
        words = _SECOND_STAGE
    if kind is FindingKind.DEVICE_SILENT and carries(home, deadline.detail):
        words = _SILENT_GATEWAY
    long, since = lasting(deadline.due_ms - quiet_from_ms), clock(deadline.since_ms, tz)
    who = _device_words(home, deadline.detail)
    sentence = Bilingual(
        words[0].format(since=since, device=who.zh, lasting=long.zh),
        words[1].format(since=since, device=who.en, lasting=long.en),
    )
    usual = Priority.P0 if is_silent_water else _PRIORITIES[kind]
    return Finding(
        id=finding_id(home.id, kind, deadline.since_ms, deadline.detail),
        home_id=home.id,
        kind=kind,
        priority=usual if deadline.priority is None else deadline.priority,
        at_ms=deadline.due_ms,
        since_ms=deadline.since_ms,
        evidence=_evidence(deadline, state, home, tz),
        sentence=deadline.sentence or sentence,
        stage=2 if is_second else 1,
    )


def judged_by(finding: Finding, version: int) -> Finding:
    """Return a finding whose evidence names the version of the rulebook that it was judged by."""
    named = fact(finding.at_ms, f"依据第{version}版规则", f"judged by rules v{version}")
    return msgspec.structs.replace(finding, evidence=(*finding.evidence, named))


def stamped(found: tuple[Finding, ...], version: int) -> tuple[Finding, ...]:
    """Say in the evidence of what begins which rules it was judged by."""
    return tuple(one if one.is_cleared else judged_by(one, version) for one in found)


def _evidence(deadline: Deadline, state: HomeState, home: Home, tz: ZoneInfo) -> tuple[Evidence, ...]:
    last = _signal(deadline, home, tz) or _limit(deadline, tz)
    last = msgspec.structs.replace(last, device_id=_device_meant(home, deadline.detail))
    return (*(evidence_of(sign, home, tz) for sign in state.signs), *deadline.facts, last)


def _signal(deadline: Deadline, home: Home, tz: ZoneInfo) -> Evidence | None:
    """Return what a device signalled; None of what is no signal: a pressed button has no limit that is used up."""
    metric, _, device_id = deadline.detail.partition(" ")
    is_leak = deadline.what is FindingKind.WATER_RUNNING and metric == Metric.WET
    if deadline.what not in _SIGNALS and not is_leak:
        return None
    at, what, who = clock(deadline.since_ms, tz), signal_words(metric), _device_words(home, device_id)
    return fact(deadline.since_ms, f"{at} {who.zh}发出信号：{what.zh}", f"{at} {who.en} signalled: {what.en}")


def _limit(deadline: Deadline, tz: ZoneInfo) -> Evidence:
    since, due = clock(deadline.since_ms, tz), clock(deadline.due_ms, tz)
    return fact(deadline.due_ms, f"限度于{due}用完（自{since}计）", f"the limit was used up at {due}, from {since}")


def _device_words(home: Home, detail: str) -> Bilingual:
    meant = _device_meant(home, detail)
    device = next((one for one in home.devices if one.id == meant), None)
    if device is None:
        return Bilingual(detail, detail)
    named, before = device_named(device), detail.removesuffix(device.id)
    return Bilingual(f"{before}{named.zh}", f"{before}{named.en}")


def _device_meant(home: Home, detail: str) -> DeviceId | None:
    """Return the device that a detail tells apart."""
    return next((one.id for one in home.devices if one.id == detail.rsplit(" ", 1)[-1]), None)
