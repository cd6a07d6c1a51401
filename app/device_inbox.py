"""The inbox of unknown devices: a projection of the parked messages, moved with its own cursor in one transaction."""

from collections.abc import Mapping, Sequence

import msgspec

from core.log import ParkedMessage, ParkReason, UnknownPart
from core.text import Bilingual
from registry.devices import (
    ALARM_ROOM,
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


ALARM_WAITS = Bilingual(
    "一台未登记的设备发出了报警信号（烟感、求助按钮等），不知在哪一户，没有呼叫任何人：立即查看「设备」页或执行 "
    "shouwang devices inbox",
    "a device that nobody registered signals an alarm (smoke, SOS, …); nobody knows in which home, so nobody was rung: "
    "look in the inbox now, page Devices or shouwang devices inbox",
)


class DeviceInbox:
    """Counts what unknown devices say; a message is counted once, whatever happens between."""

    def __init__(
        self,
        truth: Truth,
        parked: ParkedFile,
        identities: Mapping[str, Identity],
        *,
        most: int = MAX_WAITING,
        alarm_room: int = ALARM_ROOM,
    ) -> None:
        """`identities` are what devices say of themselves, by address; it grows while messages come.

        At most `most` wait, and `alarm_room` more that signal an alarm.
        """
        self._truth = truth
        self._parked = parked
        self.identities = identities
        self._most, self._alarm_room = most, alarm_room
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
        """Return that an alarm waits whose home nobody knows, and that the list is full; adopting or rejecting ends it.

        Address and topic are not in it: they may hold a name, and every account reads notices.
        """
        with self._truth.view() as unit:
            alarm = [str(ALARM_WAITS)] if unit.devices.alarm_waits() else []
        full = f"the devices' inbox is full ({self._most}): {self.unlisted} more spoke; adopt or reject some"
        return [*alarm, full] if self.unlisted else alarm

    def _take(self, unit: Unit, messages: list[ParkedMessage]) -> None:
        found: dict[str, InboxDevice] = {}
        room = self._most - unit.devices.inbox_count(InboxState.WAITING)
        for message in messages:
            told: dict[str, list[UnknownPart]] = {}
            for part in message.unknown:
                told.setdefault(part.address, []).append(part)
            for address, parts in told.items():
                before = found.get(address) or unit.devices.in_inbox(address)
                if before is None:
                    least = -self._alarm_room if any(part.alarms for part in parts) else 0
                    if room <= least or len(address) > MAX_ADDRESS_CHARS:
                        self.unlisted += 1
                        continue
                    room -= 1
                found[address] = self._grown(before, address, parts, message.received_at_ms)
        for device in found.values():
            unit.devices.put_inbox(device)

    def _grown(self, before: InboxDevice | None, address: str, parts: Sequence[UnknownPart], at_ms: int) -> InboxDevice:
        if before is None:
            identity = identity_in(address)
            before = InboxDevice(address=address, identity=identity, first_seen_ms=at_ms, last_seen_ms=at_ms, count=0)
        metrics = {*before.metrics, *(metric for one in parts for metric in one.metrics)}
        names = {*before.parts, *(one.part for one in parts if one.part)}
        alarmed = {*before.alarmed, *(one.part for one in parts if one.alarms)}
        return msgspec.structs.replace(
            before,
            identity=self.identities.get(address) or before.identity,
            metrics=tuple(sorted(metrics)[:MAX_METRICS]),
            parts=tuple(sorted(names)[:MAX_METRICS]),
            alarmed=tuple(sorted(alarmed)[:MAX_METRICS]),
            last_seen_ms=max(before.last_seen_ms, at_ms),
            count=before.count + 1,
        )
