"""The inbox of unknown devices: a projection of the parked messages, moved with its own cursor in one transaction."""

from collections.abc import Mapping

import msgspec

from core.log import ParkedMessage, ParkReason
from registry.devices import (
    MAX_ADDRESS_CHARS,
    MAX_METRICS,
    MAX_WAITING,
    Identity,
    InboxDevice,
    InboxState,
    identity_in,
)
from store.parked import ParkedFile
from store.truth.database import Truth, Unit

CURSOR = "device_inbox"
AT_ONCE = 500
"""Messages in one transaction: some tens of milliseconds."""


class DeviceInbox:
    """Counts what unknown devices say; a message is counted once, whatever happens between."""

    def __init__(self, truth: Truth, parked: ParkedFile, identities: Mapping[str, Identity]) -> None:
        """`identities` are what devices say of themselves, by address; it grows while messages come."""
        self._truth = truth
        self._parked = parked
        self.identities = identities
        self.unlisted = 0  # devices that found no room in the list; their messages are kept all the same

    def follow(self, now_ms: int) -> set[tuple[str, str]]:
        """Take in what was parked since the last time; return the (address, part) that it speaks of."""
        spoken: set[tuple[str, str]] = set()
        while True:
            with self._truth.view() as unit:
                cursor = unit.cursors.seq(CURSOR)
            messages = self._parked.after(cursor, AT_ONCE)
            if not messages:
                return spoken
            spoken.update((part.address, part.part) for message in messages for part in message.unknown)
            rejected = [one.id for one in messages if one.reason is ParkReason.REJECTED_DEVICE]
            if rejected:  # first: a kill between leaves them to be counted, and settled already
                self._parked.end(rejected, now_ms)
            with self._truth.transaction() as unit:
                self._take(unit, messages)
                unit.cursors.set_seq(CURSOR, messages[-1].id)

    def notices(self) -> list[str]:
        """Return that the list is full, when it is."""
        full = f"the devices' inbox is full ({MAX_WAITING}): {self.unlisted} more spoke; adopt or reject some"
        return [full] if self.unlisted else []

    def _take(self, unit: Unit, messages: list[ParkedMessage]) -> None:
        found: dict[str, InboxDevice] = {}
        room = MAX_WAITING - unit.devices.inbox_count(InboxState.WAITING)
        for message in messages:
            told: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
            for part in message.unknown:
                told.setdefault(part.address, []).append((part.part, part.metrics))
            for address, parts in told.items():
                before = found.get(address) or unit.devices.in_inbox(address)
                if before is None:
                    if room <= 0 or len(address) > MAX_ADDRESS_CHARS:
                        self.unlisted += 1
                        continue
                    room -= 1
                found[address] = self._grown(before, address, parts, message.received_at_ms)
        for device in found.values():
            unit.devices.put_inbox(device)

    def _grown(
        self, before: InboxDevice | None, address: str, parts: list[tuple[str, tuple[str, ...]]], at_ms: int
    ) -> InboxDevice:
        if before is None:
            identity = identity_in(address)
            before = InboxDevice(address=address, identity=identity, first_seen_ms=at_ms, last_seen_ms=at_ms, count=0)
        metrics = {*before.metrics, *(metric for _, told in parts for metric in told)}
        names = {*before.parts, *(part for part, _ in parts if part)}
        return msgspec.structs.replace(
            before,
            identity=self.identities.get(address) or before.identity,
            metrics=tuple(sorted(metrics)[:MAX_METRICS]),
            parts=tuple(sorted(names)[:MAX_METRICS]),
            last_seen_ms=max(before.last_seen_ms, at_ms),
            count=before.count + 1,
        )
