"""One person with an entry, for tests of the ledger's people."""

from datetime import date

import msgspec

from core.ids import HomeId, PersonId
from registry.annex1 import Annex1, EmergencyContact, Place
from registry.entries import Entry, Filed, FirstContact, Relation
from registry.identity import Sex, check_character
from registry.people import Category, Person

TODAY = date(2024, 2, 27)
FORM = Annex1(
    filed_on=date(2024, 1, 8),
    name="王秀英",
    sex=Sex.FEMALE,
    id_number="512222193805010029",
    phone="+8613800001234",
    emergency=EmergencyContact("李梅", Sex.FEMALE, "+8613900005678"),
    residence=Place("丰都县", "树人镇", "桥头村", "3组12号"),
    illness="高血压",
    categories=frozenset({Category.ALONE}),
    help_measures="每周送餐",
)


def id_number(body: str) -> str:
    """Return a body of 17 digits with its check character."""
    return body + check_character(body)


FORM = msgspec.structs.replace(FORM, id_number=id_number("51222219380501002"))


def person(person_id: str = "p1", **fields) -> Person:
    given = {
        "id": PersonId(person_id),
        "home_id": HomeId(f"h-{person_id}"),
        "area": "shuren/qiaotou/g3",
        "categories": frozenset({Category.ALONE}),
        "birth_date": date(1938, 5, 1),
        "name": "王秀英",
        "id_number": FORM.id_number,
        "phone": "+8613800001234",
        "address": "3组12号",
        "illness": "高血压",
    }
    return Person(**(given | fields))


CHILD = FirstContact(name="李梅", relation=Relation.CHILD, phone="+8613900005678")


def filed(version: int = 1, person_id: str = "p1", **fields) -> Filed:
    one = fields.pop("person", None) or person(person_id)
    return Filed(person=one, entry=Entry(person_id=one.id, version=version, **({"form": FORM} | fields)))


def keep(unit, one: Filed, *, actor="account:zhang", why="建档", at_ms=1_000, marks=()):
    """Put a version as the register does: the record, the version, the row of the chain."""
    unit.people.put_person(one.person)
    version = unit.entries.put(one, actor, "entry.filed", why, at_ms, marks=marks)
    unit.audit.append(actor, "entry.filed", one.person.id, why, at_ms, marks=marks, digest=version.sha256)
    return version
