"""The console's part about devices that are no home's yet and about parked messages; DeviceDesk decides."""

from collections.abc import Sequence

import msgspec

from api.conversion import bilingual_view
from api.device_views import (
    InboxDeviceView,
    InboxView,
    ParkedCountView,
    ParkedDetailView,
    RefusalsView,
    RefusedView,
    UnheardView,
)
from api.views import ParkedView
from app.console_homes import HomesConsole
from app.devices import DeviceDesk
from app.health import Health
from app.refusals import REMEDY
from core.errors import NotFoundError
from core.log import ParkedMessage, ParkReason
from core.park_words import PARK_REMEDIES, PARK_WORDS
from core.payload_text import SHOWN_BYTES, shown_payload
from registry.access import Deed, may
from registry.devices import (
    Adoption,
    AllowedAddress,
    InboxDevice,
    InboxState,
    is_allowed,
    suggested_home,
    suggested_role,
)
from store.parked import ParkedFile
from store.truth.database import Unit

EXCERPT_CHARS = 200
"""Of a parked payload in a list: enough to recognise it."""

UNHEARD_SHOWN = 50
"""Topics; whoever mends the first ones mends the account's rights."""


class DevicesConsole(HomesConsole):
    """Fits api.device_ports.DeviceConsole."""

    _devices: DeviceDesk
    _parked: ParkedFile
    _health: Health

    async def inbox(self, state: InboxState, account: str) -> InboxView:
        """Return devices in a state with what whoever adopts them is asked."""
        return await self._view(lambda unit: self._inbox(unit, state, account))

    async def adopt(self, home_id: str, adoption: Adoption, account: str, *, is_anyway: bool) -> str:
        """Take a device into a home."""
        who = f"account:{account}"

        def work() -> str:
            self._door.check_home(account, Deed.CHANGE, home_id)
            return self._devices.adopt(home_id, adoption, who, is_anyway=is_anyway).id

        return await self._run(work)

    async def reject(self, address: str, account: str) -> InboxDeviceView:
        """Say that a device is none of ours."""

        def work() -> InboxDevice:
            self._door.check(account, Deed.CHANGE, "")  # it is of no home: whoever keeps them all says so
            return self._devices.reject(address, f"account:{account}")

        return inbox_view(await self._run(work), (), ())

    async def parked(self, limit: int, reason: ParkReason | None = None, before_id: int = 0) -> Sequence[ParkedView]:
        """Return messages that wait."""
        found = await self._run(lambda: self._parked.waiting(limit, reason=reason, before_id=before_id))
        return [_parked_view(message) for message in found]

    async def parked_counts(self) -> Sequence[ParkedCountView]:
        """Return how many messages wait, by reason."""
        counts = await self._run(self._parked.counts)
        rows = [
            ParkedCountView(
                reason=reason,
                words=bilingual_view(PARK_WORDS[reason]),
                remedy=bilingual_view(PARK_REMEDIES[reason]),
                count=counts.get(reason, 0),
            )
            for reason in ParkReason
        ]
        return sorted(rows, key=lambda row: -row.count)

    async def parked_message(self, parked_id: int) -> ParkedDetailView:
        """Return one message."""
        found = await self._run(lambda: self._parked.get(parked_id))
        if found is None:
            raise NotFoundError(f"没有此暂存消息 {parked_id} / no parked message {parked_id}")
        message, entry_seq = found
        text, is_text = shown_payload(message.payload[:SHOWN_BYTES])
        return ParkedDetailView(
            **_parked_view(message).model_dump(),
            retain=message.retain,
            unknown=[f"{one.address}/{one.part}" if one.part else one.address for one in message.unknown],
            payload_text=text,
            is_text=is_text,
            is_cut=len(message.payload) > SHOWN_BYTES,
            entry_seq=entry_seq,
        )

    async def refusals(self) -> RefusalsView:
        """Return what the broker refused."""
        found = self._health.refused()
        return RefusalsView(
            is_ours=found is not None,
            remedy=bilingual_view(REMEDY),
            refused=[RefusedView(**msgspec.structs.asdict(one)) for one in found or ()],
            unheard=[
                UnheardView(broker=broker, topic=topic) for broker, topic in self._health.unheard()[:UNHEARD_SHOWN]
            ],
        )

    async def retry_parked(self, parked_ids: Sequence[int], account: str) -> int:
        """Ask for messages to be read again."""
        return await self._run(lambda: self._retry(parked_ids, f"account:{account}"))

    def _retry(self, parked_ids: Sequence[int], who: str) -> int:
        found = [(parked_id, self._parked.get(parked_id)) for parked_id in parked_ids]
        waiting = [parked_id for parked_id, one in found if one is not None and one[1] is None]
        self._devices.ask_retry(waiting, who)
        return len(waiting)

    def _inbox(self, unit: Unit, state: InboxState, account: str) -> InboxView:
        allowed = unit.devices.allowed()
        areas = {home.id: home.area for home in unit.people.homes()}
        homes = list(areas)
        return InboxView(
            devices=[inbox_view(device, homes, allowed) for device in unit.devices.inbox(state)],
            waiting=unit.devices.inbox_count(InboxState.WAITING),
            rejected=unit.devices.inbox_count(InboxState.REJECTED),
            has_allow_list=bool(allowed),
            may_decide=may(unit.accounts.grants(account), Deed.CHANGE, ""),
            home_ids=list(homes),
            home_areas={home_id: area for home_id, area in areas.items() if area},
        )


def inbox_view(device: InboxDevice, home_ids: Sequence[str], allowed: Sequence[AllowedAddress]) -> InboxDeviceView:
    """Return a device of the inbox with what it probably is."""
    return InboxDeviceView(
        address=device.address,
        format=device.format,
        model=device.identity.model,
        maker=device.identity.maker,
        firmware=device.identity.firmware,
        metrics=list(device.metrics),
        parts=list(device.parts),
        has_alarmed=bool(device.alarmed),
        first_seen_ms=device.first_seen_ms,
        last_seen_ms=device.last_seen_ms,
        count=device.count,
        state=device.state,
        decided_by=device.decided_by,
        decided_at_ms=device.decided_at_ms,
        device_id=device.device_id,
        is_allowed=is_allowed(device.address, allowed),
        suggested_role=suggested_role(device.metrics),
        suggested_home=suggested_home(device.address, home_ids),
    )


def _parked_view(message: ParkedMessage) -> ParkedView:
    excerpt, _ = shown_payload(message.payload[: EXCERPT_CHARS * 4])
    return ParkedView(
        parked_id=message.id,
        received_at_ms=message.received_at_ms,
        topic=message.topic,
        reason=message.reason,
        detail=message.detail,
        payload_bytes=len(message.payload),
        payload_excerpt=excerpt[:EXCERPT_CHARS],
    )
