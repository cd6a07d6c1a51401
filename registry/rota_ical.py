"""A rota as an iCalendar text (RFC 5545): spells with staff names, for staff; holds no phone and no resident."""

from collections.abc import Iterable, Iterator
from datetime import UTC

from core.ids import derived_id
from core.localtime import from_ms, zone
from core.text import Bilingual
from registry.homes import ContactRole
from registry.rota import Rota, Span, Spell, spells

LINE_OCTETS = 75
"""RFC 5545, 3.1: a longer content line is folded."""

ROLE_WORDS = {ContactRole.DUTY: Bilingual("值班", "duty"), ContactRole.SUPERVISOR: Bilingual("主管", "supervisor")}
_UTC = zone("UTC")


def ical(rota: Rota, within: Span, *, now_ms: int) -> str:
    """Return the calendar of a stretch, CRLF line ends; a gap is an event too, so that nobody overlooks it."""
    head = ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Shouwang//Duty rota//ZH", "CALSCALE:GREGORIAN")
    events = (
        line for each in rota.lines for spell in spells(rota, each, within) for line in _event(rota, spell, now_ms)
    )
    return "".join(f"{folded}\r\n" for line in (*head, *events, "END:VCALENDAR") for folded in _folded(line))


def _event(rota: Rota, spell: Spell, now_ms: int) -> Iterable[str]:
    member = rota.member(spell.staff)
    role = ROLE_WORDS[spell.role]
    who = "⚠ 无人值班 nobody" if member is None else member.name or member.id
    return (
        "BEGIN:VEVENT",
        f"UID:{derived_id('rota', spell.line, spell.span.from_ms)}@shouwang",
        f"DTSTAMP:{_stamp(now_ms)}",
        f"DTSTART:{_stamp(spell.span.from_ms)}",
        f"DTEND:{_stamp(spell.span.until_ms)}",
        f"SUMMARY:{_escaped(f'{role.zh} {role.en} · {spell.line} {spell.shift}: {who}')}",
        "END:VEVENT",
    )


def _stamp(at_ms: int) -> str:
    return from_ms(at_ms, _UTC).astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _escaped(text: str) -> str:
    for character in ("\\", ";", ","):
        text = text.replace(character, f"\\{character}")
    return text.replace("\r", "").replace("\n", "\\n")


def _folded(line: str) -> Iterator[str]:
    """Yield a content line in pieces of at most 75 octets, never within a character; each but the first is indented."""
    piece, octets = "", 0
    for character in line:
        size = len(character.encode())
        if octets + size > LINE_OCTETS:
            yield piece
            piece, octets = " ", 1
        piece += character
        octets += size
    yield piece
