"""What changed between two versions of an entry, field by field with labels; says which fields are personal."""

from collections.abc import Iterator
from datetime import date

import msgspec

from core.text import Bilingual
from registry.annex1_words import FIELDS, said_answer, value_of
from registry.entries import NOT_YET, Filed


class Change(msgspec.Struct, frozen=True):
    """One field: how it was and how it is, as people read it."""

    name: str
    label: Bilingual
    old: Bilingual
    new: Bilingual
    is_personal: bool


_AROUND = (
    ("person.area", Bilingual("所属网格", "area"), False),
    ("person.birth_date", Bilingual("出生日期", "birth date"), True),
    ("person.active_from", Bilingual("服务开始", "service from"), False),
    ("person.active_until", Bilingual("服务结束", "service until"), False),
    ("person.tier_override", Bilingual("人工认定", "tier set by a person"), False),
    ("person.tier_override_reason", Bilingual("认定理由", "why the tier was set"), True),
    ("entry.first_contact", Bilingual("第一探访联系人", "first visit contact"), True),
    ("entry.children", Bilingual("子女", "children"), True),
    ("entry.legal_capacity", Bilingual("民事行为能力", "civil capacity"), True),
    ("entry.guardian", Bilingual("监护人", "guardian"), True),
    ("entry.consents", Bilingual("知情同意", "consents"), False),
    ("entry.assessment", Bilingual("情况摸底", "assessment"), True),
    ("entry.verified_on", Bilingual("核实日期", "verified on"), False),
    ("entry.verified_by", Bilingual("核实人", "verified by"), False),
)
_NOTHING = Bilingual("", "")
_WAITING = Bilingual("未激活", "not activated")


def changes(old: Filed | None, new: Filed, on: date) -> tuple[Change, ...]:
    """Return what differs, in the form's order; a first version shows every field that is filled in."""
    return tuple(_form_changes(old, new, on)) + tuple(_other_changes(old, new))


def _form_changes(old: Filed | None, new: Filed, on: date) -> Iterator[Change]:
    was, now = (None if old is None else old.form(on)), new.form(on)
    for field in FIELDS:
        before = _NOTHING if was is None else said_answer(value_of(was, field.name))
        after = said_answer(value_of(now, field.name))
        if before != after:
            yield Change(field.name, field.label, before, after, field.is_personal)


def _other_changes(old: Filed | None, new: Filed) -> Iterator[Change]:
    for path, label, is_personal in _AROUND:
        before, after = (_NOTHING if old is None else _said(old, path)), _said(new, path)
        if before != after:
            yield Change(path, label, before, after, is_personal)


def _said(filed: Filed, path: str) -> Bilingual:
    where, name = path.split(".")
    value = getattr(filed.person if where == "person" else filed.entry, name)
    if value == NOT_YET:
        return _WAITING
    if isinstance(value, msgspec.Struct):
        return _flat([value])
    if isinstance(value, tuple):
        return _flat(list(value))  # pyright: ignore[reportUnknownArgumentType] - a tuple of our structs
    return said_answer(value)


def _flat(values: list[object]) -> Bilingual:
    texts = [
        "，".join(str(cell) for cell in msgspec.to_builtins(one).values() if cell not in (None, "")) for one in values
    ]
    text = "；".join(texts)
    return Bilingual(text, text)
