"""The rules of a town as versioned data: who changed which limits, since when and why, for whom; reads no file."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import msgspec

from core.errors import ConfigurationError
from registry.homes import Home
from registry.people import Tier
from rules.limit_bounds import Loosened, loosened
from rules.limit_values import LimitError, contradiction, limit_value
from rules.parameters import RuleParameters
from rules.presets import preset_limits

DEFAULT = "default"
REGISTRY = "registry"


class Layer(msgspec.Struct, frozen=True):
    """Some limits for some homes; `name` says where they come from."""

    name: str
    limits: dict[str, float]
    preset: str = ""  # the preset it comes from


class Stamp(msgspec.Struct, frozen=True, kw_only=True):
    """Which rules these are; version 0 is what ships with the service."""

    version: int = 0
    changed_by: str = ""
    changed_at: date | None = None
    why: str = ""


class InForce(msgspec.Struct, frozen=True):
    """One limit of one home, and the layer that set it."""

    value: float
    layer: str


class Rulebook:
    """Layers over the defaults: all < area (the longer prefix wins) < tier < home < the registry's own limits."""

    def __init__(
        self,
        defaults: RuleParameters | None = None,
        stamp: Stamp | None = None,
        *,
        everybody: tuple[Layer, ...] = (),
        areas: Mapping[str, tuple[Layer, ...]] | None = None,
        tiers: Mapping[Tier, tuple[Layer, ...]] | None = None,
        homes: Mapping[str, tuple[Layer, ...]] | None = None,
    ) -> None:
        self.defaults = defaults or RuleParameters()
        self.stamp = stamp or Stamp()
        self.everybody = everybody
        self.areas = dict(sorted((areas or {}).items(), key=lambda area: len(area[0])))
        self.tiers = dict(tiers or {})
        self.homes = dict(homes or {})
        self._shared: dict[tuple[str, ...], RuleParameters] = {}  # homes with the same layers share one object

    def layers_of(self, home: Home) -> tuple[Layer, ...]:
        """Return what applies to a home, the weakest first, without the registry's own limits."""
        found = list(self.everybody)
        for prefix, layers in self.areas.items():
            if home.area == prefix or home.area.startswith(f"{prefix}/"):
                found += layers
        found += self.tiers.get(Tier.KEY if home.is_key_person else Tier.GENERAL, ())
        found += self.homes.get(str(home.id), ())
        return tuple(found)

    def parameters_of(self, home: Home) -> RuleParameters:
        """Return the parameters of one home; raises ConfigurationError for a limit that no rule knows."""
        layers = self.layers_of(home)
        names = tuple(layer.name for layer in layers)
        parameters = self._shared.get(names)
        if parameters is None:
            parameters = self._shared[names] = self._together(home, layers)
        if not home.limits:
            return parameters
        return self._together(home, (*layers, registry_layer(home)))

    def in_force(self, home: Home) -> dict[str, InForce]:
        """Return each limit of a home with the layer it comes from; raises ConfigurationError as above."""
        self.parameters_of(home)
        found = {name: InForce(value, DEFAULT) for name, value in msgspec.structs.asdict(self.defaults).items()}
        for layer in (*self.layers_of(home), registry_layer(home)):
            found |= {name: InForce(value, layer.name) for name, value in layer.limits.items()}
        return found

    def with_home(self, home: Home, layer: Layer) -> "Rulebook":
        """Return these rules with one more layer for one home, above its own; for trying a change."""
        homes = self.homes | {str(home.id): (*self.homes.get(str(home.id), ()), layer)}
        return Rulebook(
            self.defaults, self.stamp, everybody=self.everybody, areas=self.areas, tiers=self.tiers, homes=homes
        )

    def _together(self, home: Home, layers: Iterable[Layer]) -> RuleParameters:
        values = msgspec.structs.asdict(self.defaults)
        for layer in layers:
            values |= layer.limits
        parameters = RuleParameters(**values)
        name, problem = contradiction(parameters)
        if problem:
            raise ConfigurationError(problem, where=f"home {home.id}", remedy=f"correct {name} or its counterpart")
        return parameters


def registry_layer(home: Home) -> Layer:
    """Return the limits that stand in the registry beside the home; raises ConfigurationError for a wrong one."""
    try:
        return Layer(REGISTRY, {name: limit_value(name, value) for name, value in home.limits.items()})
    except LimitError as error:
        raise ConfigurationError(error.what, where=f"home {home.id}", remedy=error.remedy) from error


def preset_layer(preset: str, of: str) -> Layer:
    """Return a preset as the layer under another; raises LimitError."""
    return Layer(f"preset {preset} ({of})", preset_limits(preset), preset)


def warnings_of(rulebook: Rulebook, homes: Iterable[Home] = ()) -> list[tuple[str, Loosened]]:
    """Return what each table of a rulebook, and the registry's own limits, take away from what guards a life."""
    shared: dict[str, Any] = {}
    for layer in rulebook.everybody:
        shared |= layer.limits
    tables = [("all", rulebook.everybody)]
    written = (*rulebook.areas.values(), *rulebook.tiers.values(), *rulebook.homes.values())
    tables += [(layers[-1].name, layers) for layers in written if layers]
    tables += [(f"{REGISTRY}, home {home.id}", (registry_layer(home),)) for home in homes if home.limits]
    found: list[tuple[str, Loosened]] = []
    for name, layers in tables:
        own: dict[str, Any] = {}
        for layer in layers:
            own |= layer.limits
        told = loosened(RuleParameters(**(msgspec.structs.asdict(rulebook.defaults) | shared | own)))
        found += [(name, one) for one in told if one.limits & own.keys()]
    return found


def parameters_of(home: Home, rules: Rulebook | RuleParameters) -> RuleParameters:
    """Return the parameters of one home under a rulebook, or under defaults alone; raises ConfigurationError."""
    return rulebook_of(rules).parameters_of(home)


def rulebook_of(rules: Rulebook | RuleParameters | None) -> Rulebook:
    """Return rules as a rulebook: defaults alone are one without layers."""
    return rules if isinstance(rules, Rulebook) else Rulebook(rules)
