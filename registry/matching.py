"""The fate of each row of a gathered list: new, match, conflict or refused; changes nothing, and nothing is guessed."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import msgspec

from core.text import Bilingual
from registry.annex1 import Economy, Place, onto_person
from registry.annex1_check import Problem
from registry.areas import AreaTree
from registry.entries import Filed
from registry.gathered_values import value_of
from registry.gathering import Cell, Fate, Source
from registry.identity import FieldError, Sex, read_identity
from registry.people import Capacity, Category

SETS = frozenset({"categories", "economy"})
"""A list adds to what is marked; what it does not mark is no contradiction."""

_WHERE = frozenset({"area", "village", "grid"})
_READ_FROM_NUMBER = frozenset({"sex", "birth_date"})


class Difference(msgspec.Struct, frozen=True):
    """A field that the register and the list say otherwise."""

    field: str
    kept: str
    offered: str


class OpenConflict(msgspec.Struct, frozen=True, kw_only=True):
    """A field that the register and a list say otherwise, for a person to decide."""

    id: str
    gathering_id: str
    row: int
    person_id: str
    difference: Difference
    source: Source


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """One row and what becomes of it."""

    row: int
    fate: Fate
    values: dict[str, str] = {}  # what the row says, canonical, by field
    area: str = ""
    person_id: str = ""  # of a match or a conflict
    fills: dict[str, str] = {}  # what it adds
    differences: tuple[Difference, ...] = ()
    problems: tuple[Problem, ...] = ()


def judge(
    rows: Sequence[tuple[int, Mapping[str, Cell]]],
    known: Mapping[str, Filed],
    areas: AreaTree,
    *,
    source: Source,
    on: date,
) -> list[Judged]:
    """Return the fate of every row; `known` is the register by identity number."""
    seen: dict[str, int] = {}
    found: list[Judged] = []
    for row, cells in rows:
        values, problems = _values(cells, source, on)
        area = _area(values, areas, problems)
        number = values.get("id_number", "")
        if number in seen:
            where = seen[number]
            problems.append(
                Problem("id_number", Bilingual(f"与第{where}行重复", f"the same person stands in row {where}"))
            )
        if problems:
            found.append(Judged(row=row, fate=Fate.REFUSED, values=values, problems=tuple(problems)))
            continue
        seen[number] = row
        found.append(_against(row, values, area, known.get(number)))
    return found


def text_of(filed: Filed, field: str) -> str:
    """Return what the register holds of a field, as a list would say it."""
    if field == "area":
        return filed.person.area
    value: object = filed.form(date.max)
    for part in field.split("."):
        value = getattr(value, part)
    if isinstance(value, frozenset):
        return ",".join(sorted(str(one) for one in value))  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    return "" if value is None else str(value)


def with_values(filed: Filed, values: Mapping[str, str]) -> Filed:
    """Return the record with fields set from canonical texts."""
    person, form = filed.person, filed.form(date.max)
    for field, text in values.items():
        if field == "area":
            person = msgspec.structs.replace(person, area=text)
        elif field in {"residence.detail", "registered.detail"}:
            name = field.split(".", maxsplit=1)[0]
            place: Place = getattr(form, name)
            form = msgspec.structs.replace(form, **{name: msgspec.structs.replace(place, detail=text)})
        elif field.startswith("emergency."):
            part = {field.removeprefix("emergency."): text}
            form = msgspec.structs.replace(form, emergency=msgspec.structs.replace(form.emergency, **part))
        else:
            form = msgspec.structs.replace(form, **{field: _typed(field, text)})
    entry = msgspec.structs.replace(filed.entry, form=msgspec.structs.replace(form, tier=None))
    return msgspec.structs.replace(filed, person=onto_person(person, form), entry=entry)


def _against(row: int, values: dict[str, str], area: str, known: Filed | None) -> Judged:
    given = {field: text for field, text in values.items() if text and field not in _WHERE | {"birth_date"}}
    if area:
        given["area"] = area
    if known is None:
        return Judged(row=row, fate=Fate.NEW, values=values, area=area, fills=given)
    fills: dict[str, str] = {}
    differences: list[Difference] = []
    for field, text in given.items():
        held = text_of(known, field)
        if field in SETS:
            union = ",".join(sorted({*filter(None, held.split(",")), *text.split(",")}))
            if union != held:
                fills[field] = union
        elif not held or (field == "capacity" and held == Capacity.INTACT and not known.entry.origins.get("capacity")):
            fills |= {field: text} if text != held else {}
        elif held != text:
            differences.append(Difference(field, held, text))
    return Judged(
        row=row,
        fate=Fate.CONFLICT if differences else Fate.MATCH,
        values=values,
        area=area,
        person_id=known.person.id,
        fills=fills,
        differences=tuple(differences),
    )


def _values(cells: Mapping[str, Cell], source: Source, on: date) -> tuple[dict[str, str], list[Problem]]:
    values: dict[str, str] = {}
    problems: list[Problem] = []
    for field, cell in cells.items():
        try:
            values[field] = value_of(field, cell, on)
        except FieldError as error:
            problems.append(Problem(field, error.sentence))
    refused = {one.field for one in problems}
    problems += [
        Problem(field, Bilingual(f"没有{zh}", f"there is no {en}"))
        for field, zh, en in (("name", "姓名", "name"), ("id_number", "身份证号", "identity number"))
        if not values.get(field) and field not in refused
    ]
    problems += _contradictions(values, on)
    marked = set(filter(None, values.get("categories", "").split(",")))
    marked |= {one.value for one in _said_by(source, values)}
    values["categories"] = ",".join(sorted(marked))
    return values, problems


def _said_by(source: Source, values: Mapping[str, str]) -> Iterator[Category]:
    """Yield what it means that somebody stands in a source's list (R13, R14): a proposal, verified at home."""
    if source is Source.HEALTH:
        yield Category.FAMILY_PLANNING
    if values.get("disability_grade") in {"1", "2"}:
        yield Category.SEVERELY_DISABLED


def _contradictions(values: dict[str, str], on: date) -> Iterator[Problem]:
    if not values.get("id_number"):
        return
    identity = read_identity(values["id_number"], on)
    said = {"sex": identity.sex.value, "birth_date": identity.birth_date.isoformat()}
    for field in sorted(_READ_FROM_NUMBER):
        if values.get(field) and values[field] != said[field]:
            zh, en = "与身份证号不符：请核对证件", "it does not fit the identity number: check the card"
            yield Problem(field, Bilingual(zh, en))
    values |= said


def _area(values: Mapping[str, str], areas: AreaTree, problems: list[Problem]) -> str:
    if values.get("area"):
        found = areas.by_path(values["area"])
        if found is None:
            zh, en = "没有这个网格：先登记区域树", "there is no such area: list it with registry areas"
            problems.append(Problem("area", Bilingual(zh, en)))
        return "" if found is None else found.path
    if not values.get("village"):
        return ""
    found = areas.find(values["village"], values.get("grid", "")) or areas.find(values["village"])
    if found is None:
        zh, en = "没有这个村（社区）：先登记区域树", "there is no such village: list it with registry areas"
        problems.append(Problem("village", Bilingual(zh, en)))
        return ""
    return found.path


def _typed(field: str, text: str) -> object:
    match field:
        case "sex":
            return Sex(text) if text else None
        case "capacity":
            return Capacity(text) if text else None
        case "categories":
            return frozenset(Category(one) for one in filter(None, text.split(",")))
        case "economy":
            return frozenset(Economy(one) for one in filter(None, text.split(",")))
        case "disability_grade" | "disposable_income_yuan":
            return int(text) if text else None
        case _:
            return text
