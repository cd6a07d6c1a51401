"""What the API and the console show of the rules: the rulebook in force, its layers and limits, and the presets."""

from datetime import date

from pydantic import Field

from api.home_views import LimitView
from api.views import BilingualView, View


class LayerView(View):
    """Some limits for some homes."""

    name: str = Field(description="all, area …, tier …, home …, or a preset under one of them")
    limits: dict[str, str] = Field(description="As people write them, e.g. 45 min")


class RulesView(View):
    """The rulebook in force, and what everybody has by it."""

    version: int = Field(description="0: what ships with the service")
    changed_by: str = ""
    changed_at: date | None = None
    why: str = ""
    judged_by: BilingualView
    notices: list[str] = Field(default=[], description="What somebody must mend; the watch goes on meanwhile")
    loosened: list[BilingualView] = Field(
        default=[], description="Limits that are allowed and take a guard away: which table, which limit, what is lost"
    )
    layers: list[LayerView] = Field(description="Those of all, of areas and of tiers, the weakest first")
    home_layers: list[LayerView] = Field(description="Those of single homes, of the first hundred")
    homes_listed: int
    homes_with_layers: int
    limits: list[LimitView] = Field(description="Every limit as everybody has it")


class MeasuredView(View):
    """What one way of judging did to one set of recorded homes."""

    alarms_per_30d: float = Field(description="False ones of a home in 30 observed days")
    low: float | None = Field(default=None, description="The quietest home")
    high: float | None = Field(default=None, description="The loudest home")
    delay_h: float | None = Field(default=None, description="Mean, from an incident to the alarm; null: not measured")
    where: BilingualView


class PresetView(View):
    """One way to judge silence that towns know by name, beside what it was measured to do."""

    name: str
    title: BilingualView
    source: BilingualView
    limits: dict[str, str]
    measured: list[MeasuredView]
