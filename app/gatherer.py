"""Takes gathered lists into the register: a dry run that tells each row's fate, then all of it in one transaction."""

import hashlib
import re
from collections import Counter
from collections.abc import Mapping
from datetime import date

import msgspec

from app.register import Who, filed_of, keep, keep_new
from app.sheets import read_sheet
from core.clock import Clock
from core.errors import ConflictError
from core.ids import HomeId, PersonId, derived_id
from core.localtime import local_date, zone
from core.text import Bilingual
from registry.annex1 import Annex1
from registry.annex1_check import FormError, Problem
from registry.commands import Doing
from registry.entries import NOT_YET, Entry, Filed, Origin
from registry.gathering import Columns, Fate, Outcome, Source, columns_of, data_rows
from registry.matching import Judged, OpenConflict, judge, text_of, with_values
from registry.people import Person
from store.truth.audit import BULK
from store.truth.database import Truth, Unit
from store.truth.gathering import Gathering, Verification

_DOOR_NUMBER = re.compile(r"\d\s*[号號室户#](?![楼院栋幢])")
"""The end of an address that names one door: 3组2号, 12号楼301室; 12号楼 alone is a building."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What a list would do: the fate of each row, by which columns; nothing has been changed."""

    source: Source
    file_sha256: str
    columns: Columns
    mapping: dict[str, str]
    rows: tuple[Judged, ...]
    remarks: tuple[str, ...]

    @property
    def counts(self) -> dict[Fate, int]:
        """Return how many rows have each fate."""
        counted = Counter(row.fate for row in self.rows)
        return {fate: counted[fate] for fate in Fate}


class Gatherer:
    """Plans and takes lists, decides conflicts, closes verifications. Blocking; any thread."""

    def __init__(self, truth: Truth, clock: Clock, zone_name: str) -> None:
        self._truth = truth
        self._clock = clock
        self._zone = zone(zone_name)

    def plan(self, content: bytes, source: Source, mapping: Mapping[str, str] | None = None, *, where: str) -> Plan:
        """Return the fate of every row and change nothing; raises ConfigurationError for a file that is no list."""
        with self._truth.view() as unit:
            return self._plan(unit, content, source, mapping, where=where)

    def take(
        self, content: bytes, source: Source, mapping: Mapping[str, str] | None = None, *, where: str, actor: str
    ) -> tuple[Gathering, Plan]:
        """Take in the rows that can be taken, all at once, judged anew within the transaction: nothing is overtaken."""
        now_ms = self._clock.now_ms()
        with self._truth.transaction() as unit:
            plan = self._plan(unit, content, source, mapping, where=where)
            number, head = unit.audit.head()
            gathering = Gathering(
                id=f"g-{derived_id('gathering', head, number)}",
                source=source,
                file_sha256=plan.file_sha256,
                at_ms=now_ms,
                actor=actor,
                mapping=plan.mapping,
                counts=plan.counts,
            )
            taking = _Taking(gathering, _Households(unit))
            taken = [self._take_row(unit, row, taking) for row in plan.rows]
            keep_new(unit, taking.new, self._doing_of(gathering, gathering.id), "entry.gathered", marks=(BULK,))
            unit.gathering.put(gathering, taken)
            unit.gathering.open_verifications(taking.wanted)
            said = ", ".join(f"{fate} {count}" for fate, count in plan.counts.items())
            unit.audit.append(actor, "gathering.taken", gathering.id, said, now_ms, marks=(BULK,))
        return gathering, plan

    def decide(self, conflict_id: str, decided: str, who: Who) -> OpenConflict:
        """Let what the register holds stand, or take what the list says; the deciding is a version with its reason."""
        if decided not in {"kept", "offered"}:
            raise FormError((Problem("decided", Bilingual("请选择保留或采用", "choose kept or offered")),))
        doing = self._doing(who)
        with self._truth.transaction() as unit:
            one = unit.gathering.decide(conflict_id, decided, who.actor, doing.at_ms)
            difference = one.difference
            subject = PersonId(one.person_id)
            if decided == "kept":
                unit.audit.append(who.actor, "conflict.kept", subject, f"{difference.field}: {who.why}", doing.at_ms)
                return one
            filed = filed_of(unit, subject)
            if text_of(filed, difference.field) != difference.kept:
                raise ConflictError(f"{difference.field} of {subject} has changed since the list was taken")
            origin = Origin(source=one.source, gathering=one.gathering_id, row=one.row, by=who.actor, at_ms=doing.at_ms)
            after = _with_origins(
                with_values(filed, {difference.field: difference.offered}), {difference.field: origin}
            )
            keep(unit, after, doing, "entry.conflict_decided")
        return one

    def close(self, person_id: str, outcome: Outcome, who: Who) -> int:
        """Write down how looking for a named person at home ended; return how many lists had asked."""
        doing = self._doing(who)
        with self._truth.transaction() as unit:
            filed_of(unit, PersonId(person_id))
            closed = unit.gathering.close_verifications(
                PersonId(person_id), outcome.value, doing.why, by=who.actor, at_ms=doing.at_ms
            )
            if closed:
                unit.audit.append(who.actor, f"verification.{outcome}", person_id, doing.why, doing.at_ms)
        return closed

    def _plan(
        self, unit: Unit, content: bytes, source: Source, mapping: Mapping[str, str] | None, *, where: str
    ) -> Plan:
        sheet = read_sheet(content, where=where)
        columns = columns_of(sheet, mapping, where=where)
        today = local_date(self._clock.now_ms(), self._zone)
        entries = unit.entries.all()
        known = {
            _normal(person.id_number): Filed(person=person, entry=entries.get(person.id) or Entry(person_id=person.id))
            for person in unit.people.persons()
            if person.id_number
        }
        rows = judge(data_rows(sheet, columns), known, unit.entries.areas(), source=source, on=today)
        return Plan(
            source=source,
            file_sha256=hashlib.sha256(content).hexdigest(),
            columns=columns,
            mapping=columns.by_header(sheet),
            rows=tuple(rows),
            remarks=sheet.remarks,
        )

    def _take_row(self, unit: Unit, row: Judged, taking: "_Taking") -> Judged:
        if row.fate is Fate.REFUSED:
            return row
        gathering = taking.gathering
        doing = self._doing_of(gathering, f"{gathering.id} row {row.row}")
        origin = Origin(source=gathering.source, gathering=gathering.id, row=row.row, by=doing.actor, at_ms=doing.at_ms)
        origins = dict.fromkeys(row.fills, origin)
        if row.fate is Fate.NEW:
            before = _nobody(PersonId(f"p-{derived_id('gathered', gathering.id, row.row)}"), row, taking.households)
            filed = _with_origins(with_values(before, row.fills), origins)
            taking.new.append(filed)
        else:
            filed = filed_of(unit, PersonId(row.person_id))
            if row.fills:
                after = _with_origins(with_values(filed, row.fills), origins)
                filed = keep(unit, after, doing, "entry.gathered", marks=(BULK,))
        taking.wanted.append(
            Verification(
                person_id=filed.person.id,
                gathering_id=gathering.id,
                area=filed.person.area,
                household=filed.person.home_id,
                opened_at_ms=gathering.at_ms,
            )
        )
        return msgspec.structs.replace(row, person_id=filed.person.id)

    def _doing_of(self, gathering: Gathering, why: str) -> Doing:
        return Doing(
            actor=gathering.actor,
            why=f"{gathering.source} {why}",
            at_ms=gathering.at_ms,
            today=local_date(gathering.at_ms, self._zone),
        )

    def _doing(self, who: Who) -> Doing:
        if not who.why.strip():
            raise FormError((Problem("why", Bilingual("请写明理由", "say why")),))
        now_ms = self._clock.now_ms()
        return Doing(actor=who.actor, why=who.why.strip(), at_ms=now_ms, today=local_date(now_ms, self._zone))


class _Taking:
    """What one list brings, gathered to be written in few statements: the desk waits while a list is written."""

    def __init__(self, gathering: Gathering, households: "_Households") -> None:
        self.gathering = gathering
        self.households = households
        self.new: list[Filed] = []
        self.wanted: list[Verification] = []


class _Households:
    """Who lives at one door is one household: the same area and the same address, however it is spaced.

    An address without a door's number (三组) is a hamlet: each there is a household until the visit says otherwise.
    """

    def __init__(self, unit: Unit) -> None:
        self._homes = {
            _door(person.area, person.address): person.home_id
            for person in unit.people.persons()
            if _DOOR_NUMBER.search(person.address)
        }

    def home_of(self, area: str, address: str, person_id: PersonId) -> HomeId:
        """Return the home at a door, a new one where there is none or the address names no door."""
        fresh = HomeId(f"hh-{person_id.removeprefix('p-')}")
        return self._homes.setdefault(_door(area, address), fresh) if _DOOR_NUMBER.search(address) else fresh


def _nobody(person_id: PersonId, row: Judged, households: _Households) -> Filed:
    person = Person(
        id=person_id,
        home_id=households.home_of(row.area, row.fills.get("residence.detail", ""), person_id),
        area=row.area,
        categories=frozenset(),
        birth_date=date.fromisoformat(row.values["birth_date"]),
        active_from=NOT_YET,
    )
    return Filed(person=person, entry=Entry(person_id=person_id, form=Annex1()))


def _with_origins(filed: Filed, origins: Mapping[str, Origin]) -> Filed:
    entry = msgspec.structs.replace(filed.entry, origins=filed.entry.origins | dict(origins))
    return msgspec.structs.replace(filed, entry=entry)


def _door(area: str, address: str) -> tuple[str, str]:
    return area, "".join(address.split())


def _normal(number: str) -> str:
    return "".join(number.split()).upper()
