"""What a sign of life is called in each language: the room it came from and what was noticed."""

from difflib import get_close_matches

from core.events import Metric
from core.text import Bilingual

_SEEN: dict[str, Bilingual] = {
    Metric.OPEN: Bilingual("门有开合", "the door moved"),
    Metric.MOTION: Bilingual("有人活动", "movement"),
    Metric.PRESENCE: Bilingual("有人在", "somebody present"),
    Metric.WATER_FLOW_L_H: Bilingual("用水", "water drawn"),
    Metric.WATER_TOTAL_L: Bilingual("用水", "water drawn"),
    Metric.POWER_W: Bilingual("开了电器", "an appliance switched on"),
    Metric.ENERGY_TOTAL_WH: Bilingual("用电增加", "more electricity used"),
    Metric.SOS: Bilingual("按了求助按钮", "the call button pressed"),
}

_SIGNALS: dict[str, Bilingual] = {
    Metric.SOS: Bilingual("求助", "a call for help"),
    Metric.SMOKE: Bilingual("烟雾报警", "smoke"),
    Metric.GAS: Bilingual("燃气报警", "gas"),
    Metric.CO: Bilingual("一氧化碳报警", "carbon monoxide"),
    Metric.WET: Bilingual("漏水", "a leak"),
    Metric.DEVICE_ALERT: Bilingual("有人跌倒", "a fall"),
}
_ROOMS = (
    Bilingual("客厅", "living room"),
    Bilingual("卧室", "bedroom"),
    Bilingual("厨房", "kitchen"),
    Bilingual("卫生间", "bathroom"),
    Bilingual("餐厅", "dining room"),
    Bilingual("门厅", "hall"),
    Bilingual("玄关", "entryway"),
    Bilingual("阳台", "balcony"),
    Bilingual("书房", "study"),
)
_SPOKEN = {word.replace(" ", joint): room for room in _ROOMS for word in (room.zh, room.en) for joint in (" ", "_", "")}


_PARTS = (
    "卧",
    "睡房",
    "厨",
    "灶",
    "厅",
    "卫",
    "厕",
    "浴",
    "阳台",
    "书房",
    "玄关",
    "院",
    "车库",
    "储藏",
    "走廊",
    "楼梯",
)
"""Of Chinese names of rooms: 主卧 and 东厨房 are no slips of the pen."""

_NUMBERS = "0123456789一二三四五六七八九十 _-"


def is_known_room(room: str) -> bool:
    """Return whether a name is a usual room's, with or without a number."""
    name = room.lower()
    return name in _SPOKEN or name.rstrip(_NUMBERS) in _SPOKEN or any(part in room for part in _PARTS)


def near_room(room: str) -> Bilingual | None:
    """Return the usual room that somebody who wrote an unusual name may have meant."""
    near = get_close_matches(room.lower(), _SPOKEN, n=1)
    return _SPOKEN[near[0]] if near else None


def signal_words(metric: str) -> Bilingual:
    """Return what a signal that pages is called."""
    return _SIGNALS.get(metric, Bilingual(metric, metric))


def seen_words(metric: str) -> Bilingual:
    """Return what was noticed; a metric's own name where no sign of life is made of it."""
    return _SEEN.get(metric, Bilingual(metric, metric))


def room_words(room: str) -> Bilingual:
    """Return a usual room's name in both languages, any other as the install record has it."""
    return _SPOKEN.get(room.lower(), Bilingual(room, room))
