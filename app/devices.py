"""What people decide about devices: adopt, reject, allow, replace; each one transaction, with who decided it."""

from collections.abc import Sequence

import msgspec

from app.adoption_doubts import doubts_of
from core.clock import Clock
from core.errors import ConfigurationError, ConflictError, NotFoundError
from core.ids import HomeId
from core.text import Bilingual
from ingest.formats.meaning import meaning_of
from ingest.raw import UnreadableError
from registry.devices import (
    MAX_ADDRESS_CHARS,
    Adoption,
    AllowedAddress,
    InboxDevice,
    InboxState,
    Replacement,
    adopted,
    is_allowed,
    nearest_waiting,
    replaced,
)
from registry.homes import Device, Home
from store.truth.database import Truth, Unit


class DeviceDesk:
    """Changes which devices are ours; any thread or process may call it."""

    def __init__(self, truth: Truth, clock: Clock) -> None:
        self._truth = truth
        self._clock = clock

    def inbox(self, *states: InboxState) -> list[InboxDevice]:
        """Return devices that spoke unregistered; those that wait where no state is named."""
        with self._truth.view() as unit:
            return unit.devices.inbox(*(states or (InboxState.WAITING,)))

    def adopt(self, home_id: str, adoption: Adoption, who: str, *, is_anyway: bool = False) -> Device:
        """Take a device into a home; the service reads what was parked for it within seconds.

        Raises NotFoundError (home, an address that never spoke unless `is_unheard`), ConflictError (registered already,
        not on the allow-list unless `is_anyway`, a name that is taken) and ConfigurationError (an install record that
        nobody could read by).
        """
        check_units(adoption.units, where=adoption.address)
        with self._truth.transaction() as unit:
            home = existing_home(unit, home_id)
            owner = unit.people.device_at(adoption.address)
            if owner is not None:
                raise ConflictError(f"{adoption.address} is registered already, as {owner.id}")
            if not is_anyway and not is_allowed(adoption.address, unit.devices.allowed()):
                raise ConflictError(f"{adoption.address} is not on the allow-list: add it, or adopt it all the same")
            if not adoption.is_unheard and unit.devices.in_inbox(adoption.address) is None:
                raise unheard(adoption.address, unit.devices.inbox(InboxState.WAITING))
            changed, device = adopted(home, adoption)
            unit.people.put_home(changed)
            self._decide(unit, adoption.address, InboxState.ADOPTED, who, device_id=device.id)
        return device

    def doubts(self, device: Device) -> list[Bilingual]:
        """Return what does not fit in an adoption, for whoever decided it to look at again; raises NotFoundError."""
        with self._truth.view() as unit:
            told = unit.devices.in_inbox(device.address)
            return doubts_of(device, existing_home(unit, device.home_id), told.metrics if told else ())

    def reject(self, address: str, who: str) -> InboxDevice:
        """Say that a device is none of ours: its messages are counted from now on; raises NotFoundError."""
        with self._truth.transaction() as unit:
            device = unit.devices.in_inbox(address)
            if device is None:
                raise NotFoundError(f"收件箱里没有设备 {address} / no device {address} is in the inbox")
            if device.state is InboxState.ADOPTED and unit.people.device_at(address) is not None:
                raise ConflictError(f"{address} was adopted as {device.device_id}: it is a home's")
            return self._decide(unit, address, InboxState.REJECTED, who)

    def replace(
        self, device_id: str, address: str, who: str, *, units: dict[str, str] | None = None
    ) -> tuple[Device, Device]:
        """Let another device speak for a place; return the place as it is now, and as it was.

        The place keeps its id: habits, limits and curves go on through both. The old address is rejected, so that a
        device which still speaks from a drawer disturbs nobody; it can be adopted again. Raises NotFoundError,
        ConflictError and ConfigurationError.
        """
        if units is not None:
            check_units(units, where=address)
        with self._truth.transaction() as unit:
            home = existing_home(unit, device_id.partition("/")[0])
            owner = unit.people.device_at(address)
            if owner is not None:
                raise ConflictError(f"{address} is registered already, as {owner.id}")
            if len(address) > MAX_ADDRESS_CHARS or not address.strip():
                raise ConflictError("that is no address of a device")
            changed, before = replaced(home, device_id, address, units)
            unit.people.put_home(changed)
            now_ms = self._clock.now_ms()
            unit.devices.note_replacement(
                Replacement(device_id=before.id, at_ms=now_ms, old_address=before.address, new_address=address, who=who)
            )
            self._decide(unit, address, InboxState.ADOPTED, who, device_id=before.id)
            if unit.devices.in_inbox(before.address) is None:
                seen = InboxDevice(address=before.address, first_seen_ms=now_ms, last_seen_ms=now_ms, count=0)
                unit.devices.put_inbox(seen)
            self._decide(unit, before.address, InboxState.REJECTED, who, device_id=before.id)
        after = next(device for device in changed.devices if device.id == before.id)
        return after, before

    def remove(self, device_id: str, who: str) -> Device:
        """Take a device out of its home for good; its history stays. Raises NotFoundError.

        Its address is rejected, so that one which still speaks disturbs nobody; it can be adopted again.
        """
        with self._truth.transaction() as unit:
            home = existing_home(unit, device_id.partition("/")[0])
            found = next((one for one in home.devices if one.id == device_id), None)
            if found is None:
                raise NotFoundError(f"没有此设备 {device_id} / no device {device_id}")
            left = tuple(one for one in home.devices if one.id != device_id)
            unit.people.put_home(msgspec.structs.replace(home, devices=left))
            self._decide(unit, found.address, InboxState.REJECTED, who, device_id=found.id)
        return found

    def allow(self, pattern: str, note: str, who: str) -> None:
        """Put an address, or a pattern with * and ?, on the allow-list."""
        if not pattern.strip() or len(pattern) > MAX_ADDRESS_CHARS:
            raise ConflictError("that is no address, and no pattern of addresses")
        with self._truth.transaction() as unit:
            unit.devices.allow(AllowedAddress(pattern.strip(), note, who, self._clock.now_ms()))

    def disallow(self, pattern: str) -> None:
        """Take a line from the allow-list; raises NotFoundError. What was adopted stays."""
        with self._truth.transaction() as unit:
            if not unit.devices.disallow(pattern):
                raise NotFoundError(f"the allow-list has no line {pattern}")

    def allowed(self) -> Sequence[AllowedAddress]:
        """Return the allow-list."""
        with self._truth.view() as unit:
            return unit.devices.allowed()

    def ask_retry(self, parked_ids: Sequence[int], who: str) -> None:
        """Ask the service to read parked messages again; it does so within seconds, or at its next start."""
        with self._truth.transaction() as unit:
            unit.devices.ask_retry(parked_ids, at_ms=self._clock.now_ms(), who=who)

    def _decide(self, unit: Unit, address: str, state: InboxState, who: str, *, device_id: str = "") -> InboxDevice:
        now_ms = self._clock.now_ms()
        before = unit.devices.in_inbox(address)
        if before is None:  # registered before it ever spoke
            before = InboxDevice(address=address, first_seen_ms=now_ms, last_seen_ms=now_ms, count=0)
        after = msgspec.structs.replace(
            before, state=state, decided_by=who, decided_at_ms=now_ms, device_id=device_id or before.device_id
        )
        unit.devices.put_inbox(after)
        return after


def unheard(address: str, waiting: Sequence[InboxDevice]) -> NotFoundError:
    """Return why an address that never spoke is not adopted: one letter wrong, and the real button rings nobody."""
    near = nearest_waiting(address, waiting)
    if near:
        meant = Bilingual(f"收件箱里相近的：{'、'.join(near)}", f"waiting in the inbox and near it: {', '.join(near)}")
    else:
        meant = Bilingual("收件箱里没有与它相近的地址", "nothing that waits in the inbox is near it")
    return NotFoundError(
        f"{address} 从未发过消息，没有接入；{meant.zh}。处理办法：核对地址后重试；如确认设备尚未通电，注明尚未发过消息"
        f"（--unheard，接口为 is_unheard） / {address} has never spoken and was not adopted; {meant.en}. Remedy: adopt "
        "the address as the inbox has it; for a device that is yet to speak say so (--unheard, is_unheard in the API)"
    )


def existing_home(unit: Unit, home_id: str) -> Home:
    """Return a home; raises NotFoundError."""
    home = unit.people.home(HomeId(home_id))
    if home is None:
        raise NotFoundError(f"没有此住户 {home_id} / no home {home_id}")
    return home


def check_units(units: dict[str, str], *, where: str) -> None:
    """Refuse an install record that nobody could read a message by; raises ConfigurationError."""
    for name, text in units.items():
        try:
            meaning_of(text)
        except UnreadableError as error:
            raise ConfigurationError(
                error.detail,
                where=f"{where}, units, {name}",
                remedy='write a unit ("m³"), litres a pulse ("10 L") or a metric ("open", "not open")',
            ) from error
