"""The register behind the API: each question on a worker thread, the same look within ten minutes written down once."""

import asyncio
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from typing import TypeVar

from api.registry_conversion import entry_row, entry_view, version_view
from api.registry_views import AuditView, EntryRowView, EntryView, SnapshotView, VerdictView, VersionView
from app.door import Door
from app.register import Register, Who, filed_of
from core.clock import Clock
from core.ids import PersonId
from core.localtime import MINUTE_MS
from registry.access import Deed, Grant, reach
from registry.annex1 import Annex1
from registry.areas import AreaTree
from registry.changes import changes
from registry.commands import Activate, AnyCommand, EndService, SaveForm, SetTier
from registry.entries import Filed
from registry.refresh import ChildContact
from store.truth.database import Truth

T = TypeVar("T")

SAME_LOOK_MS = 10 * MINUTE_MS
"""A page that refreshes itself is one look; who comes back after ten minutes looks again."""

MOST_LOOKS = 10_000
"""Looks remembered, so that they are not written down again: everybody at every desk of a county within ten minutes."""


class RegistryConsole:
    """Fits api.registry_ports.Register."""

    def __init__(self, truth: Truth, register: Register, clock: Clock, executor: Executor) -> None:
        self._truth = truth
        self._register = register
        self._clock = clock
        self._executor = executor
        self._door = Door(truth)
        self._looks: OrderedDict[tuple[str, str, str], int] = OrderedDict()

    async def entries(self, area: str, account: str) -> Sequence[EntryRowView]:
        """Return everybody of an area whom the account may see; nobody else's record is opened for it."""
        await self.note_read(account, "register.listed", area or "all")
        grants = await self.roles(account)
        seen = reach(grants, Deed.SEE, area)
        return await self._run(lambda: [row for place in seen for row in self._entries(place)])

    async def entry(self, person_id: str, account: str) -> EntryView:
        """Return one entry, masked."""
        view = await self._run(lambda: self._entry(person_id))
        await self._run(lambda: self._door.check(account, Deed.SEE, view.area))
        await self.note_read(account, "entry.read", person_id)
        return view

    async def reveal(self, person_id: str, reason: str, account: str) -> Filed:
        """Return one record in clear; this look is always written down."""
        who = _actor(account)
        await self._run(lambda: self._door.check_person(account, Deed.REVEAL, person_id))
        return await self._run(lambda: self._register.read(person_id, who, action="entry.revealed", reason=reason))

    async def create(self, form: Annex1, area: str, *, why: str, account: str) -> EntryView:
        """File a new entry."""
        await self._run(lambda: self._door.check(account, Deed.CHANGE, area.strip().strip("/")))
        return await self._run(
            lambda: self._entry(self._register.create(form, area, Who(_actor(account), why)).person.id)
        )

    async def change(self, person_id: str, command: AnyCommand, version: int, *, why: str, account: str) -> EntryView:
        """Carry out a command."""
        who = Who(_actor(account), why)
        deed = Deed.DECIDE if isinstance(command, SetTier | Activate | EndService) else Deed.CHANGE
        await self._run(lambda: self._door.check_person(account, deed, person_id))
        if isinstance(command, SaveForm):
            await self._run(lambda: self._door.check(account, deed, command.area.strip().strip("/")))
        await self._run(lambda: self._register.change(person_id, command, version, who))
        return await self._run(lambda: self._entry(person_id))

    async def history(self, person_id: str, account: str) -> Sequence[VersionView]:
        """Return every version, the newest first."""
        await self._run(lambda: self._door.check_person(account, Deed.SEE, person_id))
        return await self._run(lambda: self._history(person_id, _actor(account)))

    async def add_child_contact(self, contact: ChildContact, account: str) -> EntryView:
        """Write down that a child was in touch."""
        await self._run(lambda: self._door.check_person(account, Deed.CHANGE, contact.person_id))
        await self._run(lambda: self._register.add_child_contact(contact, _actor(account)))
        return await self._run(lambda: self._entry(contact.person_id))

    async def roles(self, account: str) -> Sequence[Grant]:
        """Return the account's roles in areas."""
        return await self._run(lambda: self._door.grants(account))

    async def areas(self) -> AreaTree:
        """Return the tree of areas."""
        return await self._run(self._areas)

    async def snapshots(self) -> Sequence[SnapshotView]:
        """Return the half-yearly snapshots."""
        kept = await self._run(self._register.snapshots)
        return [
            SnapshotView(
                day=one.day, taken_at_ms=one.taken_at_ms, people=one.people, sha256=one.sha256, is_whole=is_whole
            )
            for one, is_whole in kept
        ]

    async def audit(self, subject: str, before: int | None, limit: int, *, account: str) -> Sequence[AuditView]:
        """Return rows of the chain."""
        await self._run(lambda: self._door.check(account, Deed.AUDIT))
        return await self._run(lambda: self._audit(subject, before, limit))

    async def verify_audit(self, account: str) -> VerdictView:
        """Walk the whole chain."""
        await self._run(lambda: self._door.check(account, Deed.AUDIT))
        return await self._run(self._verdict)

    async def note_read(self, account: str, action: str, subject: str) -> None:
        """Write down that somebody looked."""
        now_ms, look = self._clock.now_ms(), (account, action, subject)
        last_ms = self._looks.get(look)
        if last_ms is not None and 0 <= now_ms - last_ms < SAME_LOOK_MS:
            return
        await self._run(lambda: self._note(account, action, subject, now_ms))
        self._looks[look] = now_ms
        self._looks.move_to_end(look)
        if len(self._looks) > MOST_LOOKS:
            self._looks.popitem(last=False)

    def _note(self, account: str, action: str, subject: str, now_ms: int) -> None:
        with self._truth.transaction() as unit:
            unit.audit.append(_actor(account), action, subject, "", now_ms)

    def _entries(self, area: str) -> list[EntryRowView]:
        today, tree = self._register.today(), self._areas()
        contacts: dict[str, list[ChildContact]] = defaultdict(list)
        for one in self._register.child_contacts(area=area):
            contacts[one.person_id].append(one)
        with self._truth.view() as unit:
            asked = sorted(unit.gathering.verifications(), key=lambda one: one.opened_at_ms)
        outcomes: dict[str, list[str]] = defaultdict(list)
        for search in asked:
            outcomes[search.person_id].append(search.outcome)
        return [
            entry_row(one, tree, contacts[one.person.id], today, outcomes=outcomes[one.person.id])
            for one in self._register.all(area)
        ]

    def _entry(self, person_id: str) -> EntryView:
        with self._truth.view() as unit:
            filed = filed_of(unit, PersonId(person_id))
            tree, contacts = unit.entries.areas(), unit.entries.child_contacts(PersonId(person_id))
        return entry_view(filed, tree, contacts, self._register.today())

    def _history(self, person_id: str, actor: str) -> list[VersionView]:
        versions, today = self._register.versions(person_id, actor), self._register.today()
        before = [None, *(one.filed for one in versions)]
        views = [version_view(one, changes(old, one.filed, today)) for old, one in zip(before, versions, strict=False)]
        return views[::-1]

    def _areas(self) -> AreaTree:
        with self._truth.view() as unit:
            return unit.entries.areas()

    def _audit(self, subject: str, before: int | None, limit: int) -> list[AuditView]:
        with self._truth.view() as unit:
            rows = unit.audit.list(subject=subject, before=before, limit=limit)
        return [AuditView.model_validate(one, from_attributes=True) for one in rows]

    def _verdict(self) -> VerdictView:
        with self._truth.view() as unit:
            return VerdictView.model_validate(unit.audit.verify(), from_attributes=True)

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._executor, work)


def registry_console(truth: Truth, clock: Clock, zone_name: str, executor: Executor) -> RegistryConsole:
    """Return the register as the API asks it."""
    return RegistryConsole(truth, Register(truth, clock, zone_name), clock, executor)


def _actor(account: str) -> str:
    return f"account:{account}"
