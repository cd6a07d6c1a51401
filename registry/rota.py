"""Who is on duty: lines of a weekly rotation, shifts by kind of day, overrides; for any moment; rings nobody."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from enum import StrEnum

import msgspec

from core.localtime import DEFAULT_ZONE_NAME, instant_of, local_date, zone
from core.rest_days import is_rest_day
from registry.homes import ContactRole

DAY_MINUTES = 1440
_EPOCH = date(1970, 1, 1)


class DayKind(StrEnum):
    """On which days a shift is worked; a weekend that is worked instead of a holiday is a work day."""

    EVERY = "every"
    WORK = "work"
    REST = "rest"


class Staff(msgspec.Struct, frozen=True):
    """One person of the duty staff; `id` is a pseudonym, name and phone are personal."""

    id: str
    name: str = ""
    phone: str = ""  # E.164


class Shift(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of local time, begun on each day of its kind; beyond 1440 minutes it ends on the next day."""

    name: str
    from_minute: int
    until_minute: int
    days: DayKind = DayKind.EVERY
    offset: int = 0  # whose it is: 0 the one whose turn it is, 1 the next of the order

    def is_begun_on(self, *, is_rest: bool) -> bool:
        """Return whether it is worked on such a day."""
        return self.days is DayKind.EVERY or is_rest == (self.days is DayKind.REST)


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One place that is to be held at all times by one person: the desk, its supervisor."""

    name: str
    role: ContactRole  # duty or supervisor: what escalation ladders call it
    order: tuple[str, ...]  # staff ids
    starts_on: date  # the first day of the turn of the first of them
    every_days: int = 7
    shifts: tuple[Shift, ...]

    def planned(self, day: date, shift: Shift) -> str:
        """Return whose a shift is that begins on a local day."""
        turn = (day - self.starts_on).days // self.every_days
        return self.order[(turn + shift.offset) % len(self.order)]


class Span(msgspec.Struct, frozen=True):
    """From an instant to just before another, UTC ms."""

    from_ms: int
    until_ms: int

    def covers(self, at_ms: int) -> bool:
        """Return whether an instant lies within; the end does not."""
        return self.from_ms <= at_ms < self.until_ms


class Leave(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody is away; without a cover nobody holds what was theirs."""

    span: Span
    staff: str
    cover: str = ""


class Swap(msgspec.Struct, frozen=True, kw_only=True):
    """Two people take each other's shifts."""

    span: Span
    between: tuple[str, str]


class Cover(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody holds a line, whoever was planned and whoever is away."""

    span: Span
    line: str
    staff: str


class Rota(msgspec.Struct, frozen=True, kw_only=True):
    """The whole plan. Of two overrides that meet, the later in its list wins; covers over leaves over swaps."""

    zone_name: str = DEFAULT_ZONE_NAME
    staff: tuple[Staff, ...] = ()
    lines: tuple[Line, ...] = ()
    leaves: tuple[Leave, ...] = ()
    swaps: tuple[Swap, ...] = ()
    covers: tuple[Cover, ...] = ()

    def member(self, staff_id: str | None) -> Staff | None:
        """Return the person of an id, or None."""
        return next((one for one in self.staff if one.id == staff_id), None)


class Spell(msgspec.Struct, frozen=True, kw_only=True):
    """One person, or nobody, holds one line for a while."""

    line: str
    role: ContactRole
    shift: str  # empty: no shift is planned then
    span: Span
    staff: str | None


def on_duty(rota: Rota, at_ms: int) -> tuple[Spell, ...]:
    """Return who holds each line at a moment; the spells are one millisecond long."""
    return tuple(spell for line in rota.lines for spell in spells(rota, line, Span(at_ms, at_ms + 1)))


def spells(rota: Rota, line: Line, within: Span) -> tuple[Spell, ...]:
    """Return who holds a line, in order, without a hole and without an overlap, from one instant to another."""
    planned = list(_planned(rota, line, within))
    overrides = (one.span for one in (*rota.leaves, *rota.swaps, *rota.covers))
    edges = {edge for span in (*(span for span, _, _ in planned), *overrides) for edge in (span.from_ms, span.until_ms)}
    inner = sorted(edge for edge in edges if within.from_ms < edge < within.until_ms)
    found: list[Spell] = []
    starts, ends = [within.from_ms, *inner], [*inner, within.until_ms]
    for from_ms, until_ms in zip(starts, ends, strict=True):
        shift, staff = next(((s, who) for span, s, who in planned if span.covers(from_ms)), ("", None))
        holder = _holder(rota, line, staff, from_ms)
        last = found[-1] if found else None
        if last is not None and (last.shift, last.staff) == (shift, holder):
            found[-1] = msgspec.structs.replace(last, span=Span(last.span.from_ms, until_ms))
        else:
            span = Span(from_ms, until_ms)
            found.append(Spell(line=line.name, role=line.role, shift=shift, span=span, staff=holder))
    return tuple(found)


def _planned(rota: Rota, line: Line, within: Span) -> Iterator[tuple[Span, str, str]]:
    """Yield the shifts that touch a stretch, in order, with whose they are by the rotation alone."""
    tz = zone(rota.zone_name)
    day = local_date(within.from_ms, tz) - timedelta(days=1)  # a night shift began the day before
    last = local_date(within.until_ms, tz)
    while day <= last:
        midnight = datetime.combine(day, time())
        is_rest = is_rest_day((day - _EPOCH).days, rota.zone_name)
        for shift in sorted(line.shifts, key=lambda one: one.from_minute):
            if shift.is_begun_on(is_rest=is_rest):
                ends = (midnight + timedelta(minutes=minute) for minute in (shift.from_minute, shift.until_minute))
                from_ms, until_ms = (instant_of(wall, tz) for wall in ends)
                yield Span(from_ms, until_ms), shift.name, line.planned(day, shift)
        day += timedelta(days=1)


def _holder(rota: Rota, line: Line, planned: str | None, at_ms: int) -> str | None:
    for cover in reversed(rota.covers):
        if cover.line == line.name and cover.span.covers(at_ms):
            return cover.staff
    if planned is None:
        return None
    holder: str = planned
    for swap in reversed(rota.swaps):
        if planned in swap.between and swap.span.covers(at_ms):
            holder = swap.between[1 - swap.between.index(planned)]
            break
    asked: set[str] = set()
    while (leave := _leave_of(rota, holder, at_ms)) is not None:
        asked.add(holder)
        if not leave.cover or leave.cover in asked:
            return None
        holder = leave.cover
    return holder


def _leave_of(rota: Rota, staff: str, at_ms: int) -> Leave | None:
    return next((one for one in reversed(rota.leaves) if one.staff == staff and one.span.covers(at_ms)), None)
