"""What a cell of a gathered list says for a field: one canonical text, or a reason why it cannot be taken."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, timedelta

from core.text import Bilingual
from registry.annex1 import Economy
from registry.gathering import Cell, CellKind
from registry.identity import FieldError, Sex, read_identity
from registry.people import Capacity, Category
from registry.phones import to_e164

EXCEL_EPOCH = date(1899, 12, 30)
"""Day 0 of Excel's 1900 system, its leap year that never was taken into account: right from 1900-03-01 on."""

FIRST_SERIAL, LAST_SERIAL = 61, 60_000
"""1900-03-01 to 2064: a number outside is no day of anybody's life."""

MOST_CHARS = 500

_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T].*)?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_SHORT_YEAR = re.compile(r"\d{1,2}[-/.年]\d{1,2}([-/.月]\d{1,4}日?)?")
_GRADES = {"一": "1", "二": "2", "三": "3", "四": "4", "壹": "1", "贰": "2", "叁": "3", "肆": "4"}
_SPLIT = re.compile(r"[、,，;；/\s+]+")

_CATEGORIES: Mapping[str, Category] = {
    "孤寡": Category.CHILDLESS,
    "独居": Category.ALONE,
    "空巢": Category.EMPTY_NEST,
    "留守": Category.LEFT_BEHIND,
    "失能": Category.INCAPACITATED,
    "重残": Category.SEVERELY_DISABLED,
    "重度残疾": Category.SEVERELY_DISABLED,
    "计划生育特殊家庭": Category.FAMILY_PLANNING,
    "计生特殊家庭": Category.FAMILY_PLANNING,
    "计生特扶": Category.FAMILY_PLANNING,
    "失独": Category.FAMILY_PLANNING,
}
_CAPACITIES: Mapping[str, Capacity] = {
    "能力完好": Capacity.INTACT,
    "完好": Capacity.INTACT,
    "自理": Capacity.INTACT,
    "完全自理": Capacity.INTACT,
    "轻度失能": Capacity.MILD,
    "轻度": Capacity.MILD,
    "半自理": Capacity.MILD,
    "中度失能": Capacity.MODERATE,
    "中度": Capacity.MODERATE,
    "重度失能": Capacity.SEVERE,
    "重度": Capacity.SEVERE,
    "完全失能": Capacity.SEVERE,  # the national standard's fifth level; the form has four
}
_ECONOMIES: Mapping[str, Economy] = {
    "特困": Economy.DESTITUTE,
    "特困人员": Economy.DESTITUTE,
    "五保": Economy.DESTITUTE,
    "低保": Economy.MINIMUM,
    "低保对象": Economy.MINIMUM,
    "低保边缘": Economy.MARGINAL,
    "低保边缘户": Economy.MARGINAL,
    "边缘户": Economy.MARGINAL,
}
_SEXES = {"男": Sex.MALE, "女": Sex.FEMALE, "male": Sex.MALE, "female": Sex.FEMALE}

_RETYPE = Bilingual("请核对后按文本重填", "check it and type it as text")


def value_of(field: str, cell: Cell, on: date) -> str:
    """Return a cell's canonical text for a field, "" for an empty one; raises FieldError."""
    _refuse_kind(cell)
    text = unicodedata.normalize("NFC", cell.text).strip()
    if not text:
        return ""
    if text.startswith("="):
        raise FieldError(Bilingual("是公式，不是内容", "it is a formula, not a value"), _RETYPE)
    if len(text) > MOST_CHARS:
        raise FieldError(Bilingual(f"超过{MOST_CHARS}字", f"it has more than {MOST_CHARS} characters"), _RETYPE)
    reader = _READERS.get(field)
    return text if reader is None else reader(text, cell, on)


def _refuse_kind(cell: Cell) -> None:
    if cell.kind is CellKind.FORMULA:
        raise FieldError(Bilingual("是公式，不是内容", "it is a formula, not a value"), _RETYPE)
    if cell.kind is CellKind.ERROR:
        raise FieldError(Bilingual("是表格的错误值", "it is an error of the spreadsheet"), _RETYPE)
    if cell.kind is CellKind.MERGED:
        remedy = Bilingual("取消合并，逐行填写", "unmerge the cells and fill in each row")
        raise FieldError(
            Bilingual("在合并单元格里，不知属于哪一行", "it is merged: whose it is cannot be known"), remedy
        )


def _identity(text: str, cell: Cell, on: date) -> str:
    if cell.kind is CellKind.NUMBER:
        raise FieldError(
            Bilingual("身份证号存成了数字，末三位已丢失", "it was kept as a number: its last three digits are lost"),
            Bilingual("把该列设为文本后重新录入", "format the column as text and type it again"),
        )
    return read_identity(text, on).number


def _phone(text: str, _cell: Cell, _on: date) -> str:
    return to_e164(text)


def _day(text: str, cell: Cell, on: date) -> str:
    if cell.kind is CellKind.NUMBER or (text.isdigit() and len(text) < len("19380501")):
        return _serial(text, on)
    plain = unicodedata.normalize("NFKC", text)
    match = _DATE.fullmatch(plain) or _COMPACT.fullmatch(plain)
    if match is None:
        short = _SHORT_YEAR.fullmatch(plain)
        why = (
            Bilingual("年份不是四位", "the year has no four digits")
            if short
            else Bilingual("不是日期", "it is no date")
        )
        raise FieldError(why, Bilingual("写成1938-05-01", "write it as 1938-05-01"))
    try:
        day = date(*(int(part) for part in match.groups()))
    except ValueError:
        remedy = Bilingual("请照证件重填", "type it again from the card")
        raise FieldError(Bilingual("没有这一天", "there is no such day"), remedy) from None
    return _past(day, on)


def _serial(text: str, on: date) -> str:
    number = text.split(".", maxsplit=1)[0]
    if not number.isdigit() or not FIRST_SERIAL <= int(number) <= LAST_SERIAL:
        raise FieldError(Bilingual("不是日期", "it is no date"), Bilingual("写成1938-05-01", "write it as 1938-05-01"))
    return _past(EXCEL_EPOCH + timedelta(days=int(number)), on)


def _past(day: date, on: date) -> str:
    if day > on:
        raise FieldError(Bilingual("日期在将来", "the day is in the future"), Bilingual("请核对年份", "check the year"))
    return day.isoformat()


def _categories(text: str, _cell: Cell, _on: date) -> str:
    found: set[Category] = set()
    for part in filter(None, _SPLIT.split(text)):
        bare = re.sub(r"(老年人|老人|家庭)$", "", part) if part not in _CATEGORIES else part
        category = _CATEGORIES.get(bare) or _CATEGORIES.get(part)
        if category is None:
            _unknown("不是七类之一", "it is none of the seven kinds")
        else:
            found.add(category)
    return ",".join(sorted(found))


def _economy(text: str, _cell: Cell, _on: date) -> str:
    if text in {"无", "否", "一般", "普通"}:
        return ""
    parts = [_ECONOMIES.get(part) for part in filter(None, _SPLIT.split(text))]
    if None in parts:
        _unknown("不是特困、低保、低保边缘之一", "it is none of 特困, 低保, 低保边缘")
    return ",".join(sorted({part.value for part in parts if part is not None}))


def _grade(text: str, _cell: Cell, _on: date) -> str:
    plain = unicodedata.normalize("NFKC", text).removesuffix("级").removesuffix(".0").strip()
    grade = _GRADES.get(plain, plain)
    if grade not in {"1", "2", "3", "4"}:
        _unknown("残疾等级不是一至四级", "a disability grade is 1 to 4")
    return grade


def _amount(text: str, _cell: Cell, _on: date) -> str:
    plain = re.sub(r"[,，元￥¥\s]", "", unicodedata.normalize("NFKC", text)).removesuffix(".0").removesuffix(".00")
    if not plain.isdigit():
        _unknown("不是整数金额", "it is no whole amount")
    return plain


def _choice(known: Mapping[str, str], zh: str, en: str) -> Callable[[str, Cell, date], str]:
    def read(text: str, _cell: Cell, _on: date) -> str:
        found = known.get(text.lower())
        if found is None:
            _unknown(zh, en)
            return ""
        return str(found)

    return read


def _unknown(zh: str, en: str) -> None:
    raise FieldError(Bilingual(zh, en), Bilingual("请按登记表用词填写", "use the words of annex 1"))


_READERS: Mapping[str, Callable[[str, Cell, date], str]] = {
    "id_number": _identity,
    "phone": _phone,
    "emergency.phone": _phone,
    "birth_date": _day,
    "categories": _categories,
    "economy": _economy,
    "disability_grade": _grade,
    "disposable_income_yuan": _amount,
    "capacity": _choice(_CAPACITIES, "能力程度不认识", "the capacity is not known"),
    "sex": _choice(_SEXES, "性别不是男或女", "the sex is neither male nor female"),
}
