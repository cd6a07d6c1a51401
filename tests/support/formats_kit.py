"""What format tests share: conventions with install records, and what a message came to in one line each."""

import json

import pytest
from fixture_rows import NOW_MS

from core.log import ParkReason
from ingest.formats.conventions import Conventions
from ingest.raw import Message, RawReading, UnreadableError


class Ear:
    """Hears messages as ingest would, with the install records of a test."""

    def __init__(self, *, topics: tuple[str, ...] = ("#",), room: int = 100, **records: dict[str, str]) -> None:
        self._records = {address.replace("__", "/"): record for address, record in records.items()}
        self.conventions = Conventions(self.record, topics, room)

    def record(self, address: str) -> dict[str, str]:
        return self._records.get(address, {})

    def install(self, address: str, **record: str) -> None:
        self._records[address] = {name.replace("__", ":"): text for name, text in record.items()}

    def readings(self, topic: str, payload, *, retain=False, at_ms=NOW_MS) -> tuple[RawReading, ...]:
        data = payload if isinstance(payload, bytes) else as_bytes(payload)
        return self.conventions.decode(Message(topic, data, retain, at_ms))

    def hear(self, topic: str, payload, *, retain=False, at_ms=NOW_MS) -> dict[str, object]:
        """Return the values by metric, and by `part metric` for a part."""
        return {
            f"{one.part} {one.metric.value}".strip(): one.value
            for one in self.readings(topic, payload, retain=retain, at_ms=at_ms)
        }

    def refusal(self, topic: str, payload, *, retain=False) -> tuple[ParkReason, str]:
        with pytest.raises(UnreadableError) as caught:
            self.readings(topic, payload, retain=retain)
        return caught.value.reason, caught.value.detail


def as_bytes(payload) -> bytes:
    """Return a text as it stands and anything else as JSON."""
    return payload.encode() if isinstance(payload, str) else json.dumps(payload).encode()
