"""What the API asks of the register of people; every one of these writes down who asked."""

from collections.abc import Sequence
from typing import Protocol

from api.registry_views import AuditView, EntryRowView, EntryView, SnapshotView, VerdictView, VersionView
from registry.annex1 import Annex1
from registry.areas import AreaTree
from registry.commands import AnyCommand
from registry.entries import Filed
from registry.refresh import ChildContact


class Register(Protocol):
    """The register. Unknown ids raise NotFoundError, moved versions ConflictError, wrong values FormError."""

    async def entries(self, area: str, account: str) -> Sequence[EntryRowView]:
        """Return everybody of an area ("": of all), by area and id."""
        ...

    async def entry(self, person_id: str, account: str) -> EntryView:
        """Return one entry, masked."""
        ...

    async def reveal(self, person_id: str, reason: str, account: str) -> Filed:
        """Return one record in clear, after writing down who looked and why."""
        ...

    async def create(self, form: Annex1, area: str, *, why: str, account: str) -> EntryView:
        """File a new entry; it waits for its activation."""
        ...

    async def change(self, person_id: str, command: AnyCommand, version: int, *, why: str, account: str) -> EntryView:
        """Carry out a command on the version that the clerk saw."""
        ...

    async def history(self, person_id: str, account: str) -> Sequence[VersionView]:
        """Return every version, the newest first."""
        ...

    async def add_child_contact(self, contact: ChildContact, account: str) -> EntryView:
        """Write down that a child was in touch."""
        ...

    async def areas(self) -> AreaTree:
        """Return the tree of areas."""
        ...

    async def snapshots(self) -> Sequence[SnapshotView]:
        """Return the half-yearly snapshots, the latest first."""
        ...

    async def audit(self, subject: str, before: int | None, limit: int) -> Sequence[AuditView]:
        """Return rows of the chain, the newest first, below a number."""
        ...

    async def verify_audit(self) -> VerdictView:
        """Walk the whole chain."""
        ...

    async def note_read(self, account: str, action: str, subject: str) -> None:
        """Write down that somebody looked; the same look within ten minutes is one."""
        ...
