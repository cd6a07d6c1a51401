"""What an install file says to the register: since when somebody is served, and who of theirs is whom (R10-R12)."""

from collections.abc import Sequence
from datetime import date

import msgspec

from registry.annex1 import EmergencyContact
from registry.entries import Entry, FirstContact, Relation
from registry.homes import Contact, ContactRole
from registry.identity import Sex
from registry.people import Capacity, Category, Person

_DAUGHTERS = frozenset(
    ["女儿", "长女", "次女", "三女", "幼女", "大女儿", "二女儿", "小女儿", "养女", "继女", "daughter"]
)
_SONS = frozenset(["儿子", "长子", "次子", "三子", "幼子", "大儿子", "二儿子", "小儿子", "养子", "继子", "son"])
_CHILDREN = _DAUGHTERS | _SONS | {"子女", "孩子", "child"}
_SPOUSES = frozenset(["配偶", "老伴", "妻子", "丈夫", "爱人", "spouse", "wife", "husband"])


_UNSAID = {
    "name": "",
    "phone": "",
    "birth_date": None,
    "categories": frozenset({Category.ALONE}),
    "capacity": Capacity.INTACT,
    "address": "",
    "mobile_home_phone": True,
}
"""What a file can say of a person, and what it is taken for where it says nothing."""


def begun(person: Person, known: Person | None, today: date) -> Person:
    """Return who is being registered, served from today on; of who is known stands what the file does not say.

    Nobody owes a visit of before (policy B3, case 6): that person was not in the ledger yet. An installer who takes a
    file again for a new sensor must not undo what clerks have written since: identity number, tier, capacity.
    """
    if known is None:
        return msgspec.structs.replace(person, active_from=today, active_until=None)
    said = {name: getattr(person, name) for name, unsaid in _UNSAID.items() if getattr(person, name) != unsaid}
    return msgspec.structs.replace(known, home_id=person.home_id, area=person.area, **said)


def with_family(entry: Entry, contacts: Sequence[Contact]) -> Entry:
    """Return the entry with the first visit contact and 紧急联系人 of the family; what stands there stays.

    A child is the first contact by the plan (R10). Anybody else of the family is only proposed: town and village
    appoint them together (R12), and until then the entry says so.
    """
    family = [one for one in contacts if one.role is ContactRole.FAMILY and one.name]
    nearest = min(family, key=lambda one: (relation_of(one.relation) is not Relation.CHILD, one.order), default=None)
    if nearest is None:
        return entry
    first = entry.first_contact or FirstContact(
        name=nearest.name, relation=relation_of(nearest.relation), phone=nearest.phone
    )
    form = entry.form
    if form.emergency == EmergencyContact():
        said = EmergencyContact(name=nearest.name, sex=_sex_of(nearest.relation), phone=nearest.phone)
        form = msgspec.structs.replace(form, emergency=said)
    return msgspec.structs.replace(entry, first_contact=first, form=form)


def relation_of(word: str) -> Relation:
    """Return who a member of the family is; in-laws and who is not said are other relatives."""
    plain = word.strip().lower()
    if plain in _CHILDREN:
        return Relation.CHILD
    return Relation.SPOUSE if plain in _SPOUSES else Relation.RELATIVE


def _sex_of(word: str) -> Sex | None:
    plain = word.strip().lower()
    if plain in _DAUGHTERS:
        return Sex.FEMALE
    return Sex.MALE if plain in _SONS else None
