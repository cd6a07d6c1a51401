"""The rules of the town as the console shows them: the rulebook in force, its layers, every limit, every preset."""

from collections.abc import Collection, Iterable, Iterator
from itertools import chain, islice

from api.conversion import bilingual_view
from api.rule_views import LayerView, MeasuredView, PresetView, RulesView
from app.console_home_views import judged_by, limit_view
from app.rules_files import RuleKeeper
from core.ids import HomeId
from registry.homes import Home
from rules.limit_values import limit_value, shown
from rules.presets import Preset, built_in_presets
from rules.rulebook import Layer, Rulebook

EVERYBODY = Home(id=HomeId(""), person_id=None, area="")
"""A home of no area and no tier: asked only for what all have."""

MAX_HOMES_WITH_LAYERS = 100
"""A page of them; each home's own page has the rest, and the file has all."""


def rules_view(keeper: RuleKeeper, shown_homes: Collection[HomeId] | None = None) -> RulesView:
    """Return the rulebook in force, of single homes those to be shown (None: all); on the engine's thread."""
    rulebook = keeper.file.value
    stamp = rulebook.stamp
    for_everybody = Rulebook(rulebook.defaults, stamp, everybody=rulebook.everybody)
    own = [
        layers
        for home_id, layers in rulebook.homes.items()
        if layers and (shown_homes is None or home_id in shown_homes)
    ]
    shared = chain(rulebook.everybody, *rulebook.areas.values(), *rulebook.tiers.values())
    return RulesView(
        version=stamp.version,
        changed_by=stamp.changed_by,
        changed_at=stamp.changed_at,
        why=stamp.why,
        judged_by=judged_by(stamp.version, stamp),
        notices=keeper.notices(),
        layers=list(_layer_views(shared)),
        home_layers=list(_layer_views(chain(*islice(own, MAX_HOMES_WITH_LAYERS)))),
        homes_listed=min(len(own), MAX_HOMES_WITH_LAYERS),
        homes_with_layers=len(own),
        limits=[limit_view(name, one) for name, one in for_everybody.in_force(EVERYBODY).items()],
    )


def preset_views() -> list[PresetView]:
    """Return every preset beside what it was measured to do, in the order they are shown."""
    return [_preset_view(preset) for preset in built_in_presets()]


def _preset_view(preset: Preset) -> PresetView:
    return PresetView(
        name=preset.name,
        title=bilingual_view(preset.title),
        source=bilingual_view(preset.source),
        limits={name: shown(name, limit_value(name, value)) for name, value in preset.limits.items()},
        measured=[
            MeasuredView(
                alarms_per_30d=one.alarms,
                low=one.low,
                high=one.high,
                delay_h=one.delay_h,
                where=bilingual_view(one.where),
            )
            for one in preset.measured
        ],
    )


def _layer_views(layers: Iterable[Layer]) -> Iterator[LayerView]:
    for layer in layers:
        yield LayerView(name=layer.name, limits={name: shown(name, value) for name, value in layer.limits.items()})
