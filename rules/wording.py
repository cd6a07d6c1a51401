"""What takes a finding back, in the words of its kind."""

from zoneinfo import ZoneInfo

import msgspec

from core.localtime import zone
from core.text import Bilingual
from registry.homes import Home
from rules.findings import Finding, FindingKind, Priority, finding_id
from rules.sentences import evidence_of
from rules.state import Sign
from rules.watch import Clear

_CLEARED = {
    FindingKind.INACTIVITY: Bilingual("重新有活动", "there is activity again"),
    FindingKind.NO_RETURN: Bilingual("已回家", "back home"),
    FindingKind.NO_DOOR_OPENING: Bilingual("大门又开过", "the front door has moved again"),
    FindingKind.CAME_IN_SILENT: Bilingual("进门后已有活动", "there is activity inside"),
    FindingKind.WATER_RUNNING: Bilingual("用水已停止", "the water has stopped"),
    FindingKind.DOOR_LEFT_OPEN: Bilingual("大门已关上", "the front door is closed"),
    FindingKind.POWER_OUT: Bilingual("已恢复供电", "electricity is back"),
    FindingKind.DEVICE_SILENT: Bilingual("设备恢复通信", "the device speaks again"),
    FindingKind.HOME_BLIND: Bilingual("家中恢复可见", "the home can be seen again"),
    FindingKind.SENSOR_FAULT: Bilingual("传感器恢复正常", "the sensor works again"),
    FindingKind.BATTERY_LOW: Bilingual("电池已更换", "the battery is good again"),
    FindingKind.ROUTINE_CHANGED: Bilingual("作息恢复", "the routine is the usual one again"),
    FindingKind.WATER_BURST: Bilingual("用水量恢复正常", "the flow is ordinary again"),
    FindingKind.SLOW_LEAK: Bilingual(
        "水表有一小时不走，慢漏已停", "the register stood for an hour: the leak has stopped"
    ),
    FindingKind.HIGH_WATER: Bilingual("日用水量恢复正常", "the day's water is ordinary again"),
    FindingKind.LOW_WATER: Bilingual("又开始用水", "water is used again"),
    FindingKind.NIGHT_OUT: Bilingual("已回家", "back home"),
    FindingKind.BATHROOM_SILENCE: Bilingual("重新有活动", "there is activity again"),
    FindingKind.STOVE_ON: Bilingual("厨房有人或电器已关", "somebody is in the kitchen, or it is switched off"),
    FindingKind.HEATER_ON: Bilingual("大功率电器已关", "the heater is switched off"),
    FindingKind.COLD_HOME: Bilingual("室温已回升", "the home is warm again"),
    FindingKind.HOT_HOME: Bilingual("室温已下降", "the home has cooled down"),
    FindingKind.LOW_ACTIVITY: Bilingual("活动恢复平常", "activity is ordinary again"),
    FindingKind.NIGHT_TOILET: Bilingual("夜间如厕恢复平常", "the nights are ordinary again"),
    FindingKind.METER_FAULT: Bilingual("水表计量恢复正常", "the water meter counts again"),
    FindingKind.INFRASTRUCTURE: Bilingual("大范围故障已恢复", "the infrastructure works again"),
    FindingKind.FALL: Bilingual("此后别处有活动", "somebody is up and about elsewhere"),
    FindingKind.EMERGENCY: Bilingual("报警信号已解除", "the emergency signal has ended"),
}


def cleared(finding: Finding, log_ms: int, home: Home, clear: Clear) -> Finding:
    """Return the finding that takes a finding back, and by which sign; always with the same id."""
    tz, strength = zone(home.zone_name), "cleared" if clear.clears_alert else "weakly cleared"
    sign = clear.sign
    return msgspec.structs.replace(
        finding,
        id=finding_id(finding.home_id, finding.kind, finding.since_ms, f"{clear.detail} {strength}"),
        priority=Priority(finding.priority),
        at_ms=log_ms,
        evidence=() if sign is None else (evidence_of(sign, home, tz),),
        sentence=clear.why or _cleared_sentence(finding.kind, sign, home, tz),
        is_cleared=True,
        takes_back=finding.id,
        clears_alert=clear.clears_alert,
    )


def _cleared_sentence(kind: FindingKind, sign: Sign | None, home: Home, tz: ZoneInfo) -> Bilingual:
    words = _CLEARED[kind]
    if sign is None:
        return words
    text = evidence_of(sign, home, tz).text
    return Bilingual(f"{words.zh}：{text.zh}", f"{words.en}: {text.en}")
