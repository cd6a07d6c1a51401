"""What a sensor probably is, from its name and from what it says; English and Chinese; every guess is told."""

import re
from collections.abc import Collection

from app.evaluation.csv_words import DOOR_WORDS, plain, quantity_of, switch_of
from device_sim.map_tables import device_name
from registry.homes import DeviceRole

_DOOR = re.compile(
    r"(outside|front|main|entr\w*|exit|apartment|back)_?(door|entry\w*)|^d\d+$|entrance|^door(_?(sensor|contact))?$"
    r"|入户门|大门|防盗门|进户门|户门|外门|门口|玄关|入口|^门磁|前门|后门|^门$"
)
_CONTACT = re.compile(r"door$|^d\d+$|contact|门磁|门$")
_INNER_DOOR = re.compile(r"房门|室门|间门|柜|冰箱|抽屉|药盒|window|窗|drawer|cabinet")
_ROOMS = (
    (re.compile(r"toilet|bath|shower|wc|washroom|restroom|卫生间|厕所|洗手间|浴室|盥洗|淋浴|卫浴"),
     DeviceRole.BATHROOM_MOTION),
    (re.compile(r"(^|_)bed($|_|\d)|床|睡眠"), DeviceRole.BED_MOTION),
)  # fmt: skip
_ALARMS = (
    (re.compile(r"sos|panic|emergency|pull_?cord|紧急|求助|呼救|拉绳"), DeviceRole.SOS_BUTTON),
    (re.compile(r"smoke|(^|_)gas($|_|\d)|(^|_)co($|_|\d)|烟感|烟雾|燃气|煤气"), DeviceRole.SMOKE_GAS_CO),
    (re.compile(r"leak|水浸|漏水"), DeviceRole.LEAK),
)
_NUMBERS = (
    (re.compile(r"kettle|cooker|stove|oven|plug|microwave|插座|电饭|水壶"), DeviceRole.APPLIANCE),
    (re.compile(r"power|watt|electric|mains|energy|kwh|电表|用电|电量|功率|电能"), DeviceRole.POWER_METER),
    (re.compile(r"water|meter|litre|liter|flow|m3|水表|用水|自来水|水量|流量"), DeviceRole.WATER_METER),
    (re.compile(r"temp|climate|^t\d+$|温度|温湿"), DeviceRole.CLIMATE),
)
_FIXTURES = re.compile(r"basin|sink|shower|toilet|bidet|dish|wash|tap|faucet|水龙头|马桶|花洒|洗衣")
_PLACES = re.compile(
    r"room|kitchen|hall|bed|bath|toilet|living|dining|office|study|stair|corridor|balcony|door|entr|area|motion|pir"
    r"|presence|radar|^m\d+$|^ma\d+$|室|厅|厨|卫|厕|廊|房|阳台|人体|红外|雷达|门|床"
)
ASIDE = re.compile(
    r"^ls\d|light|lux|illum|batt|bat[pv]|^ba\d|rssi|lqi|signal|humid|pressure|(?<!温)湿度|光照|亮度|电池|信号"
)
"""Numbers that say nothing of a person: known, and left aside on purpose."""

MOST_COUNTED = 300
"""Events of one room in one line; higher numbers are no counts."""

FEW = 30
"""What a tap gives is hardly ever so little in every line: such small whole numbers are counts."""


def guess(sensor: str, words: Collection[str]) -> DeviceRole | None:
    """Return what a sensor probably is, from its name and some of its values; None when nothing tells."""
    name, said = device_name(sensor), {plain(word) for word in words}
    is_switch = bool(said) and all(_is_bit(word) for word in said)
    is_switch = is_switch or any(switch_of(word) is not None and quantity_of(word) is None for word in said)
    if is_switch:
        return _switching(name, said)
    if ASIDE.search(name):
        return None
    if all(quantity_of(word) is None for word in said):  # words that nobody knows: its lines will say so
        return _switching(name, said) if _PLACES.search(name) else None
    most = _most_counted(said)
    by_name = next((role for pattern, role in _NUMBERS if pattern.search(name)), None)
    if by_name is None and _FIXTURES.search(name) and not (most is not None and most <= FEW):
        return DeviceRole.WATER_METER
    if by_name is not None:
        return by_name
    return _switching(name, said) if most is not None and _PLACES.search(name) else None


def is_aside(sensor: str) -> bool:
    """Return whether a sensor that could not be guessed is one that shows no person anyhow."""
    return ASIDE.search(device_name(sensor)) is not None


def _switching(name: str, said: Collection[str]) -> DeviceRole:
    alarm = next((role for pattern, role in _ALARMS if pattern.search(name)), None)
    if alarm is not None:
        return alarm
    is_opening = not DOOR_WORDS.isdisjoint(said)
    if _DOOR.search(name) and not _INNER_DOOR.search(name):
        is_contact = is_opening or _CONTACT.search(name) is not None
        return DeviceRole.OUTSIDE_DOOR if is_contact else DeviceRole.OUTSIDE_DOOR_MOTION
    if is_opening or _INNER_DOOR.search(name):
        return DeviceRole.INTERIOR_DOOR
    return next((role for pattern, role in _ROOMS if pattern.search(name)), DeviceRole.INTERIOR_MOTION)


def _is_bit(word: str) -> bool:
    return word in {"0", "1"}


def _most_counted(said: Collection[str]) -> float | None:
    """Return the highest of some values when all are counts of events; None when one is not."""
    found = [quantity_of(word) for word in said]
    numbers = [each.number for each in found if each is not None and not each.unit]
    if len(numbers) < len(found) or not numbers:
        return None
    is_counted = all(number == int(number) and 0 <= number <= MOST_COUNTED for number in numbers)
    return max(numbers) if is_counted else None
