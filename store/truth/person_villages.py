"""In which villages' returns a person may stand: wherever they lived by any record; opens no return to find out."""

import msgspec
from sqlalchemy import Connection, select

from registry.entries import Filed
from registry.standing_facts import StandingFact
from store.cipher import FieldCipher
from store.truth import ledger_tables as ledger
from store.truth.person_rows import Subject
from store.truth.sealed_columns import opened, table_of
from visits.due_board import village_of


def villages_of(connection: Connection, cipher: FieldCipher, subject: Subject) -> set[str]:
    """Return the villages of a person's present and former areas: the register, its versions, moves, closed months."""
    mine = subject.person_id
    person, month, version, fact = (table_of(n) for n in ("person", "evaluation", "entry_version", "standing_fact"))
    areas = set(connection.scalars(select(person.c.area).where(person.c.id == mine)))
    areas |= set(connection.scalars(select(month.c.area).where(month.c.person_id == mine).distinct()))
    for row in connection.execute(select(version).where(version.c.person_id == mine, version.c.data != b"")).mappings():
        areas.add(msgspec.json.decode(opened(cipher, "entry_version", row)["data"], type=Filed).person.area)
    for row in connection.execute(select(fact).where(fact.c.person_id == mine)).mappings():
        areas.add(msgspec.json.decode(opened(cipher, "standing_fact", row)["data"], type=StandingFact).area)
    item, made = ledger.return_item, ledger.monthly_return
    theirs = select(item.c.return_id).where(item.c.visit_id.in_(subject.visits))
    areas |= set(connection.scalars(select(made.c.area).where(made.c.id.in_(theirs))))
    return {village_of(area) for area in areas if area}
