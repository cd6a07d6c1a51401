"""Every row that is about one person, table by table: what an export shows and an erasure empties; decides neither."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, select

from core.ids import HomeId, PersonId
from store.cipher import FieldCipher
from store.truth.sealed_columns import SEALED_COLUMNS, opened, place_of, table_of

Rows = dict[str, list[dict[str, Any]]]


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """A person with what hangs on them. `is_alone`: nobody else of the register lives in the home."""

    person_id: PersonId
    home_id: HomeId
    is_alone: bool
    visits: tuple[str, ...]
    alerts: tuple[str, ...]
    names: tuple[str, ...]  # ids by which the chain may speak of them


def subject_of(connection: Connection, person_id: PersonId) -> Subject | None:
    """Return a person with the ids of what hangs on them; None when there is nobody."""
    person, alert = table_of("person"), table_of("alert")
    home_id = connection.scalar(select(person.c.home_id).where(person.c.id == person_id))
    if home_id is None:
        return None
    others = connection.scalars(select(person.c.id).where(person.c.home_id == home_id, person.c.id != person_id))
    gone = set(connection.scalars(select(table_of("erasure").c.person_id).where(_is_begun())))
    is_alone = not set(others) - gone
    where = alert.c.person_id == person_id
    if is_alone:
        where |= alert.c.home_id == home_id
    alerts = tuple(connection.scalars(select(alert.c.id).where(where)))
    visit = table_of("visit")
    visits = tuple(connection.scalars(select(visit.c.id).where(visit.c.person_id == person_id)))
    own = [person_id, *visits, *alerts]
    for name in ("standing_fact", "follow_up", "eligibility"):
        table = table_of(name)
        own += connection.scalars(select(table.c.id).where(table.c.person_id == person_id))
    own += [home_id] if is_alone else []
    return Subject(
        person_id=person_id, home_id=home_id, is_alone=is_alone, visits=visits, alerts=alerts, names=tuple(own)
    )


def rows_of(connection: Connection, cipher: FieldCipher, subject: Subject) -> Rows:
    """Return every row about a person by table, in clear; tables without one are left out."""
    found: Rows = {}
    for name, where in conditions(subject).items():
        rows = connection.execute(select(table_of(name)).where(where)).mappings()
        told = [opened(cipher, name, row) for row in rows]
        if told:
            found[name] = told
    return found


def places_of(connection: Connection, subject: Subject) -> set[tuple[str, str]]:
    """Return the table and place of every sealed row about a person, and of rows of lists that are nobody's yet."""
    found: set[tuple[str, str]] = set()
    for name, where in conditions(subject).items():
        if name in SEALED_COLUMNS:
            keys = [table_of(name).c[column] for column in SEALED_COLUMNS[name].key]
            rows = connection.execute(select(*keys).where(where)).mappings()
            found |= {(name, place_of(name, row)) for row in rows}
    gathered = table_of("gathered_row")
    nobodys = select(gathered.c.gathering_id, gathered.c.row).where(gathered.c.person_id.is_(None))
    return found | {("gathered_row", place_of("gathered_row", row)) for row in connection.execute(nobodys).mappings()}


def conditions(subject: Subject) -> Mapping[str, ColumnElement[bool]]:
    """Return which rows of each table are about a person."""
    found = {name: table_of(name).c.person_id == subject.person_id for name in _OF_PERSON}
    found["person"] = table_of("person").c.id == subject.person_id
    found["visit_version"] = _among("visit_version", "visit_id", subject.visits)
    found["return_item"] = _among("return_item", "visit_id", subject.visits)
    found["alert"] = _among("alert", "id", subject.alerts)
    for name in ("timer", "finding", "trace", "attempt"):
        found[name] = _among(name, "alert_id", subject.alerts)
    found["audit"] = _among("audit", "subject", subject.names)
    if subject.is_alone:
        found["home"] = table_of("home").c.id == subject.home_id
        found["device"] = table_of("device").c.home_id == subject.home_id
        found["silence"] = table_of("silence").c.home_id == subject.home_id
    return found


_OF_PERSON = (
    "contact",
    "entry",
    "entry_version",
    "ledger_snapshot_row",
    "child_contact",
    "gathered_row",
    "conflict",
    "verification",
    "visit",
    "visit_sequence",
    "standing_fact",
    "follow_up",
    "eligibility",
    "evaluation",
    "erasure",
    "legal_hold",
)


def _among(name: str, column: str, values: Sequence[str]) -> ColumnElement[bool]:
    # by the table's own index; a person has some hundreds of records in ten years, far below SQLite's limit
    return table_of(name).c[column].in_(values)


def _is_begun() -> ColumnElement[bool]:
    return table_of("erasure").c.done_by != ""
