"""What the value of a recorded line says: on, off, or a number with its unit; in English and Chinese."""

import math
import re

import msgspec

ON = frozenset({
    "on", "open", "opened", "true", "present", "presence", "wet", "1", "motion", "motion detected", "detected",
    "active", "activated", "yes", "alarm", "pressed", "occupied", "triggered", "trigger", "movement", "motion start",
    "leak", "smoke", "有人", "有", "打开", "开", "开门", "开启", "已开", "开着", "触发", "是", "报警", "移动",
    "有移动", "检测到移动", "检测到有人", "有人移动", "活动", "按下", "漏水", "告警",
})  # fmt: skip
OFF = frozenset({
    "off", "close", "closed", "false", "absent", "dry", "0", "no motion", "no motion detected", "not detected", "clear",
    "cleared", "inactive", "idle", "no", "normal", "released", "unoccupied", "standby", "motion end", "motion stop",
    "无人", "无", "关闭", "关", "关门", "关上", "已关", "正常", "否", "未触发", "静止", "无移动",
    "未检测到移动", "没人", "解除", "恢复",
})  # fmt: skip
DOOR_WORDS = frozenset({
    "open", "opened", "close", "closed", "打开", "开门", "关门", "开", "关", "关闭", "关上", "开启", "已开", "已关",
})  # fmt: skip

_NUMBER = re.compile(r"(?P<number>[-+]?(?:\d[\d.,' ]*\d|\d|[.,]\d+)(?:[eE][-+]?\d+)?)\s*(?P<unit>[^\d\s][^\d]*\d?.*)?")
_GROUPED = re.compile(r"[-+]?\d{1,3}([,' ]\d{3})+(\.\d+)?")


class Quantity(msgspec.Struct, frozen=True):
    """A number and the unit written behind it, empty when none is."""

    number: float
    unit: str = ""


def plain(word: str) -> str:
    """Return a value's words as they are compared."""
    return re.sub(r"[\s_\-.!。！]+", " ", word.casefold()).strip()


def switch_of(word: str) -> bool | None:
    """Return whether words say on or off; None when they say neither."""
    words = plain(word)
    return True if words in ON else False if words in OFF else None


def quantity_of(word: str) -> Quantity | None:
    """Return the number that a value shows; None when it shows none that is finite."""
    found = _NUMBER.fullmatch(word.strip())
    if found is None:
        return None
    text = found["number"]
    if _GROUPED.fullmatch(text):
        text = re.sub(r"[,' ]", "", text)
    try:
        number = float(text.replace(" ", "").replace("'", "").replace(",", "."))
    except ValueError:
        return None
    return Quantity(number, (found["unit"] or "").strip()) if math.isfinite(number) else None
