"""A directory in which every address is registered, with the install records of a test."""

from collections.abc import Mapping

from ingest_directory import device_at

from registry.homes import Device


class EveryDevice:
    """Finds a device at every address and at every part."""

    def __init__(self, records: Mapping[str, dict[str, str]]) -> None:
        self._records = records

    def find(self, address: str) -> Device | None:
        return device_at(address, self._records.get(address))

    def look(self) -> bool:
        return True

    def find_part(self, address: str, part: str) -> Device | None:
        return device_at(f"{address}/{part}")

    def record(self, address: str) -> Mapping[str, str]:
        return self._records.get(address, {})

    def is_rejected(self, address: str) -> bool:
        return address.startswith("rejected/")
