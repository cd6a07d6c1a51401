"""What to write in place of a value that a ladders file cannot have; refuses it with its line, judges nothing else."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import NoReturn

from pydantic import ValidationError

from alerts.ladder_book import MAY_BE_URGENT
from alerts.ladder_bounds import (
    ACK_DEADLINE_MAX_S,
    ACK_DEADLINE_MIN_S,
    LOOP_AFTER_MIN_S,
    P0_ACK_DEADLINE_MAX_S,
    P1_ACK_DEADLINE_MAX_S,
    PAUSE_MAX_S,
    ROUNDS_MAX,
    STEPS_MAX,
    URGENT_STEP_MAX_S,
)
from core.toml_source import Path, TomlSource
from registry.people import Tier
from rules.findings import FindingKind
from rules.limit_values import nearest

DOCS = "docs/operations.md explains every field under Ladders"

_KNOWN = {
    "version": "a whole number from 1 on, one more with each change",
    "changed_by": 'who answers for the change, e.g. "王主任"',
    "changed_at": "a date without quotes, e.g. 2026-11-24",
    "why": "the reason, in one sentence",
    "night": 'two times of day, e.g. ["22:00", "06:00"]',
    "kind": "a table for each kind of finding: [kind.water_running]",
    "area": 'a table for each area: [area."town/village".p1]',
    "tier": "a table for each tier: [tier.key.p1], [tier.general.p1]",
    "person": "a table for each person: [person.p-h0123.p1]",
    "stage": '"resident" or "contacts"',
    "at_local": 'a time of day, e.g. "08:30"',
    "call": 'a list of whom to ring, e.g. ["contact:1", "duty"]',
    "sms": 'a list of whom to write to, e.g. ["contact:1", "duty"]',
    "loop_from": 'the number of a step with stage = "contacts", counted from 0',
    "rounds": f"a whole number from 0 (without end) to {ROUNDS_MAX}, e.g. 3",
    "steps": f'1 to {STEPS_MAX} steps, e.g. [{{ after_s = 0, stage = "contacts", call = ["contact:1"] }}]',
}
_LADDERS = frozenset({"p0", "p1", "p2", "p3", "day"})
_WORD_ALIKE = 0.8
_NAME_ALIKE = 0.8


def refuse(source: TomlSource, error: ValidationError, *, names: Iterable[str]) -> NoReturn:
    """Raise ConfigurationError for the first thing wrong; `names` are the words that a ladder may have."""
    first = error.errors(include_url=False)[0]
    path = tuple(step for step in first["loc"] if step != "[key]")
    name = _name(path)
    if first["type"] == "extra_forbidden":
        known = [one for one in (*names, *_KNOWN) if one != name]  # known elsewhere, and nothing here
        source.refuse(f"{name} is not a part of a ladder", path, nearest(name, known, DOCS))
    if first["type"] == "missing":
        what = f"{name} lacks an entry" if isinstance(path[-1], int) else f"{name} is missing"
        source.refuse(what, path, f"add {name}: {_meant(path)}")
    if first["type"] == "enum" and path[-2:-1] == ("tier",):
        source.refuse(f"there is no tier {name!r}", path, nearest(name, Tier, f"use {' or '.join(Tier)}"))
    if first["type"] == "enum":
        source.refuse(f"there is no kind {name!r}", path, _kinds_like(name))
    what = str(first["msg"]).partition(" or instance")[0]
    source.refuse(f"{name}: {what}", path, f"write {_meant(path)}")


def _name(path: Path) -> str:
    """Return the name of a field: an entry of a list has none of its own."""
    return next((one for one in reversed(path) if isinstance(one, str)), "")


def _meant(path: Path) -> str:
    """Return what a field takes, with its bounds and an example."""
    name, parent = _name(path), path[-2] if len(path) > 1 else ""
    is_urgent = bool({"p0", "p1", *MAY_BE_URGENT} & set(path))
    if name == "ack_deadline_s":
        most = P1_ACK_DEADLINE_MAX_S if is_urgent else ACK_DEADLINE_MAX_S
        return _seconds(ACK_DEADLINE_MIN_S, P0_ACK_DEADLINE_MAX_S if "p0" in path else most, 900)
    if name == "loop_after_s":
        return _seconds(LOOP_AFTER_MIN_S, URGENT_STEP_MAX_S if is_urgent else PAUSE_MAX_S, 300)
    if name == "after_s":
        return _seconds(0, URGENT_STEP_MAX_S if is_urgent else PAUSE_MAX_S, 120)
    if name == "rounds" and {"p0", "p1"} & set(path):
        return "0, or leave it out: P0 and P1 never give up"
    if parent == "kind" or name in _LADDERS or (name == "night" and len(path) > 1 and isinstance(path[-1], str)):
        return f"a table of its own: [{'.'.join(str(one) for one in path)}]"
    return _KNOWN.get(name, f"what {name} may be: {DOCS}")


def _seconds(least: int, most: int, example: int) -> str:
    return f"seconds as a whole number without quotes, {least} to {most}, e.g. {example}"


def _kinds_like(name: str) -> str:
    """Return the remedy for a kind that nobody knows: the one that is meant, those that share a word, or all."""
    kinds = [kind.value for kind in FindingKind]
    close = get_close_matches(name, kinds, n=1, cutoff=_NAME_ALIKE)
    words = name.split("_")
    alike = [one for one in kinds if any(get_close_matches(w, one.split("_"), 1, _WORD_ALIKE) for w in words)]
    if close or alike:
        return f"did you mean {', '.join(close or alike)}?"
    return f"use one of {', '.join(kinds)}"
