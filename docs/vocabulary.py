"""The words that an installer writes into home.toml and a device into its messages, as rows of tables."""

from collections.abc import Iterable

from api.wording import said
from core.events import Metric
from core.text import Bilingual
from device_sim.sensor_map import METRIC_OF_ROLE
from ingest.formats.native import WORDS
from registry.annex1_words import CAPACITY_WORDS, CATEGORY_WORDS
from registry.homes import ContactRole, DeviceRole
from registry.people import Capacity, Category

TRUTH = "true / false"
METRICS = {
    Metric.OPEN: (TRUTH, Bilingual("门开着", "the door stands open")),
    Metric.MOTION: (TRUTH, Bilingual("有人走动", "something moves")),
    Metric.PRESENCE: (TRUTH, Bilingual("有人在（毫米波）", "somebody is there (mmWave)")),
    Metric.WET: (TRUTH, Bilingual("漏水", "a leak")),
    Metric.SMOKE: (TRUTH, Bilingual("烟雾", "smoke")),
    Metric.GAS: (TRUTH, Bilingual("燃气", "gas")),
    Metric.CO: (TRUTH, Bilingual("一氧化碳", "carbon monoxide")),
    Metric.SOS: (TRUTH, Bilingual("按了求助按钮", "the button was pressed")),
    Metric.TAMPER: (TRUTH, Bilingual("设备被拆开", "the device was opened")),
    Metric.WATER_TOTAL_L: ("L", Bilingual("水表读数，只增", "a water register that grows")),
    Metric.WATER_FLOW_L_H: ("L/h", Bilingual("水流量", "flow of water")),
    Metric.POWER_W: ("W", Bilingual("功率", "power")),
    Metric.ENERGY_TOTAL_WH: ("Wh", Bilingual("电表读数，只增", "an electricity register that grows")),
    Metric.MAINS: (TRUTH, Bilingual("有市电；false 为停电", "on the mains; false: on its battery")),
    Metric.TEMPERATURE_C: ("°C", Bilingual("室温", "temperature of the room")),
    Metric.BATTERY_PERCENT: ("%", Bilingual("电池余量", "what the battery has left")),
    Metric.BATTERY_LOW: (TRUTH, Bilingual("电池将尽", "the battery is nearly empty")),
    Metric.ONLINE: (TRUTH, Bilingual("心跳，或遗言", "a heartbeat, or a last will")),
    Metric.BRIDGE_ONLINE: (TRUTH, Bilingual("网桥的遗言", "a bridge's own last will")),
    Metric.DEVICE_ALERT: (
        "text",
        Bilingual('设备自身的报警名；"" 为已解除', 'its own alerts by name; "" none any more'),
    ),
}


def vocabulary() -> str:
    """Return a table for each kind of word; raises KeyError for one that nobody has explained."""
    roles = [(role, said("device", role), f"`{METRIC_OF_ROLE[role]}`") for role in DeviceRole]
    tables = (
        ("`role` of a sensor 传感器", "usual metric", roles),
        ("`role` of a contact 联系人", "", [(role, said("role", role), "") for role in ContactRole]),
        ("`categories` of a person 类别", "", [(one, CATEGORY_WORDS[one], "") for one in Category]),
        ("`capacity` of a person 能力", "", [(one, CAPACITY_WORDS[one], "") for one in Capacity]),
        ("native metric 指标", "value", [(name, METRICS[Metric(name)][1], METRICS[Metric(name)][0]) for name in WORDS]),
    )
    return "\n\n".join(_table(*table) for table in tables)


def _table(title: str, column: str, rows: Iterable[tuple[str, Bilingual, str]]) -> str:
    head = [title, "中文", "English", column]
    lines = [head, ["---"] * 4, *([f"`{word}`", text.zh, text.en, more] for word, text, more in rows)]
    return "\n".join(f"| {' | '.join(line if column else line[:3])} |" for line in lines)
