"""Rows of devices that are no home's yet, of the allow-list, of what replaced what, and of asked-for rereading."""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, RowMapping, Table, delete, func, insert, select, update

from registry.devices import AllowedAddress, Identity, InboxDevice, InboxState, Replacement
from store.truth import device_tables as tables
from store.truth.people import bump_version
from store.truth.tables import device

_IDENTITY = msgspec.json.Decoder(Identity)
_TEXTS = msgspec.json.Decoder(tuple[str, ...])
_NONE = "[]"

MAX_RETRIES = 10_000
"""Messages that may be asked for at once; each is read again within a second or two."""


class DeviceRows:
    """Devices beside the homes' own, bound to one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def inbox(self, *states: InboxState) -> list[InboxDevice]:
        """Return devices in some states (none named: all): alarms first, then the last heard."""
        table = tables.device_inbox
        query = select(table).order_by(table.c.alarmed == _NONE, table.c.last_seen_ms.desc(), table.c.address)
        if states:
            query = query.where(table.c.state.in_([state.value for state in states]))
        return [_inbox_device(row) for row in self._connection.execute(query).mappings()]

    def inbox_count(self, state: InboxState) -> int:
        """Return how many devices are in a state."""
        table = tables.device_inbox
        query = select(func.count()).select_from(table).where(table.c.state == state.value)
        return int(self._connection.scalar(query) or 0)

    def alarm_waits(self) -> bool:
        """Return whether a device that waits has signalled an alarm; one that a home's file names by now has a home."""
        table = tables.device_inbox
        query = select(table.c.address, table.c.alarmed).where(
            table.c.state == InboxState.WAITING.value, table.c.alarmed != _NONE
        )
        return any(
            not self._is_registered({address, f"{address}/{part}" if part else address})
            for address, alarmed in self._connection.execute(query)
            for part in _TEXTS.decode(alarmed)
        )

    def _is_registered(self, addresses: set[str]) -> bool:
        query = select(device.c.id).where(device.c.address.in_(addresses)).limit(1)
        return self._connection.scalar(query) is not None

    def in_inbox(self, address: str) -> InboxDevice | None:
        """Return the device that spoke under an address unregistered, or None."""
        table = tables.device_inbox
        row = self._connection.execute(select(table).where(table.c.address == address)).mappings().first()
        return None if row is None else _inbox_device(row)

    def put_inbox(self, device: InboxDevice) -> None:
        """Insert or replace; a rejection bumps the registry's version, so that ingest takes it up."""
        before = self.in_inbox(device.address)
        row = {
            **{name: getattr(device, name) for name in ("address", "first_seen_ms", "last_seen_ms", "count")},
            **{name: getattr(device, name) for name in ("decided_by", "decided_at_ms", "device_id")},
            "identity": msgspec.json.encode(device.identity).decode(),
            "parts": msgspec.json.encode(device.parts).decode(),
            "metrics": msgspec.json.encode(device.metrics).decode(),
            "alarmed": msgspec.json.encode(device.alarmed).decode(),
            "state": device.state.value,
        }
        self._put(tables.device_inbox, ("address",), row)
        was = InboxState.WAITING if before is None else before.state
        if was is not device.state and InboxState.REJECTED in {was, device.state}:
            bump_version(self._connection)

    def rejected(self) -> frozenset[str]:
        """Return the addresses that somebody rejected."""
        table = tables.device_inbox
        query = select(table.c.address).where(table.c.state == InboxState.REJECTED.value)
        return frozenset(self._connection.scalars(query))

    def allowed(self) -> list[AllowedAddress]:
        """Return the allow-list, by pattern."""
        query = select(tables.device_allowed).order_by(tables.device_allowed.c.pattern)
        return [AllowedAddress(**row) for row in self._connection.execute(query).mappings()]

    def allow(self, line: AllowedAddress) -> None:
        """Add a line to the allow-list, or replace it."""
        self._put(tables.device_allowed, ("pattern",), msgspec.structs.asdict(line))

    def disallow(self, pattern: str) -> bool:
        """Take a line from the allow-list; return whether it was there."""
        table = tables.device_allowed
        return bool(self._connection.execute(delete(table).where(table.c.pattern == pattern)).rowcount)

    def note_replacement(self, one: Replacement) -> None:
        """Write down that another device speaks for a place."""
        self._connection.execute(insert(tables.device_replaced).values(msgspec.structs.asdict(one)))

    def replacements(self, home_id: str) -> list[Replacement]:
        """Return what was replaced in a home, oldest first."""
        table = tables.device_replaced
        query = select(table).where(table.c.device_id.startswith(f"{home_id}/", autoescape=True))
        return [Replacement(**row) for row in self._connection.execute(query.order_by(table.c.at_ms)).mappings()]

    def ask_retry(self, parked_ids: Sequence[int], *, at_ms: int, who: str) -> None:
        """Ask for parked messages to be read again; what is asked for already stays as it is."""
        known = set(self.retries())
        asked = dict.fromkeys(one for one in parked_ids[:MAX_RETRIES] if one not in known)
        rows = [{"parked_id": one, "asked_at_ms": at_ms, "asked_by": who} for one in asked]
        if rows:
            self._connection.execute(insert(tables.parked_retry), rows)

    def retries(self) -> list[int]:
        """Return the ids of parked messages that somebody asked for, in order."""
        table = tables.parked_retry
        return list(self._connection.scalars(select(table.c.parked_id).order_by(table.c.parked_id).limit(MAX_RETRIES)))

    def drop_retries(self, parked_ids: Sequence[int]) -> None:
        """Note that messages were read again, whatever came of it."""
        table = tables.parked_retry
        self._connection.execute(delete(table).where(table.c.parked_id.in_(parked_ids)))

    def _put(self, table: Table, key: tuple[str, ...], row: dict[str, Any]) -> None:
        query = update(table).values(row)
        for name in key:
            query = query.where(table.c[name] == row[name])
        if self._connection.execute(query).rowcount == 0:
            self._connection.execute(insert(table).values(row))


def _inbox_device(row: RowMapping) -> InboxDevice:
    return InboxDevice(
        address=row["address"],
        identity=_IDENTITY.decode(row["identity"]),
        parts=_TEXTS.decode(row["parts"]),
        metrics=_TEXTS.decode(row["metrics"]),
        alarmed=_TEXTS.decode(row["alarmed"]),
        first_seen_ms=row["first_seen_ms"],
        last_seen_ms=row["last_seen_ms"],
        count=row["count"],
        state=InboxState(row["state"]),
        decided_by=row["decided_by"],
        decided_at_ms=row["decided_at_ms"],
        device_id=row["device_id"],
    )
