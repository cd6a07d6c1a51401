"""Commands about limits: rules show, check and presets; they read, and change nothing."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from app.cli.options import Config, DataDir, settings_of
from app.files import DataFiles
from app.rules_files import loosened_words, read_rulebook
from app.settings import Settings
from core.errors import NotFoundError
from core.ids import HomeId
from registry.homes import Home
from rules.limit_values import nearest, shown
from rules.presets import Measured, built_in_presets
from rules.rulebook import DEFAULT, Layer, Rulebook

EVERYBODY = HomeId("")
"""A home in no area: what it has is what everybody has."""


def add_to(rules_app: typer.Typer) -> None:
    """Register the commands."""
    rules_app.command()(show)
    rules_app.command()(check)
    rules_app.command()(presets)


def show(
    home: Annotated[str, typer.Argument(help="The home's id; left out: what everybody has, and every layer")] = "",
    everything: Annotated[bool, typer.Option("--all", help="Limits that have their default too")] = False,
    config: Config = None,
    data_dir: DataDir = None,
) -> None:
    """Show the limits in force and the layer that each comes from."""
    settings = settings_of(config, data_dir)
    rulebook = rulebook_of_settings(settings)
    print(stamp_line(rulebook))
    if not home:
        _print_layers(rulebook)
    found = Home(id=EVERYBODY, person_id=None, area="") if not home else registered_home(settings, home)
    if home:
        print(f"home {found.id} · area {found.area} · {'key person' if found.is_key_person else 'general person'}")
    in_force = rulebook.in_force(found)
    told = {name: one for name, one in in_force.items() if everything or one.layer != DEFAULT}
    for name, one in told.items():
        print(f"  {name:28s}{shown(name, one.value):>10s}   {one.layer}")
    if rest := len(in_force) - len(told):
        print(f"  {rest} limits have their default; --all shows them, docs/rules.md says why")


def check(
    file: Annotated[Path, typer.Argument(help="A rulebook: rules.toml")],
    config: Config = None,
    data_dir: DataDir = None,
) -> None:
    """Say whether a rulebook can be used, and which registered homes each of its layers reaches."""
    rulebook = read_rulebook(file)
    print(f"ok  {stamp_line(rulebook)}")
    homes = DataFiles(settings_of(config, data_dir).data_dir).homes()
    for layer, count in _reach(rulebook, homes):
        note = "" if count or not homes else "   ! no registered home has it"
        print(f"  {layer.name:40s}{len(layer.limits):3d} limits  {count:5d} homes{note}")
    for home in homes:
        rulebook.parameters_of(home)
    for what, remedy in loosened_words(rulebook, homes):
        print(f"  !! {what} → {remedy}")


def presets() -> None:
    """List the ways to judge silence that towns know by name, beside their measured false alarms."""
    for preset in built_in_presets():
        print(f"{preset.name:16s}{preset.title}  ({preset.source})")
        for measured in preset.measured:
            print(f"    {figures_of(measured):52s}  {measured.where}")
    print('一户选用 for one home: [home.h0123] preset = "day4_night8" · docs/rules.md')
    print("先在这户的历史上试 on its own history first: shouwang rules backtest h0123 --all-presets")


def figures_of(measured: Measured) -> str:
    """Return what was measured, in one line."""
    spread = "" if measured.high is None else f" ({0 if measured.low is None else measured.low:g}–{measured.high:g})"
    delay = "" if measured.delay_h is None else f", {measured.delay_h:g} h"
    return f"{measured.alarms:g}{spread} 次误报/30天 false alarms/30 d{delay}"


def rulebook_of_settings(settings: Settings) -> Rulebook:
    """Return the rulebook that the settings name; raises ConfigurationError."""
    return read_rulebook(settings.file_named_by("rules_file")) if settings.rules_file else Rulebook()


def registered_home(settings: Settings, home_id: str) -> Home:
    """Return a home of the registry; raises NotFoundError."""
    homes = DataFiles(settings.data_dir).homes()
    if not homes:
        where = f"nothing is registered in {settings.data_dir}"
        raise NotFoundError(f"no home {home_id}: {where}; --data-dir names another, shouwang registry add fills it")
    found = next((one for one in homes if one.id == home_id), None)
    if found is None:
        remedy = nearest(home_id, [str(one.id) for one in homes], "see: shouwang registry list")
        raise NotFoundError(f"no home {home_id}; {remedy}")
    return found


def stamp_line(rulebook: Rulebook) -> str:
    """Return which rules these are, in one line."""
    stamp = rulebook.stamp
    if not stamp.version:
        return "rules v0: 出厂规则 what ships with the service"
    return f"rules v{stamp.version} since {stamp.changed_at} by {stamp.changed_by}: {stamp.why}"


def _print_layers(rulebook: Rulebook) -> None:
    for layer in _layers(rulebook):
        print(f"  {layer.name}: " + ", ".join(f"{name} {shown(name, value)}" for name, value in layer.limits.items()))


def _layers(rulebook: Rulebook) -> Sequence[Layer]:
    tables = (rulebook.areas.values(), rulebook.tiers.values(), rulebook.homes.values())
    return [*rulebook.everybody, *(layer for table in tables for layers in table for layer in layers)]


def _reach(rulebook: Rulebook, homes: Sequence[Home]) -> list[tuple[Layer, int]]:
    reached = [{layer.name for layer in rulebook.layers_of(home)} for home in homes]
    return [(layer, sum(layer.name in names for names in reached)) for layer in _layers(rulebook)]
