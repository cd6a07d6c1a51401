"""A change of limits that somebody wants to try on a home: a rulebook, a preset, single limits; enables nothing."""

import tomllib
from collections.abc import Sequence

import msgspec

from core.errors import ConfigurationError
from core.text import Bilingual
from registry.homes import DeviceRole, Home
from rules.limit_values import LimitError, limit_value, shown
from rules.parameters import RuleParameters
from rules.rulebook import Layer, Rulebook, preset_layer, registry_layer

FIXED_LIMITS = frozenset({"inactivity_day_ms", "inactivity_night_ms"})
"""Where a home is judged by its own habits they hold only in its first days and while a device is at fault."""


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """Limits to try, and how they differ from those in force."""

    name: str
    parameters: RuleParameters
    changed: dict[str, tuple[str, str]] = {}  # limit -> (in force, proposed), as people write them
    notes: tuple[Bilingual, ...] = ()


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """What to try: each preset is a proposal of its own, with the single limits over it."""

    rulebook: Rulebook | None = None  # instead of the one in force
    rulebook_name: str = ""
    presets: tuple[str, ...] = ()
    limits: dict[str, float] = {}


def in_force(home: Home, rulebook: Rulebook) -> Proposal:
    """Return the limits that a home has now; raises ConfigurationError."""
    name = f"在用 in force v{rulebook.stamp.version}"
    return Proposal(name=name, parameters=rulebook.parameters_of(home))


def proposals(home: Home, rulebook: Rulebook, trial: Trial) -> list[Proposal]:
    """Return what is to be tried on a home, none when nothing was proposed; raises ConfigurationError."""
    now = rulebook.parameters_of(home)
    ground = trial.rulebook or rulebook
    own = (Layer("--set", trial.limits),) if trial.limits else ()
    found: list[Proposal] = []
    for preset in trial.presets:
        layers = (_preset_layer(preset), *own)
        found.append(_proposal(f"{preset} + set" if own else preset, home, now, _over(home, ground, layers)))
    if not trial.presets and (own or trial.rulebook is not None):
        stamp = f"{trial.rulebook_name} v{ground.stamp.version}" if trial.rulebook is not None else ""
        name = " + ".join(part for part in (stamp, "set" if own else "") if part)
        found.append(_proposal(name, home, now, _over(home, ground, own)))
    tried = trial.limits.keys() | {name for preset in trial.presets for name in _preset_layer(preset).limits}
    above = _standing_above(home, tried, ground if trial.rulebook is not None else None)
    return [msgspec.structs.replace(one, notes=(*one.notes, *above)) for one in found]


def setting_of(text: str) -> tuple[str, float]:
    """Return the limit and the value of `limit=value`, written as in rules.toml; raises ConfigurationError."""
    name, equals, written = text.partition("=")
    if not equals or not name.strip():
        remedy = "write limit=value, e.g. --set inactivity_day_ms='4 h'"
        raise ConfigurationError(f"{text!r} sets nothing", where="--set", remedy=remedy)
    try:
        value: object = tomllib.loads(f"value = {written}")["value"]
    except tomllib.TOMLDecodeError:
        value = written.strip()  # the shell took the quotes off
    try:
        return name.strip(), limit_value(name.strip(), value)
    except LimitError as error:
        raise ConfigurationError(error.what, where=f"--set {text}", remedy=error.remedy) from error


def preset_of(name: str) -> str:
    """Return the name of a preset; raises ConfigurationError naming the nearest one."""
    _preset_layer(name)
    return name


def _preset_layer(preset: str) -> Layer:
    try:
        return preset_layer(preset, "--preset")
    except LimitError as error:
        raise ConfigurationError(error.what, where="--preset", remedy=error.remedy) from error


def _over(home: Home, rulebook: Rulebook, layers: Sequence[Layer]) -> RuleParameters:
    """Return the limits of a home with layers over all it has, the registry's own limits included."""
    for layer in (registry_layer(home), *layers):
        if layer.limits:
            rulebook = rulebook.with_home(home, layer)
    return rulebook.parameters_of(msgspec.structs.replace(home, limits={}))


def _proposal(name: str, home: Home, now: RuleParameters, parameters: RuleParameters) -> Proposal:
    before, after = msgspec.structs.asdict(now), msgspec.structs.asdict(parameters)
    changed = {
        limit: (shown(limit, before[limit]), shown(limit, value))
        for limit, value in after.items()
        if value != before[limit]
    }
    notes: list[Bilingual] = []
    if not changed:
        notes.append(Bilingual("与在用的限度完全相同", "the very limits that are in force"))
    if "low_water_hours" in changed and all(device.role is not DeviceRole.WATER_METER for device in home.devices):
        notes.append(
            Bilingual("这户没有水表，用水规则不会响", "no water meter in this home: the rule of litres never rings")
        )
    if changed and changed.keys() <= FIXED_LIMITS and parameters.inactivity_personal:
        notes.append(
            Bilingual(
                "固定限度只在最初几天和设备有故障时管用；要一直用它，再加 --set inactivity_personal=0",
                "fixed limits hold only in the first days and while a device is at fault; "
                "to go by them always add --set inactivity_personal=0",
            )
        )
    return Proposal(name=name, parameters=parameters, changed=changed, notes=tuple(notes))


def _standing_above(home: Home, tried: set[str], file: Rulebook | None) -> list[Bilingual]:
    """Return a warning for each limit that the registry sets for this home: no rulebook reaches it."""
    given = {name for layer in (file.layers_of(home) if file is not None else ()) for name in layer.limits}
    found: list[Bilingual] = []
    for name in sorted((tried | given) & home.limits.keys()):
        own = shown(name, home.limits[name])
        found.append(
            Bilingual(
                f"登记里这户自己的{name} = {own}高于规则文件：启用时请在登记里改",
                f"{name} = {own} stands in the registry for this home, above any rulebook: change it there",
            )
        )
    return found
