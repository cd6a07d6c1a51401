"""What the duty board shows and in which order; reads the console's port, changes nothing."""

from dataclasses import dataclass

from alerts.model import TERMINAL_ATTEMPT_STATES, AlertState, AttemptState
from api.home_views import HomeView
from api.ports import Console
from api.views import AlertDetail, AlertView, AttemptView, HealthView
from core.ids import derived_id

OPEN_STATES = frozenset(
    {AlertState.OPEN, AlertState.ASKING_RESIDENT, AlertState.CALLING_CONTACTS, AlertState.ACKNOWLEDGED}
)
ENDED_STATES = frozenset({AlertState.CLOSED, AlertState.WITHDRAWN})

MAX_OPEN = 1_000
"""More than anybody takes in a shift; the console gives the gravest first, so what is cut off is the least grave."""

MAX_IN_FULL = 30
"""Alerts shown with evidence and calls; the rest is a line with a link, so that the page stays quick."""

MAX_ENDED = 10
"""The last ones of a shift; older ones are in the API and the ledger."""

MAX_HOMES = 60
"""Those with an alert, those we cannot see and those longest silent come first; the page of homes has them all."""

ON_THE_LINE = frozenset(
    {AttemptState.CLAIMED, AttemptState.SUBMITTED, AttemptState.UNKNOWN, AttemptState.RINGING, AttemptState.ANSWERED}
)

FAR_FUTURE_MS = 1 << 62

BY_HAND = "console"
"""The channel whose calls a clerk makes."""


@dataclass(frozen=True, kw_only=True)
class Board:
    """Everything on the duty board at one moment."""

    open_alerts: list[AlertDetail]
    further_alerts: list[AlertView]
    has_more: bool
    listed: int  # alerts in the lists of villages' incidents, of which nobody is told for now
    ended_alerts: list[AlertDetail]
    homes: list[HomeView]
    never_heard: int  # homes that are registered and never spoke: neither seen nor blind
    health: HealthView

    @property
    def unowned(self) -> int:
        """Count the alerts nobody has taken."""
        return sum(alert.state is not AlertState.ACKNOWLEDGED for alert in (*self.open_alerts, *self.further_alerts))


async def read_board(console: Console, account: str) -> Board:
    """Return an account's board: open alerts by gravity and time left, ended ones, then homes, blind ones first."""
    found = await console.open_alerts(MAX_OPEN + 1, account)
    ordered = sorted(found.alerts, key=urgency)[:MAX_OPEN]
    homes = await console.homes(account)
    ended = await console.alerts(ENDED_STATES, MAX_ENDED, None, account=account)
    return Board(
        open_alerts=[await console.alert(alert.alert_id) for alert in ordered[:MAX_IN_FULL]],
        further_alerts=ordered[MAX_IN_FULL:],
        has_more=len(found.alerts) > MAX_OPEN,
        listed=found.listed,
        ended_alerts=[await console.alert(alert.alert_id) for alert in ended],
        homes=sorted(homes, key=home_order)[:MAX_HOMES],
        never_heard=sum(home.mode is None for home in homes),
        health=await console.health(),
    )


def urgency(alert: AlertView) -> tuple[str, bool, int, int]:
    """Order by gravity, then not yet taken, then least time left, then longest open."""
    deadline_ms = FAR_FUTURE_MS if alert.deadline_ms is None else alert.deadline_ms
    return (alert.priority, alert.state is AlertState.ACKNOWLEDGED, deadline_ms, alert.opened_at_ms)


def home_order(home: HomeView) -> tuple[bool, bool, int, str]:
    """Order homes with an alert first, then blind ones, then those longest without a sign of life."""
    last_ms = home.last_sign.at_ms if home.last_sign else 0
    return (home.open_alert_id is None, not home.is_blind, last_ms, home.home_id)


def is_on_the_line(attempt: AttemptView) -> bool:
    """Say whether somebody is being rung at this moment."""
    return attempt.purpose is not None and attempt.state in ON_THE_LINE


def is_for_the_clerk(attempt: AttemptView) -> bool:
    """Say whether a clerk is to ring this person by hand and press the key they say."""
    return attempt.channel == BY_HAND and attempt.purpose is not None and attempt.state not in TERMINAL_ATTEMPT_STATES


def acknowledge_key(alert_id: str, account: str, version: int) -> str:
    """Return the key under which one clerk's presses on one version of an alert are the same press."""
    return derived_id("acknowledge", alert_id, account, version)
