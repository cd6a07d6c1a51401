"""What the API asks about devices that are no home's yet, and about parked messages."""

from collections.abc import Sequence
from typing import Protocol

from api.device_views import InboxDeviceView, InboxView, ParkedCountView, ParkedDetailView, RefusalsView
from api.views import ParkedView
from core.log import ParkReason
from registry.devices import Adoption, InboxState


class DeviceConsole(Protocol):
    """The part of the console's port that knows devices before they are a home's."""

    async def inbox(self, state: InboxState, account: str) -> InboxView:
        """Return devices in a state, the last heard first, and whether the account may decide about them."""
        ...

    async def adopt(self, home_id: str, adoption: Adoption, account: str, *, is_anyway: bool) -> str:
        """Take a device into a home and return its id; what was parked for it is read within seconds.

        Raises NotFoundError (home, an address that never spoke) and ConflictError (registered, not on the allow-list, a
        name that is taken).
        """
        ...

    async def reject(self, address: str, account: str) -> InboxDeviceView:
        """Say that a device is none of ours; raises NotFoundError, ConflictError for one that a home has."""
        ...

    async def parked(self, limit: int, reason: ParkReason | None = None, before_id: int = 0) -> Sequence[ParkedView]:
        """Return messages that wait, newest first; of one reason, or all but those of rejected devices."""
        ...

    async def parked_counts(self) -> Sequence[ParkedCountView]:
        """Return how many messages wait, by reason, those with some first."""
        ...

    async def parked_message(self, parked_id: int) -> ParkedDetailView:
        """Return one parked message; raises NotFoundError."""
        ...

    async def retry_parked(self, parked_ids: Sequence[int], account: str) -> int:
        """Ask for messages to be read again; return how many of them wait."""
        ...

    async def refusals(self) -> RefusalsView:
        """Return what the broker refused lately, the latest first."""
        ...
