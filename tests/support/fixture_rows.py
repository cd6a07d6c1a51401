"""The specification's payload fixtures as rows, and when each message arrives."""

import json
from datetime import datetime

from shared_data import shared_file

from core.localtime import to_ms

NOW_MS = to_ms(datetime.fromisoformat("2026-11-23T08:00:00+08:00"))
EXPOSES = [
    {
        "friendly_name": "h0123/water",
        "definition": {
            "exposes": [
                {"type": "numeric", "property": "water_consumed", "unit": "m³"},
                {"type": "switch", "features": [{"type": "numeric", "property": "flow", "unit": "m³/h"}]},
            ]
        },
    },
    {"friendly_name": "Coordinator", "definition": None},
]


def address_of(topic: str) -> str:
    for suffix in ("/event", "/availability", "/state"):
        topic = topic.removesuffix(suffix)
    return topic


def rows(convention: str) -> list[dict]:
    text = shared_file("spec/payload_fixtures.jsonl").read_text(encoding="utf-8")
    return [row for row in map(json.loads, text.splitlines()) if row["conv"] == convention]


def arrival_ms(row: dict) -> int:
    """A message arrives a second after it was seen, unless the row says that it is an old state sent again."""
    body = json.loads(row["payload"]) if row["payload"].startswith("{") else {}
    if "last_seen" not in body or "cached state" in row["name"]:
        return NOW_MS
    return to_ms(datetime.fromisoformat(body["last_seen"])) + 1_000
