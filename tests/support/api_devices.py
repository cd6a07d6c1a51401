"""The console port's part about devices and parked messages, in memory."""

from collections.abc import Sequence

from api_village import NOW_MS, PARKED, both

from api.device_views import InboxDeviceView, InboxView, ParkedCountView, ParkedDetailView, RefusalsView
from api.views import ParkedView
from core.errors import ConflictError, NotFoundError
from core.log import ParkReason
from registry.devices import Adoption, InboxState
from registry.homes import DeviceRole


def waiting_device(text: str = "zigbee2mqtt/h0001/pir", **changes: object) -> InboxDeviceView:
    device = InboxDeviceView(
        address=text,
        format="Zigbee2MQTT",
        model=text,
        maker="Aqara",
        firmware="3.0",
        metrics=["battery", "motion"],
        parts=[text],
        first_seen_ms=NOW_MS - 60_000,
        last_seen_ms=NOW_MS,
        count=7,
        state=InboxState.WAITING,
        suggested_role=DeviceRole.INTERIOR_MOTION,
        suggested_home="h0001",
    )
    return device.model_copy(update=changes)


def parked_detail(text: str = "not json", **changes: object) -> ParkedDetailView:
    more = {"topic": text, "detail": text, "payload_excerpt": text}
    shown = PARKED.model_copy(update=more).model_dump()
    return ParkedDetailView(**shown, payload_text=text, unknown=[text]).model_copy(update=changes)


class FakeDevices:
    """The DeviceConsole port in memory."""

    def __init__(self) -> None:
        super().__init__()
        self.inbox_rows: dict[str, InboxDeviceView] = {"zigbee2mqtt/h0001/pir": waiting_device()}
        self.adopted: list[tuple[str, Adoption, str, bool]] = []
        self.parked_rows: dict[int, ParkedDetailView] = {1: parked_detail()}
        self.retried: list[int] = []
        self.refused = RefusalsView(remedy=both("remedy"))
        self.onlookers: set[str] = set()  # accounts that may see and not decide

    async def inbox(self, state: InboxState, account: str) -> InboxView:
        found = [one for one in self.inbox_rows.values() if one.state is state]
        homes = {"h0001": "shuren/qiaotou/g1", "h0002": "shuren/xihe/g2"}
        return InboxView(
            devices=found,
            waiting=len(found),
            rejected=0,
            may_decide=account not in self.onlookers,
            home_ids=list(homes),
            home_areas=homes,
        )

    async def adopt(self, home_id: str, adoption: Adoption, account: str, *, is_anyway: bool) -> str:
        device = self.inbox_rows.get(adoption.address)
        if device is not None and not device.is_allowed and not is_anyway:
            raise ConflictError("not on the allow-list")
        if home_id not in {"h0001", "h0002"}:
            raise NotFoundError(f"no home {home_id}")
        self.adopted.append((home_id, adoption, account, is_anyway))
        self.inbox_rows.pop(adoption.address, None)
        return f"{home_id}/pir"

    async def reject(self, address: str, account: str) -> InboxDeviceView:
        if address not in self.inbox_rows:
            raise NotFoundError("no such device")
        changed = {"state": InboxState.REJECTED, "decided_by": f"account:{account}", "decided_at_ms": NOW_MS}
        self.inbox_rows[address] = self.inbox_rows[address].model_copy(update=changed)
        return self.inbox_rows[address]

    async def parked(self, limit: int, reason: ParkReason | None = None, before_id: int = 0) -> Sequence[ParkedView]:
        rows = [one for one in self.parked_rows.values() if reason in {None, one.reason}]
        rows = [one for one in rows if not before_id or one.parked_id < before_id]
        return [ParkedView(**one.model_dump(include=set(ParkedView.model_fields))) for one in rows[:limit]]

    async def parked_counts(self) -> Sequence[ParkedCountView]:
        return [
            ParkedCountView(reason=reason, words=both(reason.value), remedy=both("x"), count=0) for reason in ParkReason
        ]

    async def parked_message(self, parked_id: int) -> ParkedDetailView:
        if parked_id not in self.parked_rows:
            raise NotFoundError(f"no parked message {parked_id}")
        return self.parked_rows[parked_id]

    async def retry_parked(self, parked_ids: Sequence[int], account: str) -> int:
        waiting = [one for one in parked_ids if one in self.parked_rows]
        self.retried += waiting if account else []
        return len(waiting)

    async def refusals(self) -> RefusalsView:
        return self.refused
