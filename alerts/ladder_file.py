"""Ladders as their TOML text writes them; refuses one that would leave a gap, with its line and what to write."""

from collections.abc import Iterator
from datetime import date, time
from functools import cache
from importlib import resources
from types import GenericAlias
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, create_model
from pydantic_core import PydanticCustomError

from alerts.ladder import Step, is_target
from alerts.ladder_book import ENDLESS, MAY_BE_URGENT, DayPart, Entry, LadderBook, Patch, Scope
from alerts.ladder_bounds import (
    ACK_DEADLINE_MAX_S,
    ACK_DEADLINE_MIN_S,
    LOOP_AFTER_MIN_S,
    P0_ACK_DEADLINE_MAX_S,
    P0_OTHERS_WITHIN_S,
    P1_ACK_DEADLINE_MAX_S,
    P1_OTHERS_WITHIN_S,
    PAUSE_MAX_S,
    ROUNDS_MAX,
    STEPS_MAX,
    URGENT_STEP_MAX_S,
)
from alerts.ladder_slips import refuse
from core.toml_source import Path, TomlSource
from registry.homes import ContactRole
from registry.people import Tier
from rules.findings import FindingKind, Priority
from rules.limit_values import nearest
from rules.rulebook import Stamp

BUILT_IN = "alerts/ladder.toml"
_STRICT = ConfigDict(frozen=True, extra="forbid", strict=True)


def _local_time(text: str) -> str:
    if text:
        _time(text)
    return text


def _time(text: str) -> time:
    try:
        return time.fromisoformat(text)
    except ValueError:
        raise PydanticCustomError("time", "{text} is no time of day", {"text": repr(text)}) from None


class _Step(BaseModel):
    model_config = _STRICT

    stage: Literal["resident", "contacts"]
    after_s: Annotated[int, Field(ge=0, le=PAUSE_MAX_S)] = 0
    at_local: Annotated[str, AfterValidator(_local_time)] = ""
    call: list[str] = []
    sms: list[str] = []


class _Patch(BaseModel):
    model_config = _STRICT

    ack_deadline_s: Annotated[int | None, Field(ge=ACK_DEADLINE_MIN_S, le=ACK_DEADLINE_MAX_S)] = None
    loop_from: Annotated[int | None, Field(ge=0)] = None
    loop_after_s: Annotated[int | None, Field(ge=LOOP_AFTER_MIN_S, le=PAUSE_MAX_S)] = None
    rounds: Annotated[int | None, Field(ge=0, le=ROUNDS_MAX)] = None
    steps: Annotated[list[_Step] | None, Field(min_length=1, max_length=STEPS_MAX)] = None


class _Ladder(_Patch):
    day: _Patch | None = None
    night: _Patch | None = None


_LAYER_FIELDS: dict[str, Any] = {
    **{f"p{int(priority)}": (_Ladder | None, None) for priority in Priority},
    "kind": (GenericAlias(dict, (FindingKind, _Ladder)), {}),
}
_Layer: Any = create_model("Layer", __config__=ConfigDict(frozen=True, extra="forbid"), **_LAYER_FIELDS)
_FILE_FIELDS: dict[str, Any] = {
    "version": (Annotated[int, Field(ge=1, strict=True)], ...),
    "changed_by": (Annotated[str, Field(min_length=1)], ...),
    "changed_at": (date, ...),
    "why": (Annotated[str, Field(min_length=1)], ...),
    "night": (tuple[Annotated[str, AfterValidator(_local_time)], Annotated[str, AfterValidator(_local_time)]], None),
    "area": (GenericAlias(dict, (str, _Layer)), {}),
    "tier": (GenericAlias(dict, (Tier, _Layer)), {}),
    "person": (GenericAlias(dict, (str, _Layer)), {}),
}
_File: Any = create_model("LadderFile", __base__=_Layer, **_FILE_FIELDS)
_TABLES = ("p0", "p1", "p2", "p3", "kind", "area", "tier", "person")


@cache  # the file ships with the service and never changes
def built_in_ladders() -> LadderBook:
    """Return the ladders that ship with the service."""
    text = resources.files("alerts").joinpath("ladder.toml").read_text("utf-8")
    source = TomlSource(text, BUILT_IN)
    return _book(source, _table_of(source), is_built_in=True)


def parse_ladders(text: str, *, where: str) -> LadderBook:
    """Return a town's ladders over those that ship; raises ConfigurationError naming file, line and remedy."""
    source = TomlSource(text, where)
    return _book(source, _table_of(source), is_built_in=False)


def _table_of(source: TomlSource) -> Any:  # noqa: ANN401  # a model made above
    try:
        return _File.model_validate(source.tables)
    except ValidationError as error:
        refuse(source, error, names=(*_Step.model_fields, *_Ladder.model_fields, *_TABLES))


def _book(source: TomlSource, table: Any, *, is_built_in: bool) -> LadderBook:  # noqa: ANN401  # as above
    entries: list[Entry] = []
    for scope, path, layer in _layers(table):
        for entry, at in _entries(scope, path, layer, version=table.version, is_built_in=is_built_in):
            _check(source, entry, at)
            entries.append(entry)
    if is_built_in:  # what ships is version 0 to those who ask for the town's; its tables carry their own
        return LadderBook(entries, night=(_time(table.night[0]), _time(table.night[1])), stamp=Stamp())
    shipped = built_in_ladders()
    stamp = Stamp(version=table.version, changed_by=table.changed_by, changed_at=table.changed_at, why=table.why)
    night = shipped.night if table.night is None else (_time(table.night[0]), _time(table.night[1]))
    return LadderBook((*shipped.entries, *entries), night=night, stamp=stamp)


def _layers(table: Any) -> Iterator[tuple[Scope, Path, Any]]:  # noqa: ANN401  # as above
    yield Scope(), (), table
    for prefix, layer in table.area.items():
        yield Scope(area=prefix.strip("/")), ("area", prefix), layer
    for tier, layer in table.tier.items():
        yield Scope(tier=tier), ("tier", tier.value), layer
    for person, layer in table.person.items():
        yield Scope(person=person), ("person", person), layer


def _entries(
    scope: Scope,
    path: Path,
    layer: Any,  # noqa: ANN401  # as above
    *,
    version: int,
    is_built_in: bool,
) -> Iterator[tuple[Entry, Path]]:
    named: list[tuple[Path, _Ladder | None]] = [((f"p{int(one)}",), getattr(layer, f"p{int(one)}")) for one in Priority]
    named += [(("kind", kind.value), ladder) for kind, ladder in layer.kind.items()]
    parts: tuple[DayPart, ...] = ("", "day", "night")
    for name, ladder in named:
        for part in parts:
            patch = getattr(ladder, part, None) if part else ladder
            if not isinstance(patch, _Patch) or not (patch.model_fields_set - {"day", "night"}):
                continue
            at = (*path, *name, *((part,) if part else ()))
            yield (
                Entry(
                    name=".".join(str(one) for one in at),
                    version=version,
                    is_built_in=is_built_in,
                    scope=scope,
                    priority=Priority(int(str(name[0])[1:])) if len(name) == 1 else None,
                    kind=None if len(name) == 1 else FindingKind(str(name[1])),
                    part=part,
                    patch=_patch(patch),
                ),
                at,
            )


def _patch(table: _Patch) -> Patch:
    steps = None
    if table.steps is not None:
        steps = tuple(
            Step(one.stage, after_s=one.after_s, at_local=one.at_local, call=tuple(one.call), sms=tuple(one.sms))
            for one in table.steps
        )
    return Patch(table.ack_deadline_s, table.loop_from, table.loop_after_s, table.rounds, steps)


def _check(source: TomlSource, entry: Entry, at: Path) -> None:
    patch = entry.patch
    if entry.kind is FindingKind.EMERGENCY:
        source.refuse("an emergency is always P0", at, "write it below p0")
    is_urgent = entry.priority in ENDLESS or entry.kind in MAY_BE_URGENT
    if entry.priority in ENDLESS and patch.rounds:
        source.refuse("P0 and P1 never give up", (*at, "rounds"), "leave rounds out, or write rounds = 0")
    if is_urgent and (patch.loop_after_s or 0) > URGENT_STEP_MAX_S:
        source.refuse("P0 and P1 cannot pause so long", (*at, "loop_after_s"), f"write {URGENT_STEP_MAX_S} at most")
    _check_ack_deadline(source, entry, at, is_urgent=is_urgent)
    if (patch.steps is None) != (patch.loop_from is None):
        source.refuse("steps and loop_from belong together", at, "give both in this table, or neither")
    if patch.steps is None or patch.loop_from is None:
        return
    _check_loop(source, patch.steps, patch.loop_from, at)
    for index, step in enumerate(patch.steps):
        _check_step(source, step, (*at, "steps", index), is_urgent=is_urgent)
    if entry.priority is Priority.P0 and (patch.steps[0].after_s or not patch.steps[0].call):
        source.refuse("a life hazard rings at once", (*at, "steps"), "begin with after_s = 0 and somebody to call")
    if is_urgent:
        _check_others(source, patch.steps, patch.loop_from, at, is_p0=entry.priority is Priority.P0)


def _check_ack_deadline(source: TomlSource, entry: Entry, at: Path, *, is_urgent: bool) -> None:
    is_p0 = entry.priority is Priority.P0
    most = P0_ACK_DEADLINE_MAX_S if is_p0 else P1_ACK_DEADLINE_MAX_S
    if is_urgent and (entry.patch.ack_deadline_s or 0) > most:
        whose = "P0" if is_p0 else "P1"
        source.refuse(
            f"the owner of a {whose} cannot be silent so long", (*at, "ack_deadline_s"), f"write {most} at most"
        )


def _check_loop(source: TomlSource, steps: tuple[Step, ...], loop_from: int, at: Path) -> None:
    if loop_from >= len(steps):
        source.refuse(f"there is no step {loop_from} to loop to", (*at, "loop_from"), f"write 0 to {len(steps) - 1}")
    if steps[loop_from].stage != "contacts":
        remedy = 'name a step with stage = "contacts"'
        source.refuse("a new round cannot begin by asking the resident again", (*at, "loop_from"), remedy)
    first = next(index for index, step in enumerate(steps) if step.stage == "contacts")
    if any(step.stage == "resident" for step in steps[first:]):
        source.refuse(
            "the resident is asked before others are told, not after",
            (*at, "steps"),
            'put steps with stage = "resident" first; a contacts step may call the resident too',
        )


def _check_others(source: TomlSource, steps: tuple[Step, ...], loop_from: int, at: Path, *, is_p0: bool) -> None:
    """Refuse a ladder that leaves the resident alone with it: too long at its beginning, or in later rounds."""
    whose, most_s = ("P0", P0_OTHERS_WITHIN_S) if is_p0 else ("P1", P1_OTHERS_WITHIN_S)
    who = 'e.g. call = ["contact:1", "duty"]'
    first = next((index for index, step in enumerate(steps) if step.rings_others()), None)
    alone_s = None if first is None else sum(step.after_s for step in steps[: first + 1])
    if alone_s is None or alone_s > most_s:
        long = ", ever" if alone_s is None else f" for {alone_s} s"
        remedy = f"ring somebody else within {most_s} s of its beginning, {who}"
        source.refuse(f"a {whose} would ring nobody but the resident{long}", (*at, "steps"), remedy)
    if not any(step.rings_others() for step in steps[loop_from:]):
        remedy = f"let a step of the round ring somebody else, {who}, or name an earlier step"
        what = f"later rounds of a {whose} would ring nobody but the resident"
        source.refuse(what, (*at, "loop_from"), remedy)


def _check_step(source: TomlSource, step: Step, at: Path, *, is_urgent: bool) -> None:
    for target in (*step.call, *step.sms):
        if not is_target(target):
            known = ["resident", "contact:1", "all", *(role.value for role in ContactRole)]
            source.refuse(f"nobody is called {target!r}", at, nearest(target, known, f"use {', '.join(known)}"))
    if not (step.call or step.sms):
        source.refuse("a step that rings and writes to nobody", at, "give it call or sms")
    if "resident" in step.sms:
        source.refuse("the resident is asked by voice", at, "move resident from sms to call")
    if step.at_local and is_urgent:
        remedy = "use after_s: it may be a matter of life"
        source.refuse("this ladder cannot wait for a time of day", at, remedy)
    if step.after_s > URGENT_STEP_MAX_S and is_urgent:
        source.refuse("this ladder cannot pause so long", (*at, "after_s"), f"write {URGENT_STEP_MAX_S} at most")
    if step.at_local and step.after_s:
        source.refuse("a step waits for a time of day or for seconds, not both", at, "leave out after_s or at_local")
