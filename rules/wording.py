"""The sentences of findings that no longer hold."""

from zoneinfo import ZoneInfo

from core.text import Bilingual
from registry.homes import Home
from rules.findings import FindingKind
from rules.sentences import evidence_of
from rules.state import Sign

_CLEARED = {
    FindingKind.INACTIVITY: Bilingual("重新有活动", "there is activity again"),
    FindingKind.NO_RETURN: Bilingual("已回家", "back home"),
    FindingKind.WATER_RUNNING: Bilingual("用水已停止", "the water has stopped"),
    FindingKind.DOOR_LEFT_OPEN: Bilingual("大门已关上", "the front door is closed"),
    FindingKind.POWER_OUT: Bilingual("已恢复供电", "electricity is back"),
    FindingKind.DEVICE_SILENT: Bilingual("设备恢复通信", "the device speaks again"),
    FindingKind.HOME_BLIND: Bilingual("家中恢复可见", "the home can be seen again"),
    FindingKind.ROUTINE_CHANGED: Bilingual("作息恢复", "the routine is the usual one again"),
    FindingKind.EMERGENCY: Bilingual("报警信号已解除", "the emergency signal has ended"),
}


def cleared_sentence(kind: FindingKind, sign: Sign | None, home: Home, tz: ZoneInfo) -> Bilingual:
    """Return the sentence that says that a finding no longer holds, and by which sign."""
    words = _CLEARED[kind]
    if sign is None:
        return words
    text = evidence_of(sign, home, tz).text
    return Bilingual(f"{words.zh}：{text.zh}", f"{words.en}: {text.en}")
