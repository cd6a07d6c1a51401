"""What the API and the console show of a village's incident: the homes that it explains, by risk; no behaviour."""

from typing import Literal

from pydantic import Field

from alerts.model import AlertState
from api.views import AlertView, BilingualView, HoldView, Ms, PersonBrief, View


class AffectedView(View):
    """One home of an incident, with the gravest alert of it."""

    home_id: str
    area: str = ""
    person: PersonBrief | None = None
    alert_id: str
    priority: Literal["P0", "P1", "P2", "P3"]
    state: AlertState
    sentence: BilingualView
    since_ms: Ms = Field(description="Since when the home has not been seen")
    holds: list[HoldView] = Field(default=[], description="What nobody is told of for now; empty: it is told")


class AffectedPage(View):
    """A page of an incident's homes: key persons first, then the gravest, then whoever was not seen for longest."""

    items: list[AffectedView]
    page: int = Field(description="From 1")
    pages: int
    total: int = Field(description="Homes that the incident explains or has explained")
    open: int = Field(description="Of these, homes whose alert has not ended")
    held: int = Field(description="Of these, homes of which nobody is told for now")


class OpenAlerts(View):
    """The open alerts, gravest first; `listed`: how many more stand in the lists of villages' incidents, held."""

    alerts: list[AlertView]
    listed: int = 0
