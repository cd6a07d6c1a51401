"""A duty rota as its TOML text writes it; refuses a wrong one with its line, what is wrong and what to write."""

import itertools
import re
from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Annotated, Literal, NoReturn

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.localtime import DEFAULT_ZONE_NAME, instant_of, zone
from core.toml_source import Path, TomlSource
from registry.homes import ContactRole
from registry.rota import DAY_MINUTES, Cover, DayKind, Leave, Line, Rota, Shift, Span, Staff, Swap

MOST_STAFF = 200
"""A county's duty staff; more is a file of something else."""

_E164 = re.compile(r"\+[1-9]\d{6,14}")
_Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, populate_by_name=False)


class _Staff(_Table):
    id: _Name
    name: str = ""
    phone: str = ""


class _Shift(_Table):
    name: str = Field(min_length=1)
    begins: str = Field(alias="from")
    ends: str = Field(alias="until")
    days: Literal["every", "work", "rest"] = "every"
    offset: int = Field(default=0, ge=0)


class _Line(_Table):
    name: _Name
    role: Literal["duty", "supervisor"]
    order: list[str] = Field(min_length=1)
    starts_on: date
    every_days: int = Field(default=7, ge=1, le=366)
    shift: list[_Shift] = Field(min_length=1)


class _Override(_Table):
    begins: datetime = Field(alias="from")
    ends: datetime = Field(alias="until")


class _Leave(_Override):
    staff: str
    cover: str = ""


class _Swap(_Override):
    between: list[str] = Field(min_length=2, max_length=2)


class _Cover(_Override):
    line: str
    staff: str


class _File(_Table):
    zone: str = DEFAULT_ZONE_NAME
    staff: list[_Staff] = Field(max_length=MOST_STAFF)
    line: list[_Line]
    leave: list[_Leave] = []
    swap: list[_Swap] = []
    cover: list[_Cover] = []


_REMEDIES = {
    "missing": "add it; docs/operations.md (Duty rota) shows a whole file",
    "extra_forbidden": "take it out, or correct its name",
}


def parse_rota(text: str, *, where: str) -> Rota:
    """Return the rota of a TOML text; raises ConfigurationError naming file, line and remedy."""
    source = TomlSource(text, where)
    try:
        file = _File.model_validate(source.tables)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        path: Path = tuple(first["loc"])
        kind = str(first["type"])
        message = f"{path[-1] if path else 'the file'}: {first['msg']}"
        source.refuse(
            message, path, _REMEDIES.get(kind, "correct the value; docs/operations.md (Duty rota) explains it")
        )
    return _Reader(source, file).rota()


class _Reader:
    def __init__(self, source: TomlSource, file: _File) -> None:
        self._source = source
        self._file = file
        self._ids = [one.id for one in file.staff]
        try:
            self._zone = zone(file.zone)
        except (OSError, ValueError, LookupError):
            self._refuse(f"no time zone is called {file.zone!r}", ("zone",), "use a name such as Asia/Shanghai")

    def rota(self) -> Rota:
        file = self._file
        self._unique("staff", self._ids)
        self._unique("line", [one.name for one in file.line])
        for index, one in enumerate(file.staff):
            if one.phone and not _E164.fullmatch(one.phone):
                self._refuse("this is no E.164 number", ("staff", index, "phone"), "write it as +8613800000000")
        return Rota(
            zone_name=file.zone,
            staff=tuple(Staff(one.id, one.name, one.phone) for one in file.staff),
            lines=tuple(self._line(index, one) for index, one in enumerate(file.line)),
            leaves=tuple(self._leave(index, one) for index, one in enumerate(file.leave)),
            swaps=tuple(self._swap(index, one) for index, one in enumerate(file.swap)),
            covers=tuple(self._cover(index, one) for index, one in enumerate(file.cover)),
        )

    def _line(self, index: int, one: _Line) -> Line:
        path: Path = ("line", index)
        for place, staff in enumerate(one.order):
            self._known(staff, (*path, "order", place))
        shifts = tuple(self._shift((*path, "shift", number), shift) for number, shift in enumerate(one.shift))
        clash = overlap(shifts)
        if clash is not None:
            self._refuse(
                f"the shifts {clash[0].name} and {clash[1].name} of line {one.name} overlap",
                (*path, "shift", shifts.index(clash[1])),
                "let one end when the next begins, or give them different days",
            )
        return Line(
            name=one.name,
            role=ContactRole(one.role),
            order=tuple(one.order),
            starts_on=one.starts_on,
            every_days=one.every_days,
            shifts=shifts,
        )

    def _shift(self, path: Path, one: _Shift) -> Shift:
        begins, ends = self._minute(one.begins, (*path, "from")), self._minute(one.ends, (*path, "until"))
        return Shift(
            name=one.name,
            from_minute=begins,
            until_minute=ends if ends > begins else ends + DAY_MINUTES,
            days=DayKind(one.days),
            offset=one.offset,
        )

    def _leave(self, index: int, one: _Leave) -> Leave:
        self._known(one.staff, ("leave", index, "staff"))
        if one.cover:
            self._known(one.cover, ("leave", index, "cover"))
        return Leave(span=self._span("leave", index, one), staff=one.staff, cover=one.cover)

    def _swap(self, index: int, one: _Swap) -> Swap:
        for staff in one.between:
            self._known(staff, ("swap", index, "between"))
        return Swap(span=self._span("swap", index, one), between=(one.between[0], one.between[1]))

    def _cover(self, index: int, one: _Cover) -> Cover:
        self._known(one.staff, ("cover", index, "staff"))
        if one.line not in {line.name for line in self._file.line}:
            self._refuse(f"there is no line {one.line!r}", ("cover", index, "line"), "name a [[line]] of this file")
        return Cover(span=self._span("cover", index, one), line=one.line, staff=one.staff)

    def _span(self, table: str, index: int, one: _Override) -> Span:
        for name, wall in (("from", one.begins), ("until", one.ends)):
            if wall.tzinfo is not None:
                self._refuse("an override is in the rota's own time", (table, index, name), "write 2026-03-02T08:30:00")
        span = Span(instant_of(one.begins, self._zone), instant_of(one.ends, self._zone))
        if span.from_ms >= span.until_ms:
            self._refuse("it ends before it begins", (table, index, "until"), "let `until` be later than `from`")
        return span

    def _minute(self, text: str, path: Path) -> int:
        try:
            at = time.fromisoformat(text)
        except ValueError:
            self._refuse(f"{text!r} is no time of day", path, 'write it as "08:30"')
        return at.hour * 60 + at.minute

    def _known(self, staff: str, path: Path) -> None:
        if staff not in self._ids:
            self._refuse(f"nobody of the staff is called {staff!r}", path, "use the id of a [[staff]] of this file")

    def _unique(self, table: str, names: Sequence[str]) -> None:
        for index, name in enumerate(names):
            if name in names[:index]:
                self._refuse(f"{name!r} stands here twice", (table, index), "name one of them otherwise")

    def _refuse(self, what: str, path: Path, remedy: str) -> NoReturn:
        self._source.refuse(what, path, remedy)


def overlap(shifts: Sequence[Shift]) -> tuple[Shift, Shift] | None:
    """Return two shifts that some two days in a row would have at once, whatever their kinds; None when none can."""
    for today, tomorrow in itertools.product((False, True), repeat=2):
        begun = [(one, 0) for one in shifts if one.is_begun_on(is_rest=today)]
        begun += [(one, DAY_MINUTES) for one in shifts if one.is_begun_on(is_rest=tomorrow)]
        for (one, shift_a), (other, shift_b) in itertools.combinations(begun, 2):
            starts = max(one.from_minute + shift_a, other.from_minute + shift_b)
            if starts < min(one.until_minute + shift_a, other.until_minute + shift_b):
                return one, other
    return None
