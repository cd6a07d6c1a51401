"""What the API asks of the register of people; every one of these writes down who asked."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from api.registry_views import (
    AuditView,
    ConflictView,
    EntryRowView,
    EntryView,
    GatheringView,
    PlanView,
    SnapshotView,
    VerdictView,
    VersionView,
)
from registry.access import Grant
from registry.annex1 import Annex1
from registry.areas import AreaTree
from registry.commands import AnyCommand
from registry.entries import Filed
from registry.gathering import Outcome, Source
from registry.matching import OpenConflict
from registry.refresh import ChildContact


class Register(Protocol):
    """The register. Unknown ids raise NotFoundError, moved versions ConflictError, wrong values FormError.

    What a role does not allow in an area raises ForbiddenError.
    """

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

    async def roles(self, account: str) -> Sequence[Grant]:
        """Return the account's roles in areas; none: it may do everything."""
        ...

    async def areas(self) -> AreaTree:
        """Return the tree of areas."""
        ...

    async def snapshots(self) -> Sequence[SnapshotView]:
        """Return the half-yearly snapshots, the latest first."""
        ...

    async def audit(self, subject: str, before: int | None, limit: int, *, account: str) -> Sequence[AuditView]:
        """Return rows of the chain, the newest first, below a number."""
        ...

    async def verify_audit(self, account: str) -> VerdictView:
        """Walk the whole chain."""
        ...

    async def note_read(self, account: str, action: str, subject: str) -> None:
        """Write down that somebody looked; the same look within ten minutes is one."""
        ...


class Gatherings(Protocol):
    """Gathered lists (R13 to R15). A file that is no list raises ConfigurationError."""

    async def plan(
        self, content: bytes, source: Source, account: str, mapping: Mapping[str, str] | None = None
    ) -> PlanView:
        """Return the fate of every row and change nothing; `mapping` says of headers which fields they are."""
        ...

    async def take(
        self, content: bytes, source: Source, account: str, mapping: Mapping[str, str] | None = None
    ) -> PlanView:
        """Take a list in, whole or not at all."""
        ...

    async def latest(self, account: str) -> Sequence[GatheringView]:
        """Return lists, the latest first."""
        ...

    async def one(self, gathering_id: str, account: str) -> PlanView:
        """Return a list with the fate of its rows."""
        ...

    async def conflicts(self, account: str) -> Sequence[ConflictView]:
        """Return what nobody has decided, without what it says."""
        ...

    async def reveal_conflicts(self, reason: str, account: str) -> Sequence[OpenConflict]:
        """Return what nobody has decided in clear, after writing down who looked and why."""
        ...

    async def decide(self, conflict_id: str, decided: str, *, why: str, account: str) -> None:
        """Let the register's or the list's value stand: "kept" or "offered"."""
        ...

    async def close(self, person_id: str, outcome: Outcome, *, why: str, account: str) -> None:
        """Write down how looking for a named person ended."""
        ...
