"""Definitions over a restart: the file and the store in memory keep the same promises, and admission hears them first."""

import json

import pytest
from fixture_rows import NOW_MS
from ingest_directory import DirectoryInMemory

from core.errors import ConfigurationError, DurabilityError
from ingest.admission import Admission
from store.definitions import DefinitionFile

DEVICES = "zigbee2mqtt/bridge/devices"


class DefinitionsInMemory:
    """Keeps definitions by key; the newest stands last."""

    def __init__(self) -> None:
        self.saves = 0
        self._kept: dict[str, tuple[str, bytes]] = {}

    def load(self):
        return list(self._kept.values())

    def save(self, changes) -> None:
        self.saves += 1
        for key, (topic, payload) in changes.items():
            self._kept.pop(key, None)
            if payload:
                self._kept[key] = (topic, payload)

    def close(self) -> None:
        pass


@pytest.fixture(params=["memory", "file"])
def store(request, tmp_path):
    store = DefinitionsInMemory() if request.param == "memory" else DefinitionFile(tmp_path / "var" / "d.sqlite")
    yield store
    store.close()


def listed(unit):
    exposes = [{"type": "numeric", "property": "water_consumed", "access": 1, "unit": unit}]
    return json.dumps([{"friendly_name": "h1/water", "definition": {"exposes": exposes}}]).encode()


def hear(door, topic, payload, *, retain=False):
    admitted = door.admit(topic, payload, retain=retain, received_at_ms=NOW_MS)
    door.keep_definitions()
    return admitted


def a_door(store):
    return Admission(DirectoryInMemory("zigbee2mqtt/h1/water", "homie/d"), definitions=store)


def test_a_definition_replaces_the_one_before_and_stands_last(store):
    store.save({"a": ("t/a", b"1"), "b": ("t/b", b"2")})
    store.save({"a": ("t/a", b"3")})
    assert list(store.load()) == [("t/b", b"2"), ("t/a", b"3")]


def test_an_empty_definition_deletes(store):
    store.save({"a": ("t/a", b"1"), "b": ("t/b", b"2")})
    store.save({"a": ("t/a", b""), "c": ("t/c", b"")})
    assert list(store.load()) == [("t/b", b"2")]


def test_a_reading_that_comes_before_its_definition_after_a_restart_is_read(store):
    hear(a_door(store), DEVICES, listed("m³"), retain=True)
    (reading,) = hear(a_door(store), "zigbee2mqtt/h1/water", b'{"water_consumed":2}').readings
    assert reading.value == 2000.0


def test_the_newest_definition_holds_after_a_restart(store):
    door = a_door(store)
    hear(door, DEVICES, listed("m³"), retain=True)
    hear(door, DEVICES, listed("L"), retain=True)
    (reading,) = hear(a_door(store), "zigbee2mqtt/h1/water", b'{"water_consumed":2}').readings
    assert reading.value == 2.0


def test_a_device_that_left_while_nobody_listened_is_told_when_the_list_comes(store):
    hear(a_door(store), DEVICES, listed("m³"), retain=True)
    (reading,) = hear(a_door(store), DEVICES, b"[]", retain=True).readings
    assert (reading.metric, reading.value) == ("removed", True)


def test_what_says_the_same_again_is_not_written_again():
    store = DefinitionsInMemory()
    door = a_door(store)
    for _ in range(3):
        hear(door, DEVICES, listed("m³"), retain=True)
        hear(door, "zigbee2mqtt/h1/water", b'{"water_consumed":2}')
    assert store.saves == 1


def test_definitions_are_there_after_a_reopen(tmp_path):
    first = DefinitionFile(tmp_path / "d.sqlite")
    first.save({"a": ("t/a", b"\x00\xff")})
    first.close()
    second = DefinitionFile(tmp_path / "d.sqlite")
    assert list(second.load()) == [("t/a", b"\x00\xff")]
    second.close()


def test_a_damaged_file_is_named_with_the_remedy(tmp_path):
    path = tmp_path / "d.sqlite"
    path.write_bytes(b"not a database" * 1000)
    with pytest.raises(ConfigurationError, match="delete it"):
        DefinitionFile(path)


def test_a_file_that_cannot_be_written_is_a_failure_of_durability(tmp_path):
    store = DefinitionFile(tmp_path / "d.sqlite")
    store.close()
    with pytest.raises(DurabilityError):
        store.save({"a": ("t/a", b"1")})
