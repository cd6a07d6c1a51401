"""The register of people: every change a new version with its row in the audit chain, in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import msgspec

from core.clock import Clock
from core.errors import ConflictError, NotFoundError
from core.ids import ContactId, HomeId, PersonId, derived_id
from core.localtime import instant_of, local_date, zone
from core.text import Bilingual
from registry.annex1 import Annex1
from registry.annex1_check import FormError, Problem, check_place
from registry.changes import changes
from registry.commands import AnyCommand, Doing, SaveForm, Verify, apply, is_told_late
from registry.entries import NOT_YET, RELATION_WORDS, Entry, Filed, Relation
from registry.homes import Contact, ContactRole
from registry.installing import with_family
from registry.people import Person, Tier, tier_of
from registry.refresh import ChildContact, last_snapshot_day
from registry.told_facts import told_facts
from store.truth.audit import BACKDATED, Event
from store.truth.database import Truth, Unit
from store.truth.entries import Snapshot, Version

_ROLES = {
    Relation.CHILD: ContactRole.FAMILY,
    Relation.SPOUSE: ContactRole.FAMILY,
    Relation.RELATIVE: ContactRole.FAMILY,
    Relation.NEIGHBOUR: ContactRole.NEIGHBOUR,
    Relation.WORKER: ContactRole.GRID_WORKER,
    Relation.VOLUNTEER: ContactRole.NEIGHBOUR,
}


@dataclass(frozen=True)
class Who:
    """Who acts and why; the reason is kept with the version."""

    actor: str  # "account:<name>" or "cli:<user>"
    why: str


class Register:
    """Reads and changes entries; every read of one person's record is in the chain too. Blocking; any thread."""

    def __init__(self, truth: Truth, clock: Clock, zone_name: str) -> None:
        self._truth = truth
        self._clock = clock
        self._zone = zone(zone_name)

    def today(self) -> date:
        """Return the local day."""
        return local_date(self._clock.now_ms(), self._zone)

    def all(self, area: str = "") -> list[Filed]:
        """Return everybody of an area, by area and id."""
        with self._truth.view() as unit:
            entries, people = unit.entries.all(area), unit.people.persons(area)
        found = [Filed(person=one, entry=entries.get(one.id) or Entry(person_id=one.id)) for one in people]
        return sorted(found, key=lambda one: (one.person.area, one.person.id))

    def read(self, person_id: str, actor: str, *, action: str = "entry.read", reason: str = "") -> Filed:
        """Return one person's record after writing down who looked; raises NotFoundError."""
        with self._truth.transaction() as unit:
            filed = filed_of(unit, PersonId(person_id))
            unit.audit.append(actor, action, person_id, reason, self._clock.now_ms())
        return filed

    def create(self, form: Annex1, area: str, who: Who) -> Filed:
        """File a new entry; raises FormError, or ConflictError when the identity number is somebody's."""
        now_ms = self._clock.now_ms()
        with self._truth.transaction() as unit:
            number, head = unit.audit.head()
            person_id = PersonId(f"p-{derived_id('person', head, number)}")
            person = Person(
                id=person_id,
                home_id=HomeId(f"hh-{person_id[2:]}"),
                area=area,
                categories=frozenset(),
                active_from=NOT_YET,
            )
            empty = Filed(person=person, entry=Entry(person_id=person_id))
            return self._apply(unit, empty, SaveForm(form=form, area=area), self._doing(who, now_ms), is_new=True)

    def change(self, person_id: str, command: AnyCommand, version: int, who: Who) -> Filed:
        """Carry out a command; what changes nothing makes no version. FormError, ConflictError, NotFoundError."""
        with self._truth.transaction() as unit:
            filed = filed_of(unit, PersonId(person_id))
            if filed.entry.version != version:
                raise ConflictError(f"the entry is at version {filed.entry.version}, you saw {version}")
            return self._apply(unit, filed, command, self._doing(who, self._clock.now_ms()))

    def versions(self, person_id: str, actor: str) -> list[Version]:
        """Return every version, the oldest first; the look is written down."""
        with self._truth.transaction() as unit:
            filed_of(unit, PersonId(person_id))
            unit.audit.append(actor, "entry.history_read", person_id, "", self._clock.now_ms())
            return unit.entries.versions(PersonId(person_id))

    def add_child_contact(self, contact: ChildContact, actor: str) -> ChildContact:
        """Write down that a child was in touch (R11); raises NotFoundError, or FormError for a day to come."""
        now_ms = self._clock.now_ms()
        if contact.on > self.today():
            raise FormError((Problem("on", Bilingual("日期在将来", "the day is in the future")),))
        with self._truth.transaction() as unit:
            filed_of(unit, PersonId(contact.person_id))
            number, head = unit.audit.head()
            kept = msgspec.structs.replace(
                contact, id=derived_id("child", head, number), recorded_by=actor, recorded_at_ms=now_ms
            )
            unit.entries.add_child_contact(kept)
            unit.audit.append(actor, "child_contact.recorded", contact.person_id, kept.channel.value, now_ms)
        return kept

    def child_contacts(self, person_id: str | None = None, area: str = "") -> list[ChildContact]:
        """Return when children of one person, or of an area's people, were in touch."""
        with self._truth.view() as unit:
            return unit.entries.child_contacts(None if person_id is None else PersonId(person_id), area)

    def snapshots(self) -> list[tuple[Snapshot, bool]]:
        """Return every snapshot with whether it is still whole."""
        with self._truth.view() as unit:
            return [(one, unit.entries.is_snapshot_whole(one.day)) for one in unit.entries.snapshots()]

    def take_due_snapshot(self, actor: str) -> Snapshot | None:
        """Take the snapshot of the last half-year's end; None when it is there, or nobody had an entry by then."""
        day, now_ms = last_snapshot_day(self.today()), self._clock.now_ms()
        with self._truth.view() as unit:
            if any(one.day == day for one in unit.entries.snapshots()):
                return None
        end_ms = instant_of(datetime.combine(day + timedelta(days=1), time()), self._zone)
        with self._truth.transaction() as unit:
            head = unit.audit.head()[1]
            taken = unit.entries.take_snapshot(day, end_ms, actor, at_ms=now_ms, audit_head=head)
            if taken is not None:
                unit.audit.append(actor, "snapshot.taken", day.isoformat(), "", now_ms, digest=taken.sha256)
        return taken

    def _doing(self, who: Who, now_ms: int) -> Doing:
        if not who.why.strip():
            raise FormError((Problem("why", Bilingual("请写明理由", "say why")),))
        return Doing(actor=who.actor, why=who.why.strip(), at_ms=now_ms, today=self.today())

    def _apply(self, unit: Unit, filed: Filed, command: AnyCommand, doing: Doing, *, is_new: bool = False) -> Filed:
        after = apply(command, filed, doing)
        if isinstance(command, SaveForm) and (is_new or after.person.area != filed.person.area):
            check_place(after.person.area, unit.entries.areas())
        if not is_new and not changes(filed, after, doing.today):
            return filed
        marks = (BACKDATED,) if is_told_late(command, doing.today) else ()
        if isinstance(command, Verify):
            unit.gathering.close_verifications(
                after.person.id, "confirmed", doing.why, by=doing.actor, at_ms=doing.at_ms
            )
        action = "entry.created" if is_new else f"entry.{type(command).__struct_config__.tag}"
        for fact in told_facts(command, filed, after, doing, unit.standing.of(filed.person.id)):
            unit.standing.add(fact)
        return keep(unit, after, doing, action, marks=marks)


def registered(unit: Unit, person_id: PersonId, doing: Doing) -> None:
    """Keep a version of a person whom an install file put into the registry, when anything of it is new."""
    filed = filed_of(unit, person_id)
    filed = msgspec.structs.replace(filed, entry=with_family(filed.entry, unit.people.contacts(person_id)))
    last = unit.entries.versions(person_id)[-1:]
    if not last or changes(last[0].filed, filed, doing.today):
        keep(unit, filed, doing, "entry.registered")


def filed_of(unit: Unit, person_id: PersonId) -> Filed:
    """Return a person's record with the entry beside it; raises NotFoundError."""
    person = unit.people.person(person_id)
    if person is None:
        raise NotFoundError(f"没有此人 {person_id} / no person {person_id}")
    return Filed(person=person, entry=unit.entries.get(person_id))


def keep(unit: Unit, after: Filed, doing: Doing, action: str, *, marks: Sequence[str] = ()) -> Filed:
    """Put the next version: the person, whom a ladder may ring, the entry, the row of the chain."""
    kept = msgspec.structs.replace(after, entry=msgspec.structs.replace(after.entry, version=after.entry.version + 1))
    unit.people.put_person(kept.person)
    _put_contacts(unit, kept)
    _put_home(unit, kept.person, doing.today)
    version = unit.entries.put(kept, doing.actor, action, doing.why, doing.at_ms, marks=marks)
    unit.audit.append(doing.actor, action, kept.person.id, doing.why, doing.at_ms, marks=marks, digest=version.sha256)
    return kept


def keep_new(unit: Unit, new: Sequence[Filed], doing: Doing, action: str, *, marks: Sequence[str] = ()) -> None:
    """Put the first versions of people nobody knows yet, in as few statements as for one; they have no home yet."""
    versions = [
        Version(
            person_id=one.person.id,
            version=1,
            at_ms=doing.at_ms,
            actor=doing.actor,
            action=action,
            why=doing.why,
            marks=tuple(marks),
            filed=msgspec.structs.replace(one, entry=msgspec.structs.replace(one.entry, version=1)),
            sha256="",
        )
        for one in new
    ]
    unit.people.add_people([one.person for one in new])
    kept = unit.entries.add_all(versions)
    for one in kept:
        if one.filed.entry.form.emergency.phone:
            _put_contacts(unit, one.filed)
    unit.audit.append_all(
        Event(
            actor=doing.actor,
            action=action,
            subject=one.person_id,
            detail=doing.why,
            at_ms=doing.at_ms,
            marks=tuple(marks),
            digest=one.sha256,
        )
        for one in kept
    )


def _put_contacts(unit: Unit, filed: Filed) -> None:
    """Let the ladders know the first contact and the emergency contact; a number that is there already is kept."""
    person_id = filed.person.id
    first, emergency = filed.entry.first_contact, filed.entry.form.emergency
    if first is not None and first.phone:
        _put_contact(
            unit,
            Contact(
                id=ContactId(f"{person_id}:first"),
                person_id=person_id,
                role=_ROLES[first.relation],
                order=1,
                name=first.name,
                phone=first.phone,
                relation=RELATION_WORDS[first.relation].zh,
            ),
        )
    if emergency.phone:
        contact_id = ContactId(f"{person_id}:emergency")
        _put_contact(
            unit,
            Contact(
                id=contact_id,
                person_id=person_id,
                role=ContactRole.FAMILY,
                order=2,
                name=emergency.name,
                phone=emergency.phone,
                relation="紧急联系人",
            ),
        )


def _put_contact(unit: Unit, contact: Contact) -> None:
    """Put a contact; whose number is another's already is that one, at the better place of the two."""
    known = unit.people.contacts(contact.person_id)
    same = next((one for one in known if one.phone == contact.phone), None)
    if same is not None:
        kept = contact if same.id == contact.id else same
        contact = msgspec.structs.replace(kept, order=min(same.order, contact.order))
    if contact not in known:
        unit.people.put_contact(contact)


def _put_home(unit: Unit, person: Person, today: date) -> None:
    home = unit.people.home(person.home_id)
    if home is None:
        return
    is_key = tier_of(person, today).tier is Tier.KEY
    if (home.area, home.is_key_person) != (person.area, is_key):
        unit.people.put_home(msgspec.structs.replace(home, area=person.area, is_key_person=is_key))
