"""A made-up township by one seed: villages, people with a history, and every visit to them; it decides nothing."""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

import msgspec

from core.ids import ContactId, HomeId, PersonId, derived_id
from core.months import months_later
from registry.areas import Area
from registry.homes import Contact, ContactRole, Home
from registry.people import Capacity, Category, Person, Tier
from registry.standing_facts import Absence, FactId, FactKind, StandingFact
from visits.special import SpecialKind, SpecialPeriod, WarningLevel

TOWN, TOWN_NAME = "shuren", "树人镇"
GRIDS = 3
"""Grids of a village, one worker each."""

_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
_GIVEN = "秀英桂兰玉珍建国德福明华淑芬永贵凤琴长生素云"
_FIRST = "桥石龙高新大长青白红双三金银南北东西上下李王杨柳松竹梅兰清水云月"
_SECOND = "头坪坝湾沟岭坡塘井溪河口庙寨岩堰"
_DAY = timedelta(days=1)


class Plan(msgspec.Struct, frozen=True):
    """What to make up: the same plan gives the same township, to the last visit."""

    people: int
    villages: int
    months: int
    seed: int
    first_month: date = date(2024, 1, 1)

    @property
    def last_day(self) -> date:
        """The last day of the last month."""
        return months_later(self.first_month, self.months) - _DAY


class Resident(msgspec.Struct, frozen=True):
    """One person with their home, contacts and history."""

    person: Person
    home: Home
    contacts: tuple[Contact, ...]
    facts: tuple[StandingFact, ...]


def residents(plan: Plan) -> Iterator[Resident]:
    """Yield everybody; one in ten lives with the one before, as a couple."""
    random = Random(plan.seed)  # noqa: S311 - a made-up township
    home_id = HomeId("")
    area = ""
    for number in range(plan.people):
        is_spouse = number > 0 and happens(random, 10)
        if not is_spouse:
            village, grid = number % plan.villages + 1, random.randint(1, GRIDS)
            area, home_id = f"{TOWN}/v{village:03d}/g{grid}", HomeId(f"t{number:05d}")
        person = _person(random, plan, number, home_id=home_id, area=area)
        home = Home(id=home_id, person_id=PersonId(f"t{home_id[1:]}"), area=area)
        told = {fact.id: fact for fact in _history(random, plan, person)}  # the same thing of one day is told once
        yield Resident(person, home, _contacts(person), tuple(told.values()))


def areas(plan: Plan) -> list[Area]:
    """Return the town, its villages and their grids by the names that people use; no two villages share one."""
    found = [Area(TOWN, TOWN_NAME)]
    for number in range(plan.villages):
        village = f"{TOWN}/v{number + 1:03d}"
        ending = "新村" if number >= len(_FIRST) * len(_SECOND) else "村"
        second = _SECOND[(number + number // len(_FIRST)) % len(_SECOND)]
        found.append(Area(village, f"{_FIRST[number % len(_FIRST)]}{second}{ending}"))
        found += [Area(f"{village}/g{grid}", f"第{'一二三'[grid - 1]}网格") for grid in range(1, GRIDS + 1)]
    return found


def happens(random: Random, percent: int) -> bool:
    """Say whether something comes to pass that does so in so many cases of a hundred."""
    return random.randrange(100) < percent


def special_periods(plan: Plan) -> list[SpecialPeriod]:
    """Return some weather warnings of the whole town and of single villages."""
    random = Random(plan.seed + 1)  # noqa: S311 - a made-up township
    found: list[SpecialPeriod] = []
    for number in range(plan.months):
        first = months_later(plan.first_month, number) + _DAY * random.randint(0, 24)
        village = "" if happens(random, 50) else f"{TOWN}/v{random.randint(1, plan.villages):03d}"
        period = SpecialPeriod(
            id=f"weather-{number}",
            kind=SpecialKind.WEATHER,
            from_date=first,
            until_date=first + _DAY * random.randint(0, 4),
            area=village,
            title="高温",
            level=random.choice(list(WarningLevel)),
            source="webhook",
        )
        found.append(period)
    return found


def _person(random: Random, plan: Plan, number: int, *, home_id: HomeId, area: str) -> Person:
    categories = frozenset(random.sample(list(Category), random.choice([1, 1, 1, 2, 2, 3])))
    capacity = random.choices(list(Capacity), [70, 15, 10, 5])[0]
    born = date(plan.first_month.year - random.randint(60, 99), random.randint(1, 12), random.randint(1, 28))
    joined = None
    if happens(random, 15):
        joined = plan.first_month + _DAY * random.randint(-60, 30 * plan.months)
    name = random.choice(_SURNAMES) + "".join(random.sample(_GIVEN, 2))
    return Person(
        id=PersonId(f"t{number:05d}"),
        home_id=home_id,
        area=area,
        categories=categories,
        birth_date=born if happens(random, 98) else None,
        capacity=capacity,
        disability_grade=random.choice([None] * 12 + [1, 2, 3, 4]),
        active_from=joined,
        name=name,
        phone=f"+86139{number:08d}",
        address=f"{area} {number}号",
    )


def _contacts(person: Person) -> tuple[Contact, ...]:
    village, grid = person.area.split("/")[1:]
    worker = Contact(
        id=ContactId(f"{person.id}-grid"),
        person_id=person.id,
        role=ContactRole.GRID_WORKER,
        order=2,
        name=f"网格员{village[1:]}-{grid[1:]}",
        phone=f"+86138{int(village[1:]):06d}{int(grid[1:]):02d}",
        relation="网格员",
        is_registered_visitor=True,
    )
    child = Contact(
        id=ContactId(f"{person.id}-child"),
        person_id=person.id,
        role=ContactRole.FAMILY,
        order=1,
        name="子女",
        phone=f"+86137{person.phone[-8:]}",
        relation="子女",
    )
    return child, worker


def _history(random: Random, plan: Plan, person: Person) -> Iterator[StandingFact]:
    yield from _suspensions(random, plan, person)
    if happens(random, 4):
        yield from _refusals(random, plan, person)
    if happens(random, 8):
        yield from _tier_changes(random, plan, person)
    if happens(random, 3):
        yield _fact(person, FactKind.MOVED, _some_day(random, plan, person), area=f"{TOWN}/v001/g1")
    if happens(random, 5):
        yield _fact(person, FactKind.DIED, _some_day(random, plan, person))
    elif happens(random, 3):
        left = _some_day(random, plan, person)
        yield _fact(person, FactKind.LEFT_TOWN, left)
        if happens(random, 50):
            yield _fact(person, FactKind.ACTIVATED, left + _DAY * random.randint(1, 90))


def _suspensions(random: Random, plan: Plan, person: Person) -> Iterator[StandingFact]:
    if not happens(random, 20):
        return
    for _ in range(random.randint(1, 3)):
        on = _some_day(random, plan, person)
        until = on + _DAY * random.randint(0, 50)
        evidence = "住院证明" if happens(random, 85) else ""
        absence = random.choice(list(Absence))
        if happens(random, 50):
            stay = _fact(person, FactKind.SUSPENDED, on, until=until, absence=absence, evidence=evidence)
            yield stay
            if happens(random, 10):
                yield _fact(person, FactKind.VOIDED, until, voids=stay.id)
        else:
            yield _fact(person, FactKind.SUSPENDED, on, absence=absence, evidence=evidence)
            yield _fact(person, FactKind.RESUMED, until + _DAY)


def _refusals(random: Random, plan: Plan, person: Person) -> Iterator[StandingFact]:
    on = _some_day(random, plan, person)
    purpose = random.choice(["visiting", "visiting", "sensors"])
    yield _fact(person, FactKind.REFUSED, on, purpose=purpose, is_signed=happens(random, 80))
    if happens(random, 40):
        yield _fact(person, FactKind.AGREED, on + _DAY * random.randint(1, 200), purpose=purpose)
    elif happens(random, 50):
        again = months_later(on, 6) + _DAY * random.randint(-20, 20)
        yield _fact(person, FactKind.REFUSED, again, purpose=purpose, is_signed=True)


def _tier_changes(random: Random, plan: Plan, person: Person) -> Iterator[StandingFact]:
    tier = random.choice(list(Tier))
    days = sorted({_some_day(random, plan, person) for _ in range(random.choice([1, 1, 2, 3]))})
    for on in days:
        was, tier = tier, Tier.GENERAL if tier is Tier.KEY else Tier.KEY
        is_override = happens(random, 70)
        yield _fact(person, FactKind.TIER_CHANGED, on, was=was, tier=tier, reason="复评", is_override=is_override)


def _some_day(random: Random, plan: Plan, person: Person) -> date:
    """Return a day of the plan on which the person is in the ledger already."""
    first = max(plan.first_month, min(person.active_from or plan.first_month, plan.last_day))
    return first + _DAY * random.randint(0, (plan.last_day - first).days)


def _fact(person: Person, kind: FactKind, on: date, **fields: object) -> StandingFact:
    told = StandingFact(
        id=FactId(derived_id("fact", person.id, kind, on.isoformat(), str(fields.get("until")))),
        person_id=person.id,
        kind=kind,
        on=on,
        recorded_by="account:township",
    )
    return msgspec.structs.replace(told, **fields)
