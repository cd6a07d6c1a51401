"""A user's own timetable: devices, readings by the clock and the findings they must give; refuses one with a slip."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Annotated, Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError

from core.events import Flag, Reading
from core.ids import DeviceId, HomeId
from core.localtime import DAY_MS, DEFAULT_ZONE_NAME, MINUTE_MS, to_ms, zone
from core.toml_source import Path, TomlSource
from registry.homes import Device, DeviceRole, Home
from rules.findings import FindingKind, Priority
from rules.limit_values import LimitError, duration_ms, limit_value, nearest
from rules.rulebook import Layer, preset_layer
from rules.timetable_slips import note
from rules.timetable_words import Rise, Said, moment_ms, said_by

T = TypeVar("T")

MAX_WARM_UP_DAYS = 400
"""Habits half-live for a month; a year shows every season."""

LAYER = "timetable"


class Expected(msgspec.Struct, frozen=True, kw_only=True):
    """One finding that must come; `is_over`: that it must end."""

    at_ms: int
    kind: FindingKind
    priority: Priority | None  # None: whatever it has
    is_over: bool
    text: str


class TimedTest(msgspec.Struct, frozen=True, kw_only=True):
    """One test: what is said before and during it, until when, and what must come of it."""

    name: str
    line: int
    start_ms: int
    until_ms: int
    readings: tuple[Reading, ...]  # the warm-up's too, in order
    expected: tuple[Expected, ...]


class Timetable(msgspec.Struct, frozen=True, kw_only=True):
    """One file: a home, the limits that differ, and its tests."""

    where: str
    home: Home
    layers: tuple[Layer, ...]
    tests: tuple[TimedTest, ...]


def _checked(check: Callable[[Any], Any], value: object) -> object:
    try:
        return check(value)
    except LimitError as error:
        raise PydanticCustomError("limit", "{what}", {"what": error.what, "remedy": error.remedy}) from error


def _device(value: object) -> object:
    return {"role": value} if isinstance(value, str) else value


def _naive(at: datetime) -> datetime:
    if at.tzinfo is not None:
        raise ValueError("a local time has no zone of its own")
    return at


def _known_zone(name: str) -> str:
    try:
        zone(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError("is no time zone, e.g. Asia/Shanghai") from None
    return name


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _DeviceTable(_Table):
    role: DeviceRole
    room: str = ""
    heartbeat: Annotated[int | None, BeforeValidator(partial(_checked, partial(duration_ms, "heartbeat")))] = None


class _WarmUp(_Table):
    days: Annotated[int, Field(ge=1, le=MAX_WARM_UP_DAYS)]
    like: list[str]


class _TestTable(_Table):
    name: Annotated[str, Field(min_length=1)]
    start: Annotated[datetime, AfterValidator(_naive)]
    readings: list[str]
    until: str
    expect: list[str] | str
    warm_up: _WarmUp | None = None


class _File(_Table):
    home: Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,40}$")] = "h1"
    zone: Annotated[str, AfterValidator(_known_zone)] = DEFAULT_ZONE_NAME
    area: str = "test"
    key_person: bool = False
    preset: str = ""
    limits: dict[str, Any] = {}
    warm_up: _WarmUp | None = None  # for every test that has none of its own
    device: Annotated[dict[str, Annotated[_DeviceTable, BeforeValidator(_device)]], Field(min_length=1)]
    test: Annotated[list[_TestTable], Field(min_length=1)]


_KNOWN = [field for table in (_File, _TestTable, _DeviceTable, _WarmUp) for field in table.model_fields]


def parse_timetable(text: str, *, where: str) -> Timetable:
    """Return the timetable of a TOML text; raises ConfigurationError naming file, line and remedy."""
    source = TomlSource(text, where)
    try:
        file = _File.model_validate(source.tables)
    except ValidationError as error:
        for mistake in error.errors(include_url=False):
            note(source, mistake, _KNOWN)
        source.check()
        raise AssertionError("an error has a mistake") from error
    home_id = HomeId(file.home)
    devices = tuple(
        Device(
            id=DeviceId(name),
            home_id=home_id,
            address=f"care/{home_id}/{name}",
            role=table.role,
            room=table.room or name,
            heartbeat_ms=table.heartbeat,
        )
        for name, table in file.device.items()
    )
    home = Home(
        id=home_id,
        person_id=None,
        area=file.area,
        devices=devices,
        zone_name=file.zone,
        is_key_person=file.key_person,
    )
    tests = tuple(_Reader(source, file, home, index).test() for index in range(len(file.test)))
    layers = _layers(source, file)
    source.check()
    return Timetable(where=where, home=home, layers=layers, tests=tests)


def _layers(source: TomlSource, file: _File) -> tuple[Layer, ...]:
    layers: list[Layer] = []
    if file.preset:
        chosen = _told(source, ("preset",), lambda: preset_layer(file.preset, LAYER))
        layers += [] if chosen is None else [chosen]
    told = {
        name: _told(source, ("limits", name), partial(limit_value, name, value)) for name, value in file.limits.items()
    }
    limits = {name: value for name, value in told.items() if value is not None}
    return (*layers, Layer(LAYER, limits)) if limits else tuple(layers)


class _Reader:
    """Reads one `[[test]]`."""

    def __init__(self, source: TomlSource, file: _File, home: Home, index: int) -> None:
        self._source = source
        self._home = home
        self._path: Path = ("test", index)
        self._table = file.test[index]
        self._shared = file.warm_up
        self._roles = {str(device.id): device.role for device in home.devices}
        self._tz: ZoneInfo = zone(home.zone_name)
        self._start = self._table.start.replace(tzinfo=self._tz)

    def test(self) -> TimedTest:
        table, path = self._table, self._path
        said: list[Said] = []
        for index, line in enumerate(table.readings):
            said += _told(self._source, (*path, "readings", index), partial(self._said, line, self._start)) or []
        until_ms = _told(self._source, (*path, "until"), lambda: moment_ms(table.until, self._start))
        if until_ms is None:
            until_ms = max([to_ms(self._start), *(one.at_ms for one in said)]) + DAY_MS  # all else may be right
        for one in said:
            if one.at_ms > until_ms + MINUTE_MS:  # the end of a pulse may come after it
                self._source.note(f"{one.device} speaks after `until`", (*path, "until"), "let the test last longer")
        return TimedTest(
            name=table.name,
            line=self._source.line_of(path),
            start_ms=to_ms(self._start),
            until_ms=until_ms,
            readings=self._readings([*self._warm_up(), *said]),
            expected=tuple(self._expected(until_ms)),
        )

    def _said(self, line: str, day: datetime) -> list[Said]:
        return list(said_by(line, day, self._roles))

    def _warm_up(self) -> list[Said]:
        own = self._table.warm_up is not None
        warm_up, path = (self._table.warm_up, (*self._path, "warm_up")) if own else (self._shared, ("warm_up",))
        if warm_up is None:
            return []
        first = self._start.replace(hour=0, minute=0, second=0)
        days = [first - timedelta(days=back) for back in range(warm_up.days, 0, -1)]
        return [
            one
            for day in days
            for index, line in enumerate(warm_up.like)
            for one in _told(self._source, (*path, "like", index), partial(self._said, line, day)) or []
            if one.at_ms < to_ms(self._start)
        ]

    def _readings(self, said: list[Said]) -> tuple[Reading, ...]:
        """Return readings in order; a register that only grows begins at nothing, as a state that was known before."""
        found: list[Reading] = []
        known: list[Reading] = []
        registers: dict[tuple[str, str], float] = {}
        ordered = sorted(said, key=lambda one: one.at_ms)
        first_ms = min([to_ms(self._start), *(one.at_ms for one in ordered[:1])])
        for one in ordered:
            key, value = (one.device, one.metric.value), one.value
            if isinstance(value, Rise):
                if key not in registers:
                    known.append(self._reading(one._replace(at_ms=first_ms), 0.0, Flag.REPLAY))
                value = registers[key] = registers.get(key, 0.0) + value.by
            elif not isinstance(value, bool | str):
                registers[key] = value
            found.append(self._reading(one, value, Flag.NONE))
        return (*known, *found)

    def _reading(self, one: Said, value: bool | float | str, flag: Flag) -> Reading:  # noqa: FBT001  # a value it is
        device_id = DeviceId(one.device)
        return Reading(self._home.id, device_id, one.metric, value, one.at_ms, one.at_ms, flags=int(flag))

    def _expected(self, until_ms: int) -> list[Expected]:
        expect, path = self._table.expect, (*self._path, "expect")
        if isinstance(expect, str):
            if expect != "none":
                self._source.note(f"{expect!r} is not a list", path, 'write ["14:30 inactivity P1"], or "none"')
            return []
        found: list[Expected] = []
        for index, line in enumerate(expect):
            one = _told(self._source, (*path, index), partial(self._one_expected, line))
            if one is None:
                continue
            if one.at_ms > until_ms or (found and one.at_ms < found[-1].at_ms):
                self._source.note(
                    f"{line!r} lies after `until`, or before the line above", (*path, index), "order by time"
                )
            found.append(one)
        return found

    def _one_expected(self, line: str) -> Expected:
        words = line.split()
        at = " ".join(words[: 2 if line.startswith("+") else 1])
        rest = words[len(at.split()) :]
        kinds = [kind.value for kind in FindingKind]
        if not rest or rest[0] not in kinds:
            name = rest[0] if rest else ""
            raise LimitError(f"{line!r} names no finding", nearest(name, kinds, f"use one of {', '.join(kinds)}"))
        more = set(rest[1:])
        if more - {"over", *Priority.__members__}:
            raise LimitError(f"{line!r} cannot be read", 'write "14:30 inactivity P1" or "15:02 inactivity over"')
        priority = next((Priority[word] for word in rest[1:] if word in Priority.__members__), None)
        at_ms = moment_ms(at, self._start)
        return Expected(at_ms=at_ms, kind=FindingKind(rest[0]), priority=priority, is_over="over" in more, text=line)


def _told(source: TomlSource, path: Path, work: Callable[[], T]) -> T | None:
    """Return what comes of a value; None for one that cannot be used, which is noted."""
    try:
        return work()
    except LimitError as error:
        source.note(error.what, path, error.remedy)
        return None
