"""A rulebook as its TOML text writes it; refuses a wrong one with its line, what is wrong and what to write."""

from collections.abc import Callable
from datetime import date
from functools import partial
from types import GenericAlias
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, create_model
from pydantic_core import ErrorDetails, PydanticCustomError

from core.toml_source import Path, TomlSource
from registry.people import Tier
from rules.limit_values import LIMITS, LimitError, contradiction, limit_value, nearest
from rules.parameters import RuleParameters
from rules.presets import preset_limits
from rules.rulebook import Layer, Rulebook, Stamp, preset_layer

Layers = tuple[Layer, ...]


def _checked(check: Callable[[Any], Any], value: object) -> object:
    try:
        return check(value)
    except LimitError as error:
        raise PydanticCustomError("limit", "{what}", {"what": error.what, "remedy": error.remedy}) from error


def _preset(name: object) -> str:
    preset_limits(str(name))
    return str(name)


_STRICT = ConfigDict(frozen=True, extra="forbid")
_Preset = Annotated[str | None, BeforeValidator(partial(_checked, _preset))]


class _Table(BaseModel):
    model_config = _STRICT

    preset: _Preset = None


# One field for each limit that a rule has: a new limit is known here the moment it exists.
_LIMIT_FIELDS: dict[str, Any] = {
    name: (Annotated[Any, BeforeValidator(partial(_checked, partial(limit_value, name)))], None)  # whole stays whole
    for name in LIMITS
}
_LayerTable: Any = create_model("LayerTable", __base__=_Table, **_LIMIT_FIELDS)
_FILE_FIELDS: dict[str, Any] = {
    "version": (Annotated[int, Field(ge=1, strict=True)], ...),
    "changed_by": (Annotated[str, Field(min_length=1)], ...),
    "changed_at": (date, ...),
    "why": (Annotated[str, Field(min_length=1)], ...),
    "all": (_LayerTable, _LayerTable()),
    "area": (GenericAlias(dict, (str, _LayerTable)), {}),
    "tier": (GenericAlias(dict, (Tier, _LayerTable)), {}),
    "home": (GenericAlias(dict, (str, _LayerTable)), {}),
}
_RulebookTable: Any = create_model("RulebookTable", __base__=_Table, **_FILE_FIELDS)

_KNOWN = {
    "version": "a whole number from 1 on, one more with each change",
    "changed_by": 'who answers for the change, e.g. "王主任"',
    "changed_at": "a date without quotes, e.g. 2026-11-24",
    "why": "the reason, in one sentence",
    "preset": "the name of a preset",
    "all": "a table: [all]",
    "area": 'a table for each area: [area."town/village"]',
    "tier": "a table for each tier: [tier.key], [tier.general]",
    "home": "a table for each home: [home.h0123]",
}


def parse_rulebook(text: str, *, where: str) -> Rulebook:
    """Return the rulebook of a TOML text; raises ConfigurationError naming file, line and remedy."""
    source = TomlSource(text, where)
    try:
        table = _RulebookTable.model_validate(source.tables)
    except ValidationError as error:
        for mistake in error.errors(include_url=False):
            _note(source, mistake)
        source.check()
        raise AssertionError("an error has a mistake") from error
    rulebook = Rulebook(
        stamp=Stamp(version=table.version, changed_by=table.changed_by, changed_at=table.changed_at, why=table.why),
        everybody=(
            *((preset_layer(table.preset, "all"),) if table.preset else ()),
            *_layers(table.all, "all"),
        ),
        areas={prefix.strip("/"): _layers(layer, f"area {prefix}") for prefix, layer in table.area.items()},
        tiers={tier: _layers(layer, f"tier {tier}") for tier, layer in table.tier.items()},
        homes={home: _layers(layer, f"home {home}") for home, layer in table.home.items()},
    )
    _check_together(source, rulebook)
    return rulebook


def _layers(table: BaseModel, name: str) -> Layers:
    given = {key: value for key, value in table.model_dump(exclude_unset=True).items() if value is not None}
    preset = given.pop("preset", None)
    below = (preset_layer(preset, name),) if preset else ()
    return (*below, Layer(name, given)) if given else below


def _check_together(source: TomlSource, rulebook: Rulebook) -> None:
    """Refuse two limits of one table, or of a table and [all], that contradict each other."""
    tables: list[tuple[Path, Layers]] = [(("all",), ())]
    tables += [(("area", prefix), layers) for prefix, layers in rulebook.areas.items()]
    tables += [(("tier", tier.value), layers) for tier, layers in rulebook.tiers.items()]
    tables += [(("home", home), layers) for home, layers in rulebook.homes.items()]
    for path, layers in tables:
        values: dict[str, Any] = {}
        for layer in (*rulebook.everybody, *layers):
            values |= layer.limits
        name, problem = contradiction(RuleParameters(**values))
        if problem:
            own = [limit for layer in layers for limit in layer.limits if limit in problem]  # what stands in this table
            source.note(problem, (*path, own[0] if own else name), f"correct {name} or its counterpart")
    source.check()


def _note(source: TomlSource, first: ErrorDetails) -> None:
    path = tuple(step for step in first["loc"] if step != "[key]")
    name = str(path[-1]) if path else ""
    match first["type"]:
        case "limit":
            context = first.get("ctx", {})
            source.note(context["what"], path, context["remedy"])
        case "extra_forbidden" if len(path) == 1:
            known = [*_KNOWN, *LIMITS]
            remedy = "put it below [all], or below an area, tier or home" if name in LIMITS else nearest(name, known)
            source.note(f"{name} cannot stand at the top of a rulebook", path, remedy)
        case "extra_forbidden":
            source.note(f"{name} is not a rule's limit", path, nearest(name, [*LIMITS, "preset"]))
        case "missing":
            source.note(f"{name} is missing", path, f"add {name}: {_KNOWN.get(name, 'a value')}")
        case "enum":
            source.note(f"there is no tier {name!r}", path, f"use one of {', '.join(Tier)}")
        case _:
            what = f"{name}: {str(first['msg']).partition(' or instance')[0]}"
            source.note(what, path, f"write {_KNOWN.get(str(path[0]), 'another value')}")
