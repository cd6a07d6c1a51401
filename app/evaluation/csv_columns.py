"""Which column of a table holds the time, the sensor, the value and the unit, by the words that headers use."""

import re
from collections.abc import Sequence
from pathlib import Path

import msgspec

from app.evaluation.csv_text import Table
from app.evaluation.csv_times import Times
from core.errors import ConfigurationError

TIME = frozenset({
    "localtime", "time", "timestamp", "datetime", "ts", "when", "occurredat", "createdat", "recordedat", "lastchanged",
    "时间", "日期时间", "时间戳", "采集时间", "发生时间", "上报时间", "记录时间", "抄表时间",
})  # fmt: skip
DATE = frozenset({"date", "day", "localdate", "日期"})
SENSOR = frozenset({
    "sensor", "sensorid", "sensorname", "device", "deviceid", "devicename", "entity", "entityid", "name", "topic", "id",
    "location", "room", "channel", "传感器", "传感器名称", "设备", "设备名称", "设备名", "名称", "位置", "房间", "点位",
})  # fmt: skip
VALUE = frozenset({
    "value", "state", "status", "message", "event", "reading", "val", "data", "newstate", "payload", "action", "count",
    "值", "数值", "状态", "读数", "事件", "动作", "数据", "示数", "取值",
})  # fmt: skip
UNIT = frozenset({"unit", "units", "unitofmeasurement", "uom", "单位"})
THREE = 3


class Columns(msgspec.Struct, frozen=True):
    """Places of the columns; `unit_of_all` stands in the value's own heading, e.g. "value (kWh)"."""

    time: int
    sensor: int
    value: int
    date: int | None = None
    unit: int | None = None
    unit_of_all: str = ""
    is_headless: bool = False  # what stands as header is the first row


def columns_of(path: Path, table: Table, times: Times) -> Columns:
    """Return the columns of a table; raises ConfigurationError when no time, sensor and value can be told."""
    words = [re.sub(r"[\s_\-:/.\"']+", "", re.sub(r"[(\[（].*", "", cell)).lower() for cell in table.header]
    date, time = _first(words, DATE), _first(words, TIME)
    if time is None:
        date, time = None, date
    sensor, value = _first(words, SENSOR), _first(words, VALUE)
    if time is not None and sensor is not None and value is not None:
        unit = re.search(r"[(\[（]([^)\]）]*)", table.header[value])
        return Columns(time, sensor, value, date, _first(words, UNIT), unit[1].strip() if unit else "")
    if len(table.header) == THREE and times.is_time(table.header[0]):
        return Columns(0, 1, 2, is_headless=True)
    found = [name for name, at in (("time", time), ("sensor", sensor), ("value", value)) if at is None]
    raise ConfigurationError(
        f"the header is {','.join(table.header)!r:.80}: no column for {', '.join(found)}",
        where=f"{path}, line 1",
        remedy="use local_time,sensor,value | user_key,local_time,meter_litres | window_start,<room>,...",
    )


def _first(words: Sequence[str], known: frozenset[str]) -> int | None:
    return next((place for place, word in enumerate(words) if word in known), None)
