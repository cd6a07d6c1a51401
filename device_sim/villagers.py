"""Made-up residents and the people around them; their numbers cannot be assigned, their names are nobody's."""

from datetime import date, timedelta

from core.ids import ContactId, HomeId, PersonId
from device_sim.activities import dice
from device_sim.registration import Registration, is_key_person
from device_sim.resident import devices_of
from registry.homes import Contact, ContactRole, Home
from registry.people import Capacity, Category, Person

HOME_IDS = tuple(HomeId(f"h{number:02}") for number in range(1, 13))
FALLEN_HOME, STILL_HOME = HomeId("h07"), HomeId("h03")

VILLAGE_DATE = date(2026, 3, 1)
"""The day on which ages and tiers are told."""

NUMBER_RANGE = "+861000000"
"""No subscriber's number begins like this in China; four digits follow: home and place, 00 for the town's own."""

_FAMILY_NAMES = "周吴郑冯陈蒋沈韩杨秦许何吕孔曹魏陶姜谢邹"
_WOMEN = ("守芳", "桂兰", "素珍", "玉英", "秀梅", "淑华", "凤仙", "长秀")
_MEN = ("守田", "德发", "明山", "长贵", "国梁", "永福", "世安", "正林")
_YOUNG = ("晓燕", "建军", "海波", "小红", "志强", "丽萍", "春生", "文静")
_ILLNESSES = ("", "", "高血压", "糖尿病", "骨质疏松", "白内障")
_GRIDS = ("一", "二", "三")

_KINDS: tuple[tuple[frozenset[Category], Capacity, tuple[int, int]], ...] = (
    (frozenset({Category.ALONE}), Capacity.INTACT, (66, 78)),
    (frozenset({Category.EMPTY_NEST}), Capacity.INTACT, (66, 79)),
    (frozenset({Category.ALONE, Category.LEFT_BEHIND}), Capacity.INTACT, (67, 78)),
    (frozenset({Category.CHILDLESS}), Capacity.INTACT, (68, 84)),
    (frozenset({Category.ALONE, Category.INCAPACITATED}), Capacity.MODERATE, (72, 86)),
    (frozenset({Category.ALONE}), Capacity.MILD, (81, 89)),
    (frozenset({Category.ALONE, Category.FAMILY_PLANNING}), Capacity.INTACT, (66, 77)),
)
"""Categories, capacity and ages that go together; tiers follow from them (registry/people.py)."""

_GENERAL, _KEY = _KINDS[0], _KINDS[5]


def villager(home_id: HomeId, seed: int) -> Registration:
    """Return the person of a home, the home and its contacts, as the seed has it."""
    number = int(home_id[1:])
    rng = dice(f"{seed}/{home_id}/person")
    kind = {FALLEN_HOME: _KEY, STILL_HOME: _GENERAL}.get(home_id, _KINDS[number % len(_KINDS)])
    categories, capacity, ages = kind
    grid = (number - 1) * len(_GRIDS) // len(HOME_IDS)
    family_name = rng.choice(_FAMILY_NAMES)
    person = Person(
        id=PersonId(f"p{number:02}"),
        home_id=home_id,
        area=f"shuren/qiaotou/g{grid + 1}",
        categories=categories,
        birth_date=VILLAGE_DATE - timedelta(days=rng.randint(ages[0] * 366, ages[1] * 365)),
        capacity=capacity,
        name=family_name + rng.choice(_WOMEN if rng.random() < 0.6 else _MEN),  # noqa: PLR2004  # more widows than widowers
        phone=_phone(number, 0),
        address=f"树人镇桥头村{_GRIDS[grid]}组{number}号",
        illness=rng.choice(_ILLNESSES),
        mobile_home_phone=rng.random() < 0.5,  # noqa: PLR2004  # half leave the phone at home
    )
    home = Home(
        id=home_id,
        person_id=person.id,
        area=person.area,
        devices=devices_of(home_id),
        is_key_person=is_key_person(person, VILLAGE_DATE),
    )
    return Registration(person, home, _contacts(person, number, grid, family_name))


def _contacts(person: Person, number: int, grid: int, family_name: str) -> tuple[Contact, ...]:
    """Family first unless there is none; then the neighbour, the grid worker, the town's desk and its head."""
    rng = dice(f"{person.name}/{number}/contacts")
    others = _FAMILY_NAMES.replace(family_name, "")
    around = [
        (ContactRole.FAMILY, "女儿", family_name + rng.choice(_YOUNG), _phone(number, 1)),
        (ContactRole.FAMILY, "儿子", family_name + rng.choice(_YOUNG), _phone(number, 2)),
        (ContactRole.NEIGHBOUR, "邻居", rng.choice(others) + rng.choice(_WOMEN), _phone(number, 3)),
        (ContactRole.GRID_WORKER, "网格员", f"{_GRIDS[grid]}组网格员", _phone(0, grid + 1)),
        (ContactRole.DUTY, "镇值班室", "镇值班室", _phone(0, 8)),
        (ContactRole.SUPERVISOR, "分管负责人", "镇分管负责人", _phone(0, 9)),
    ]
    if Category.CHILDLESS in person.categories:
        around = [row for row in around if row[0] is not ContactRole.FAMILY]
    return tuple(
        Contact(
            id=ContactId(f"c{number:02}-{order}"),
            person_id=person.id,
            role=role,
            order=order,
            name=name,
            phone=phone,
            relation=relation,
            is_registered_visitor=role in {ContactRole.GRID_WORKER, ContactRole.NEIGHBOUR},
        )
        for order, (role, relation, name, phone) in enumerate(around, start=1)
    )


def _phone(home: int, place: int) -> str:
    return f"{NUMBER_RANGE}{home:02}{place:02}"
