"""What decoding costs by convention: messages a second, against the native convention's single reading."""

import json
import sys
from collections.abc import Callable
from time import process_time

from figures import print_figure

from ingest.formats.conventions import Conventions
from ingest.raw import Message

NOW_MS = 1_795_392_300_000
ROUNDS, TIMES = 5, 5_000
TARGET = 0.2
"""Five native readings' worth for one message: still beyond 50,000 messages a second on one core."""

PACK_TARGET = 0.02
"""A pack of twenty may cost fifty native readings: half of what twenty messages cost with all that surrounds them."""

RECORDS = {
    "tasmota/board": {"Switch1": "open", "C1": "10 L"},
    "alink/pk/box": {"DoorOpen": "open", "WaterTotal": "m³"},
}
DEFINITIONS: list[tuple[str, object]] = [
    (
        "zigbee2mqtt/bridge/devices",
        [
            {
                "friendly_name": "h1/pir",
                "definition": {"exposes": [{"type": "binary", "property": "occupancy", "access": 1}]},
            }
        ],
    ),
    ("homie/5/d/$description", {"nodes": {"n": {"properties": {"total": {"datatype": "float", "unit": "m³"}}}}}),
    (
        "homeassistant/device/box/config",
        {
            "dev": {"ids": "box"},
            "state_topic": "box/state",
            "cmps": {
                "door": {"p": "binary_sensor", "dev_cla": "door", "val_tpl": "{{ value_json.door }}"},
                "water": {"p": "sensor", "dev_cla": "water", "unit_of_meas": "L", "val_tpl": "{{ value_json.water }}"},
                "power": {"p": "sensor", "dev_cla": "power", "unit_of_meas": "W", "val_tpl": "{{ value_json.w }}"},
            },
        },
    ),
]
PACK = [
    {"bn": "meter/", "bt": NOW_MS // 1000, "n": "power", "v": 1},
    *({"n": "power", "v": n, "t": n} for n in range(19)),
]
SENT: dict[str, tuple[str, object]] = {
    "native": ("care/h1/pir/event", {"ts": NOW_MS, "seq": 8841, "motion": True}),
    "senml pack of 20": ("care/h1/gateway/senml", PACK),
    "zigbee2mqtt": (
        "zigbee2mqtt/h1/pir",
        {
            "battery": 100,
            "illuminance": 12,
            "linkquality": 88,
            "occupancy": True,
            "last_seen": "2026-11-23T08:05:00+08:00",
        },
    ),
    "tasmota": ("tele/board/SENSOR", {"Time": "2026-11-23T08:01:02", "Switch1": "ON", "COUNTER": {"C1": 4711}}),
    "shelly": ("plug/status/switch:0", {"id": 0, "output": True, "apower": 1780.4, "aenergy": {"total": 7258.589}}),
    "homie": ("homie/5/d/n/total", 123.456),
    "home assistant, 3 entities": ("box/state", {"door": "ON", "water": 12345.6, "w": 3.1}),
    "alink": (
        "/sys/pk/box/thing/event/property/post",
        {
            "id": "1",
            "params": {"DoorOpen": {"value": 1, "time": NOW_MS}, "WaterTotal": {"value": 123.456, "time": NOW_MS}},
        },
    ),
}


def main() -> int:
    conventions = Conventions(lambda address: RECORDS.get(address, {}))
    for topic, body in DEFINITIONS:
        conventions.decode(Message(topic, json.dumps(body).encode(), True, NOW_MS))
    holds = True
    native = _message("native")
    for name in SENT:
        message = _message(name)
        assert conventions.decode(message)
        rates = [_rate(conventions.decode, message) for _ in range(ROUNDS)]
        baselines = [_rate(conventions.decode, native) for _ in range(ROUNDS)]
        target = PACK_TARGET if "pack" in name else TARGET
        holds &= print_figure(f"decode: {name}", "messages/s", rates, baselines, target=target)
        print(json.dumps({"name": f"decode: {name}", "microseconds": round(1e6 / max(rates), 2)}))
    return int(not holds)


def _message(name: str) -> Message:
    topic, body = SENT[name]
    return Message(topic, json.dumps(body).encode(), retain=False, received_at_ms=NOW_MS)


def _rate(decode: Callable[[Message], object], message: Message) -> float:
    start_s = process_time()
    for _ in range(TIMES):
        decode(message)
    return TIMES / (process_time() - start_s)


if __name__ == "__main__":
    sys.exit(main())
