"""What an install file says to the register: since when somebody is served, who of theirs is whom, what hangs there."""

from collections.abc import Iterable, Sequence
from datetime import date

import msgspec

from registry.annex1 import EmergencyContact
from registry.devices import InboxDevice, Replacement
from registry.entries import Entry, FirstContact, Relation
from registry.homes import Contact, ContactRole, Device, Home
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
    "capacity": None,
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
    if known.capacity is not None and said.get("capacity") is Capacity.INTACT:
        del said["capacity"]  # a file that repeats "able" protects nobody less than an assessment since
    return msgspec.structs.replace(known, home_id=person.home_id, area=person.area, **said)


def equipped(
    home: Home, known: Home | None, replacements: Iterable[Replacement] = (), rejected: Iterable[InboxDevice] = ()
) -> Home:
    """Return the home that is being registered, with every device of the known one that the file does not name.

    An adopted SOS button must not fall silent because its home's file was taken again. Of a device that is named, by
    its id or its address, stand room, heartbeat and install record where the file says nothing of them, and the
    address that replaced the file's. One that was removed since stays away: its address is `rejected`, as the device
    of the file. A suspension and a test that somebody declared go on.
    """
    if known is None:
        return home
    known_ids = {one.id for one in known.devices}
    removed = {(one.device_id, one.address) for one in rejected if one.device_id not in known_ids}
    replaced = {(one.device_id, one.old_address) for one in replacements}
    named = tuple(
        _as_known(one, known, is_replaced=(one.id, one.address) in replaced)
        for one in home.devices
        if (one.id, one.address) not in removed
    )
    taken = {one.id for one in named} | {one.address for one in named}
    kept = tuple(one for one in known.devices if one.id not in taken and one.address not in taken)
    return msgspec.structs.replace(
        home, devices=(*named, *kept), suspensions=known.suspensions, test_until_ms=known.test_until_ms
    )


def _as_known(device: Device, known: Home, *, is_replaced: bool) -> Device:
    same = [one for one in known.devices if one.id == device.id]
    before = next(iter(same or [one for one in known.devices if one.address == device.address]), None)
    if before is None:
        return device
    return msgspec.structs.replace(
        device,
        address=before.address if is_replaced else device.address,
        room=device.room or before.room,
        heartbeat_ms=device.heartbeat_ms or before.heartbeat_ms,
        units=device.units or before.units,
    )


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
