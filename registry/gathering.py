"""Which column of a list is which field (R13), by synonyms or by a given map; refuses a list without people in it."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from enum import StrEnum

import msgspec

from core.errors import ConfigurationError
from core.text import Bilingual


class Source(StrEnum):
    """Who gave the list (R13)."""

    HEALTH = "health"  # 卫健（原卫计）：计划生育特殊家庭
    DISABLED_FEDERATION = "disabled_federation"  # 残联
    GRID = "grid"  # 网格员
    OTHER = "other"


SOURCE_NAMES: Mapping[Source, tuple[str, ...]] = {
    Source.HEALTH: ("卫健", "卫健委", "卫健办", "卫生健康", "卫生健康部门", "卫计", "卫计部门"),
    Source.DISABLED_FEDERATION: ("残联", "残疾人联合会"),
    Source.GRID: ("网格员", "网格"),
    Source.OTHER: ("其他", "其他渠道", "其它"),
}
"""What people call them."""


def source_named(text: str) -> Source:
    """Return the source of a code or a name; raises ValueError saying which there are."""
    plain = text.strip().lower()
    for source, names in SOURCE_NAMES.items():
        if plain in {source.value, *names}:
            return source
    raise ValueError("one of " + ", ".join(f"{one.value} {names[0]}" for one, names in SOURCE_NAMES.items()))


class Fate(StrEnum):
    """What becomes of a row."""

    NEW = "new"  # nobody has this identity number: a new entry, to be verified
    MATCH = "match"  # known, and nothing contradicts; what was missing is filled in
    CONFLICT = "conflict"  # known, and a field differs: a person decides
    REFUSED = "refused"  # not taken, with the reason


class Outcome(StrEnum):
    """How looking for a named person at home ended (R15)."""

    CONFIRMED = "confirmed"
    MOVED = "moved"
    DIED = "died"
    NOT_FOUND = "not_found"
    NOT_OF_THE_SEVEN = "not_of_the_seven"


OUTCOME_WORDS = {
    Outcome.CONFIRMED: Bilingual("已入户核实", "seen at home"),
    Outcome.MOVED: Bilingual("已迁走", "moved away"),
    Outcome.DIED: Bilingual("已去世", "died"),
    Outcome.NOT_FOUND: Bilingual("查无此人", "not found"),
    Outcome.NOT_OF_THE_SEVEN: Bilingual("不属于七类", "none of the seven kinds"),
}


class CellKind(StrEnum):
    """What a cell was in its file."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"  # the text is ISO
    FORMULA = "formula"
    MERGED = "merged"  # below or beside the cell that holds the value
    ERROR = "error"  # #N/A and the like


class Cell(msgspec.Struct, frozen=True):
    """One cell as it stood in the file."""

    text: str = ""
    kind: CellKind = CellKind.TEXT

    @property
    def is_empty(self) -> bool:
        """Return whether nothing stands there."""
        return self.kind is CellKind.TEXT and not self.text.strip()


class Sheet(msgspec.Struct, frozen=True):
    """A list as it was read: rows with their numbers in the file, the header's among them."""

    rows: tuple[tuple[int, tuple[Cell, ...]], ...]
    remarks: tuple[str, ...] = ()  # how it was read: encoding, which sheet


SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "name": (
        "姓名",
        "老人姓名",
        "老年人姓名",
        "名字",
        "残疾人姓名",
        "对象姓名",
        "老人",
        "老年人",
        "人员姓名",
        "本人姓名",
    ),
    "sex": ("性别",),
    "id_number": (
        *("身份证号", "身份证号码", "居民身份证号码", "身份证", "公民身份号码", "证件号码", "身份证件号"),
        *("证件", "证件号", "身份证件号码", "居民身份证", "居民身份证号", "公民身份证号码", "身份号码", "老人身份证号"),
    ),
    "birth_date": ("出生日期", "出生年月日", "生日", "出生年月", "出生", "出生时间"),
    "phone": (
        *("联系电话", "电话", "手机", "手机号", "手机号码", "本人电话", "联系方式"),
        *("电话号码", "联系号码", "本人联系电话", "老人电话", "联系手机"),
    ),
    "area": ("网格编码", "片区", "area"),
    "village": (
        *("村", "村居", "村社区", "所在村", "村名", "社区", "居住村", "村居名称"),
        *("所属村居", "所属村", "所属社区", "所属村社区", "所在社区", "所在村居", "行政村", "村委会", "居委会"),
    ),
    "grid": ("网格", "所属网格", "网格名称", "组", "村民小组", "社", "小组"),
    "residence.detail": (
        *("居住地址", "住址", "家庭住址", "现住址", "地址", "详细地址", "家庭地址"),
        *("居住地", "现居住地", "现居住地址", "居住详细地址", "常住地址"),
    ),
    "registered.detail": ("户籍地址", "户口所在地", "户籍地", "户籍所在地", "户口地址"),
    "capacity": ("能力程度", "失能等级", "失能程度", "自理能力", "能力等级"),
    "illness": ("曾患病史", "病史", "疾病", "患病情况", "健康状况"),
    "categories": ("对象类别", "类别", "老人类型", "人员类别", "类型", "老人类别", "老年人类别"),
    "economy": ("经济情况", "经济状况", "困难类型", "低保特困"),
    "disability_certificate": ("残疾证号", "残疾人证号", "残疾证号码", "残疾证"),
    "disability_grade": ("残疾等级", "残疾级别", "残疾程度", "残疾分级"),
    "emergency.name": ("紧急联系人", "紧急联系人姓名", "联系人", "监护人", "亲属姓名", "家属姓名"),
    "emergency.phone": (
        "紧急联系电话",
        "紧急联系人电话",
        "联系人电话",
        "监护人电话",
        "紧急联系人联系电话",
        "亲属电话",
        "家属电话",
    ),
    "benefits": ("享受补贴", "补贴项目", "享受政策", "社会救助和社会福利补贴项目"),
    "help_measures": ("帮扶措施", "帮扶情况"),
    "helper_in_charge": ("帮扶责任人", "帮扶人", "包保责任人"),
    "disposable_income_yuan": ("月可支配收入", "月收入"),
}
"""Fields that a list may fill, each with the headers that people write; the plan's own labels come first."""

HEADER_ROWS = 12
"""A title and a note stand above the header at most so deep."""

FEWEST_COLUMNS = 2
"""A row with two known headers is the header."""

_NEEDED = {"name": "姓名", "id_number": "身份证号"}

MOST_HEADERS = 60
"""Columns that a page offers to name; a list with more has no header."""


class UnknownColumnsError(ConfigurationError):
    """A list whose columns cannot be told; `headers` are those that fill no field: somebody may say what they are."""

    def __init__(self, what: str, *, where: str, remedy: str, headers: tuple[str, ...]) -> None:
        super().__init__(what, where=where, remedy=remedy)
        self.headers = headers[:MOST_HEADERS]


class Columns(msgspec.Struct, frozen=True):
    """Which field stands in which column (from 0), the header's row number, and headers that fill no field."""

    fields: dict[int, str]
    header_row: int
    unknown: tuple[str, ...]

    def by_header(self, sheet: Sheet) -> dict[str, str]:
        """Return the map as headers to fields, to be kept and given again."""
        cells = next(cells for row, cells in sheet.rows if row == self.header_row)
        return {cells[column].text.strip(): field for column, field in self.fields.items()}


def columns_of(sheet: Sheet, given: Mapping[str, str] | None = None, *, where: str) -> Columns:
    """Return the columns by synonyms and a given map of headers to fields, which adds to them and goes before them.

    Raises UnknownColumnsError, with the headers that fill no field, and ConfigurationError for a map to no field.
    """
    chosen, known = _chosen(given or {}, where), _SYNONYM_OF
    for row, cells in sheet.rows[:HEADER_ROWS]:
        fields = _fields_of([_plain(cell.text) for cell in cells], chosen, known)
        if len(fields) >= FEWEST_COLUMNS:
            unknown = tuple(
                cell.text.strip() for column, cell in enumerate(cells) if column not in fields and not cell.is_empty
            )
            _check(fields, unknown, where)
            return Columns(fields, row, unknown)
    raise UnknownColumnsError(
        f"没有表头：前{HEADER_ROWS}行里没有认得出的列名 / no header row was found in the first {HEADER_ROWS} rows",
        where=where,
        remedy="用一行写明列名（姓名、身份证号……），或指定各列：网页上逐列选择，命令用 --map / "
        "let one row name the columns (姓名, 身份证号, …), or say which is which: on the page, or with --map",
        headers=_headers_likely(sheet),
    )


def _fields_of(headers: Sequence[str], chosen: Mapping[str, str], known: Mapping[str, str]) -> dict[int, str]:
    """Return the field of each column: what somebody chose first, then what is recognised, each field once."""
    fields: dict[int, str] = {}
    for column, header in enumerate(headers):
        if header in chosen and chosen[header] not in fields.values():
            fields[column] = chosen[header]
    for column, header in enumerate(headers):
        field = None if header in chosen else known.get(header)
        if field == "phone" and fields.get(column - 1) == "emergency.name":
            field = "emergency.phone"  # 紧急联系人, then 联系电话: hers, as annex 1 has it
        if field is not None and field not in fields.values():
            fields[column] = field
    return dict(sorted(fields.items()))


def _headers_likely(sheet: Sheet) -> tuple[str, ...]:
    """Return the cells of the first row that has several: what a person would take for the header."""
    for _, cells in sheet.rows[:HEADER_ROWS]:
        found = [cell.text.strip() for cell in cells if not cell.is_empty and cell.kind is CellKind.TEXT]
        if len(found) >= FEWEST_COLUMNS:
            return tuple(found)
    return ()


def _chosen(given: Mapping[str, str], where: str) -> dict[str, str]:
    for header, field in given.items():
        if field not in SYNONYMS:
            raise ConfigurationError(
                f"{header!r} is mapped to {field!r}, which is no field",
                where=where,
                remedy=f"use one of {', '.join(SYNONYMS)}",
            )
    return {_plain(header): field for header, field in given.items()}


def _check(fields: Mapping[int, str], unknown: tuple[str, ...], where: str) -> None:
    missing = {field: words for field, words in _NEEDED.items() if field not in fields.values()}
    if missing:
        raise UnknownColumnsError(
            f"没有{'、'.join(missing.values())}这一列 / no column is {' or '.join(missing)}",
            where=where,
            remedy="按身份证号认人：补上这一列，或指定是哪一列：网页上选择，命令用 --map / "
            "people are matched by identity number: add the column, or say which it is: on the page, or with --map",
            headers=unknown,
        )


def _plain(header: str) -> str:
    text = unicodedata.normalize("NFKC", header).lower()
    return re.sub(r"\(.*?\)|[\s*:()_/、.]", "", text)


_SYNONYM_OF = {_plain(header): field for field, headers in SYNONYMS.items() for header in (*headers, field)}


def data_rows(sheet: Sheet, columns: Columns) -> Sequence[tuple[int, dict[str, Cell]]]:
    """Return each row below the header with its cells by field; empty rows are left out."""
    found: list[tuple[int, dict[str, Cell]]] = []
    for row, cells in sheet.rows:
        if row <= columns.header_row:
            continue
        by_field = {field: cells[column] for column, field in columns.fields.items() if column < len(cells)}
        if any(not cell.is_empty and cell.kind is not CellKind.MERGED for cell in by_field.values()):
            found.append((row, by_field))
    return found
