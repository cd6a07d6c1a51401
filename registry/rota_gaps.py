"""Where a rota leaves nobody to ring: its gaps, and which of them nobody has been told of; tells nobody itself."""

from collections.abc import Collection, Sequence
from datetime import datetime, time, timedelta

import msgspec

from core.localtime import HOUR_MS, from_ms, instant_of, zone
from registry.homes import ContactRole
from registry.rota import Rota, Span, Spell, spells

LOOK_AHEAD_MS = 24 * HOUR_MS
"""A gap is found a day before it begins: time to ask somebody in."""

EVENING_HOUR = 18
MORNING_HOUR = 8
"""What would be found between these hours of the night is found in the evening: nobody is rung at 3 for tomorrow."""


LONGEST_MS = 7 * 24 * HOUR_MS
"""How far beyond the horizon the end of a gap is looked for; a longer one is told with this end."""


class Gap(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch in which a line is held by nobody (`staff` None), or by somebody whose phone cannot be rung."""

    line: str
    role: ContactRole
    span: Span
    staff: str | None = None


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What became of gaps since the last look: all there are with the id they were first told under, new and over."""

    known: tuple[Gap, ...]
    new: tuple[Gap, ...]
    over: tuple[Gap, ...]


def horizon(now_ms: int, zone_name: str) -> Span:
    """Return the stretch in which gaps are looked for now."""
    tz = zone(zone_name)
    local = from_ms(now_ms, tz)
    until_ms = now_ms + LOOK_AHEAD_MS
    if local.hour >= EVENING_HOUR:
        morning = datetime.combine(local.date() + timedelta(days=1), time(MORNING_HOUR))
        until_ms = max(until_ms, instant_of(morning, tz) + LOOK_AHEAD_MS)
    return Span(now_ms, until_ms)


def gaps(rota: Rota, within: Span, bad_numbers: Collection[str] = ()) -> tuple[Gap, ...]:
    """Return every gap of a stretch; `bad_numbers` are phones, as the staff have them, that are known not to ring."""
    found: list[Gap] = []
    for line in rota.lines:
        for spell in spells(rota, line, within):
            if is_reachable(rota, spell, bad_numbers):
                continue
            last = found[-1] if found else None
            if last is not None and _continues(last, spell):
                found[-1] = msgspec.structs.replace(last, span=Span(last.span.from_ms, spell.span.until_ms))
            else:
                found.append(Gap(line=spell.line, role=spell.role, span=spell.span, staff=spell.staff))
    return tuple(found)


def gaps_ahead(rota: Rota, now_ms: int, bad_numbers: Collection[str] = ()) -> tuple[Gap, ...]:
    """Return the gaps that begin within the horizon, each with its end, however far that is up to a week."""
    begins = horizon(now_ms, rota.zone_name)
    found = gaps(rota, Span(begins.from_ms, begins.until_ms + LONGEST_MS), bad_numbers)
    return tuple(gap for gap in found if gap.span.from_ms < begins.until_ms)


def is_reachable(rota: Rota, spell: Spell, bad_numbers: Collection[str] = ()) -> bool:
    """Return whether somebody holds a line whom a call may reach."""
    member = rota.member(spell.staff)
    return member is not None and bool(member.phone) and member.phone not in bad_numbers


def told(known: Sequence[Gap], found: Sequence[Gap]) -> Told:
    """Match what is found with what is known: a gap that touches a known one of its line and cause is that gap.

    A known gap keeps its beginning, so that it is told once however often it is looked at.
    """
    kept: list[Gap] = []
    new: list[Gap] = []
    for gap in found:
        same = next((one for one in known if _touches(one, gap)), None)
        if same is None:
            new.append(gap)
            kept.append(gap)
        elif not any(one.line == same.line and one.span.from_ms == same.span.from_ms for one in kept):
            kept.append(msgspec.structs.replace(same, span=Span(same.span.from_ms, gap.span.until_ms)))
    over = [one for one in known if not any(_touches(one, gap) for gap in found)]
    return Told(known=tuple(kept), new=tuple(new), over=tuple(over))


def _continues(gap: Gap, spell: Spell) -> bool:
    return (gap.line, gap.staff, gap.span.until_ms) == (spell.line, spell.staff, spell.span.from_ms)


def _touches(one: Gap, other: Gap) -> bool:
    is_same = (one.line, one.staff) == (other.line, other.staff)
    return is_same and one.span.from_ms <= other.span.until_ms and other.span.from_ms <= one.span.until_ms
