"""Devices that nobody registered, and parked messages, as JSON: list, adopt, reject, show, read again."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, Field

from api.device_views import InboxDeviceView, InboxView, ParkedCountView, ParkedDetailView
from api.routes.parameters import ID_PATTERN, MAX_ID_CHARS, Limit
from api.services import Account, Given
from api.views import ParkedView
from api.watching import everywhere
from core.log import ParkReason
from registry.devices import LONGEST_HEARTBEAT_S, MAX_ADDRESS_CHARS, MAX_TEXT_CHARS, Adoption, InboxState
from registry.homes import DeviceRole

router = APIRouter(prefix="/api/v1")

MAX_UNITS = 64
"""Lines of an install record; a board has a dozen inputs."""

MAX_AT_ONCE = 500
"""Parked messages asked for in one request: a page of them."""

MOST_ID = 2**62

ParkedId = Annotated[int, Path(ge=1, le=MOST_ID)]
Address = Annotated[str, Field(min_length=1, max_length=MAX_ADDRESS_CHARS)]


class AdoptBody(BaseModel):
    """Which device goes into which home, and as what."""

    address: Address
    home_id: str = Field(min_length=1, max_length=MAX_ID_CHARS, pattern=ID_PATTERN)
    role: DeviceRole
    room: str = Field(default="", max_length=MAX_TEXT_CHARS)
    name: str = Field(default="", max_length=MAX_TEXT_CHARS, description="Empty: the last word of the address")
    heartbeat_ms: int | None = Field(default=None, ge=1_000, le=LONGEST_HEARTBEAT_S * 1_000)
    units: dict[str, str] = Field(default={}, max_length=MAX_UNITS, description='e.g. {"C1": "10 L"}')
    is_anyway: bool = Field(default=False, description="Even when it is not on the allow-list")
    is_unheard: bool = Field(default=False, description="Even when its address has not spoken yet")

    def adoption(self) -> Adoption:
        """Return the decision."""
        return Adoption(
            address=self.address,
            role=self.role,
            room=self.room,
            name=self.name,
            heartbeat_ms=self.heartbeat_ms,
            units=self.units,
            is_unheard=self.is_unheard,
        )


class AdoptedView(BaseModel):
    """What a device has become."""

    device_id: str


class RejectBody(BaseModel):
    """Which device is none of ours."""

    address: Address


class RetryBody(BaseModel):
    """Which parked messages are to be read again."""

    parked_ids: list[Annotated[int, Field(ge=1, le=MOST_ID)]] = Field(min_length=1, max_length=MAX_AT_ONCE)


class RetryView(BaseModel):
    """How many of them wait, and will be read again."""

    asked: int


@router.get(
    "/devices/inbox", dependencies=[Depends(everywhere)], tags=["devices"], summary="Devices that nobody registered"
)
async def get_inbox(given: Given, account: Account, state: InboxState = InboxState.WAITING) -> InboxView:
    """Return devices that spoke unasked, the last heard first."""
    return await given.console.inbox(state, account)


@router.post(
    "/devices/inbox/adopt", dependencies=[Depends(everywhere)], tags=["devices"], summary="Take a device into a home"
)
async def post_adopt(given: Given, account: Account, body: AdoptBody) -> AdoptedView:
    """Adopt; 409 `conflict`: registered already or not on the allow-list; 404: no such home, or it never spoke."""
    adopted = await given.console.adopt(body.home_id, body.adoption(), account, is_anyway=body.is_anyway)
    return AdoptedView(device_id=adopted)


@router.post(
    "/devices/inbox/reject",
    dependencies=[Depends(everywhere)],
    tags=["devices"],
    summary="Say that a device is none of ours",
)
async def post_reject(given: Given, account: Account, body: RejectBody) -> InboxDeviceView:
    """Reject; from now on its messages are counted and not shown. It can still be adopted."""
    return await given.console.reject(body.address, account)


@router.get(
    "/parked", dependencies=[Depends(everywhere)], tags=["operations"], summary="Messages that could not be read"
)
async def get_parked(
    given: Given,
    account: Account,  # noqa: ARG001 - it is here to be demanded
    limit: Limit = 100,
    reason: ParkReason | None = None,
    *,
    before_id: Annotated[int, Query(ge=0, le=MOST_ID, description="Older than this one; 0: from the newest")] = 0,
) -> list[ParkedView]:
    """Return parked messages, newest first, each with its reason."""
    return list(await given.console.parked(limit, reason, before_id))


@router.get(
    "/parked/counts",
    dependencies=[Depends(everywhere)],
    tags=["operations"],
    summary="How many messages wait, by reason",
)
async def get_parked_counts(given: Given, account: Account) -> list[ParkedCountView]:  # noqa: ARG001 - demanded
    """Return every reason in words, with its remedy."""
    return list(await given.console.parked_counts())


@router.get(
    "/parked/{parked_id}",
    dependencies=[Depends(everywhere)],
    tags=["operations"],
    summary="One message that could not be read",
)
async def get_parked_message(given: Given, account: Account, parked_id: ParkedId) -> ParkedDetailView:  # noqa: ARG001 - demanded
    """Return one parked message with its payload, as far as it can be shown."""
    return await given.console.parked_message(parked_id)


@router.post(
    "/parked/retry",
    dependencies=[Depends(everywhere)],
    tags=["operations"],
    summary="Read parked messages again",
    status_code=202,
)
async def post_retry(given: Given, account: Account, body: RetryBody) -> RetryView:
    """Ask for it; within seconds each has become readings, exactly once, or waits with the reason of today."""
    return RetryView(asked=await given.console.retry_parked(body.parked_ids, account))
