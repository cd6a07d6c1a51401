"""Annex 1 as a plain HTML form: its inputs with what they hold, and what comes back as a record; marks nothing safe."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from starlette.datastructures import FormData

from api.struct_body import converted
from core.text import Bilingual
from registry.annex1 import HOUSEHOLD_ROWS, MOST_HOUSEHOLD, Annex1, Economy, Helper
from registry.annex1_check import Problem
from registry.annex1_words import CHILDLESS_NOTE, FIELD_BY_NAME, HOUSEHOLD_LABELS, WORDS, YES_NO, value_of
from registry.identity import Sex
from registry.people import Capacity, Category

CHOICES: Mapping[str, type[StrEnum]] = {
    "sex": Sex,
    "emergency.sex": Sex,
    "capacity": Capacity,
    "economy": Economy,
    "categories": Category,
    "helpers": Helper,
}
MANY = frozenset({"economy", "categories", "helpers"})
DATES = frozenset({"filed_on", "signed_on"})
NUMBERS = frozenset(
    {"disposable_income_yuan", "household_income_yuan", "pension_yuan", "benefits_yuan", "disability_grade"}
)
YES_OR_NO = frozenset({"is_water_safe", "is_electricity_safe", "is_housing_safe", "has_pension"})
LONG = frozenset({"illness", "help_measures"})
PLACES = frozenset({"registered", "residence"})
PLACE_PARTS = {
    "county": Bilingual("区（县）", "county"),
    "town": Bilingual("乡镇（街道）", "town"),
    "village": Bilingual("村（社区）", "village"),
    "detail": Bilingual("门牌", "door"),
}
NOTES = {"categories": CHILDLESS_NOTE}
HOUSEHOLD = "household"
_MEMBER = ("name", "sex", "id_number", "relation", "health", "economy", "visits_often")
_MEMBER_CHOICES: Mapping[str, type[StrEnum]] = {"sex": Sex, "economy": Economy}


@dataclass(frozen=True, kw_only=True)
class Option:
    """One choice."""

    value: str
    words: Bilingual
    is_chosen: bool


@dataclass(frozen=True, kw_only=True)
class Input:
    """One input: `kind` is text, long, date, number, choice or many."""

    name: str
    label: Bilingual
    kind: str = "text"
    value: str = ""
    options: tuple[Option, ...] = ()
    note: Bilingual | None = None
    problem: Bilingual | None = None


@dataclass(frozen=True, kw_only=True)
class FormPage:
    """The form by section, and the household's rows; `others` are problems of no single input."""

    sections: tuple[tuple[Input, ...], ...]
    household: tuple[tuple[Input, ...], ...]
    household_labels: tuple[Bilingual, ...] = field(default=HOUSEHOLD_LABELS)
    others: tuple[Bilingual, ...] = ()


def form_page(form: Annex1, problems: Iterable[Problem] = ()) -> FormPage:
    """Return the form as inputs, each wrong one with its reason."""
    wrong = {one.field: one.sentence for one in problems}
    sections: list[list[Input]] = [[], [], [], []]
    for name, known in FIELD_BY_NAME.items():
        if name in {"tier", HOUSEHOLD}:
            continue
        sections[known.section] += _inputs(name, known.label, value_of(form, name), wrong)
    rows = max(HOUSEHOLD_ROWS, len(form.household) + 1)
    household = tuple(_member_row(form, row, wrong) for row in range(min(rows, MOST_HOUSEHOLD)))
    shown = {one.name for part in (*sections, *household) for one in part}
    others = tuple(sentence for name, sentence in wrong.items() if name not in shown)
    return FormPage(sections=tuple(tuple(part) for part in sections), household=household, others=others)


def read_form(data: FormData) -> tuple[Annex1, tuple[Problem, ...]]:
    """Return what was filled in, unchecked, and the dates and numbers that are none and were left out."""
    record: dict[str, Any] = {}
    problems: list[Problem] = []
    for name in FIELD_BY_NAME:
        if name in PLACES:
            record[name] = {part: _text(data, f"{name}.{part}") for part in PLACE_PARTS}
        elif name not in {"tier", HOUSEHOLD}:
            _set(record, name, _value(data, name, problems))
    record[HOUSEHOLD] = list(_members(data))
    return converted(record, Annex1), tuple(problems)


def _inputs(name: str, label: Bilingual, value: Any, wrong: Mapping[str, Bilingual]) -> Iterator[Input]:  # noqa: ANN401 - any cell
    if name in PLACES:
        for part, words in PLACE_PARTS.items():
            both = Bilingual(f"{label.zh} {words.zh}", f"{label.en}: {words.en}")
            yield Input(
                name=f"{name}.{part}", label=both, value=getattr(value, part), problem=wrong.get(f"{name}.{part}")
            )
        return
    given: dict[str, Any] = {"name": name, "label": label, "note": NOTES.get(name), "problem": wrong.get(name)}
    if name in CHOICES:
        chosen = value if name in MANY else {value}
        yield Input(kind="many" if name in MANY else "choice", options=_options(CHOICES[name], chosen), **given)
    elif name in YES_OR_NO:
        yield Input(kind="choice", options=_yes_no(value), **given)
    else:
        kind = "date" if name in DATES else "number" if name in NUMBERS else "long" if name in LONG else "text"
        yield Input(kind=kind, value="" if value is None else str(value), **given)


def _member_row(form: Annex1, row: int, wrong: Mapping[str, Bilingual]) -> tuple[Input, ...]:
    member = form.household[row] if row < len(form.household) else None
    cells: list[Input] = []
    for part, label in zip(_MEMBER, HOUSEHOLD_LABELS, strict=True):
        value = None if member is None else getattr(member, part)
        name = f"{HOUSEHOLD}.{row}.{part}"
        head = Bilingual("户主" if row == 0 else str(row + 1), "head" if row == 0 else str(row + 1))
        given: dict[str, Any] = {
            "name": name,
            "label": Bilingual(f"{head.zh} {label.zh}", f"{head.en}: {label.en}"),
            "problem": wrong.get(name),
        }
        if part in _MEMBER_CHOICES:
            cells.append(Input(kind="choice", options=_options(_MEMBER_CHOICES[part], {value}), **given))
        elif part == "visits_often":
            cells.append(Input(kind="choice", options=_yes_no(value), **given))
        else:
            cells.append(Input(value=value or "", **given))
    return tuple(cells)


def _options(kind: type[StrEnum], chosen: Iterable[object]) -> tuple[Option, ...]:
    held = set(chosen)
    return tuple(Option(value=one.value, words=WORDS[one], is_chosen=one in held) for one in kind)


def _yes_no(value: bool | None) -> tuple[Option, ...]:  # noqa: FBT001 - three values
    return tuple(
        Option(value="yes" if one else "no", words=words, is_chosen=value is one) for one, words in YES_NO.items()
    )


def _members(data: FormData) -> Iterator[dict[str, Any]]:
    for row in range(MOST_HOUSEHOLD):
        cells: dict[str, Any] = {part: _text(data, f"{HOUSEHOLD}.{row}.{part}") for part in _MEMBER}
        if not any(cells.values()):
            continue
        for part in ("sex", "economy"):
            cells[part] = cells[part] or None
        cells["visits_often"] = _three(cells["visits_often"])
        yield cells


def _value(data: FormData, name: str, problems: list[Problem]) -> Any:  # noqa: ANN401 - any cell
    if name in MANY:
        return [str(one) for one in data.getlist(name)]
    text = _text(data, name)
    if name in YES_OR_NO:
        return _three(text)
    if name in NUMBERS:
        return _number(text, name, problems)
    if name in DATES:
        return _date(text, name, problems)
    if name in CHOICES:
        return text or None
    return text


def _number(text: str, name: str, problems: list[Problem]) -> int | None:
    if text and not (text.isascii() and text.isdigit()):
        problems.append(Problem(name, Bilingual("请填整数", "write a whole number")))
        return None
    return int(text) if text else None


def _date(text: str, name: str, problems: list[Problem]) -> str | None:
    try:
        return date.fromisoformat(text).isoformat() if text else None
    except ValueError:
        problems.append(Problem(name, Bilingual("没有这一天", "there is no such day")))
        return None


def _three(text: str) -> bool | None:
    return {"yes": True, "no": False}.get(text)


def _text(data: FormData, name: str) -> str:
    return str(data.get(name) or "").strip()


def _set(record: dict[str, Any], path: str, value: Any) -> None:  # noqa: ANN401 - any cell
    *parents, last = path.split(".")
    for parent in parents:
        record = record.setdefault(parent, {})
    record[last] = value
