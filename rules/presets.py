"""Ways to judge silence that towns know by name, each with the false alarms it was measured to give; data, not code."""

from functools import lru_cache
from importlib import resources
from typing import Any

import msgspec

from core.errors import ConfigurationError
from core.text import Bilingual
from core.toml_source import TomlSource
from rules.limit_values import LIMITS, LimitError, limit_value, nearest

BUILT_IN = "rules/presets.toml"
_REMEDY = "compare with the built-in rules/presets.toml"


class Measured(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What one way of judging did to one set of recorded homes."""

    alarms: float  # false ones of a home in 30 observed days
    delay_h: float | None = None  # mean, from an incident to the alarm
    low: float | None = None  # the quietest home
    high: float | None = None  # the loudest home
    where_zh: str
    where_en: str

    @property
    def where(self) -> Bilingual:
        """Which homes, for how long, with which sensors."""
        return Bilingual(self.where_zh, self.where_en)


class Preset(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One way, the limits it sets, and what it was measured to do; no preset without a measurement."""

    name: str
    zh: str
    en: str
    source_zh: str
    source_en: str
    limits: dict[str, float | str]
    measured: tuple[Measured, ...]

    @property
    def title(self) -> Bilingual:
        """What it is called."""
        return Bilingual(self.zh, self.en)

    @property
    def values(self) -> dict[str, float]:
        """Return its limits as RuleParameters keeps them."""
        return {name: limit_value(name, value, of_preset=True) for name, value in self.limits.items()}

    @property
    def source(self) -> Bilingual:
        """Who uses it."""
        return Bilingual(self.source_zh, self.source_en)


@lru_cache(maxsize=1)  # the file ships with the code
def built_in_presets() -> tuple[Preset, ...]:
    """Return the presets that ship with the service, in the order they are shown."""
    return parse_presets(resources.files("rules").joinpath("presets.toml").read_text("utf-8"), where=BUILT_IN)


def preset_limits(name: str) -> dict[str, float]:
    """Return the limits of a preset, and the defaults of what others set; raises LimitError naming the nearest one."""
    for preset in built_in_presets():
        if preset.name == name:
            others = {limit: LIMITS[limit] for other in built_in_presets() for limit in other.limits}
            return others | preset.values
    names = [preset.name for preset in built_in_presets()]
    raise LimitError(f"there is no preset {name!r}", nearest(name, names, f"use one of {', '.join(names)}"))


def parse_presets(text: str, *, where: str) -> tuple[Preset, ...]:
    """Return the presets of a TOML text; raises ConfigurationError naming file, line and remedy."""
    source = TomlSource(text, where)
    tables: list[dict[str, Any]] = source.tables.get("preset", [])
    found: list[Preset] = []
    for index, table in enumerate(tables):
        try:
            preset = msgspec.convert(table, Preset)
        except msgspec.ValidationError as error:
            source.refuse(str(error), ("preset", index), _REMEDY)
        if not preset.measured:
            source.refuse(f"{preset.name} was measured nowhere", ("preset", index), "measure it first")
        if preset.name in {other.name for other in found}:
            source.refuse(f"{preset.name} stands here twice", ("preset", index, "name"), "name it otherwise")
        for name, value in preset.limits.items():
            try:
                limit_value(name, value, of_preset=True)
            except LimitError as error:
                source.refuse(error.what, ("preset", index, "limits", name), error.remedy)
        found.append(preset)
    if not found:
        raise ConfigurationError("no preset", where=f"{where}, line 1", remedy=_REMEDY)
    return tuple(found)
