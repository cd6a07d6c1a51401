"""What is to be looked at again in a home that was registered, though it may be right; refuses nothing."""

from collections.abc import Sequence
from datetime import date

from app.areas import nearest_to_new
from core.text import Bilingual
from device_sim.registration import Registration
from registry.entries import is_too_young
from registry.homes import Contact, Home
from registry.people import Person
from store.truth.database import Unit


def doubts_of(unit: Unit, registration: Registration, today: date) -> list[Bilingual]:
    """Return what is in doubt once a home stands in the register; no number is repeated."""
    person = registration.person
    has_desk = any(one.phone for one in unit.rota.current().staff)
    return [
        *_of_age(person, today),
        *_of_shared_phone(unit, person),
        *_of_nobody(person, unit.people.contacts(person.id), has_desk=has_desk),
        *_of_area(unit, registration.home),
    ]


def _of_age(person: Person, today: date) -> list[Bilingual]:
    if not is_too_young(person, today):
        return []
    return [
        Bilingual(
            "未满60周岁，登记不能生效（R8）；请核对 birth_date",
            "younger than 60, the entry cannot be activated (R8): check birth_date",
        )
    ]


def _of_shared_phone(unit: Unit, person: Person) -> list[Bilingual]:
    others = [one.id for one in unit.people.find_persons_by_phone(person.phone) if one.id != person.id]
    if not others:
        return []
    ids = ", ".join(sorted(others))
    return [
        Bilingual(
            f"该电话也是 {ids} 的电话；同住则无妨，否则请改正",
            f"{ids} has the same phone number: right if they live together, else correct it",
        )
    ]


def _of_nobody(person: Person, contacts: Sequence[Contact], *, has_desk: bool) -> list[Bilingual]:
    """Return who is missing: a ladder that rings nobody is found out on the day on which somebody falls."""
    if any(one.phone for one in contacts):
        return []
    if person.phone:
        rung = Bilingual("只呼叫值班台", "only the duty desk is") if has_desk else Bilingual("无人可呼叫", "nobody is")
        return [
            Bilingual(
                f"没有带电话的联系人：老人不接时{rung.zh}；请在文件里补 [[contact]]",
                f"no contact with a phone number: {rung.en} rung when the resident does not answer; add a [[contact]]",
            )
        ]
    rung = (
        Bilingual("本户只能呼叫值班台", "only the duty desk is rung for this home")
        if has_desk
        else Bilingual("本户无人可呼叫", "nobody can be rung for this home")
    )
    return [
        Bilingual(
            f"{rung.zh}：老人和联系人都没有电话；请在文件里补 [person] 的 phone 或 [[contact]]",
            f"{rung.en}: neither the resident nor a contact has a phone number; add phone under [person], or a "
            "[[contact]]",
        )
    ]


def _of_area(unit: Unit, home: Home) -> list[Bilingual]:
    """Return that nobody else is where the home is: by a slip no account of that village would ever see it."""
    near = nearest_to_new(unit, home)
    if near is None:
        return []
    return [
        Bilingual(
            f"区域 {home.area!r} 是新的，别无住户或账号在此；最接近的已有区域：{near}；如系笔误，改正 area 后再执行",
            f"the area {home.area!r} is new, no other home or account has it; nearest known: {near}; if it is a slip, "
            "correct area and do it again",
        )
    ]
