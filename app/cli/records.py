"""Commands that read and close what the service keeps: alerts; on the data, service or not."""

from typing import Annotated

import typer

from alerts.lifecycle import ENDED
from alerts.model import Alert, AlertState, Outcome
from alerts.still_holding import holding_words
from app.cli.clerks import clerk_of
from app.cli.options import Config, DataDir, Who, settings_of
from app.counting import policy_of
from app.desk_service import DeskService
from app.opened import clock_of, opened_truth
from app.settings import Settings
from core.errors import ConfigurationError
from core.ids import AlertId
from core.localtime import from_ms, zone
from rules.kind_words import KIND_WORDS
from store.truth.database import Truth

alerts_app = typer.Typer(help="Alerts: list, acknowledge, close", no_args_is_help=True)
MANY = 100_000

AS_OPENED = 1
"""What an alert told when it was opened: to take or close it needs no more, until something has joined."""

TakeOver = Annotated[bool, typer.Option("--take-over", help="Also from somebody who has taken it")]
Seen = Annotated[int, typer.Option("--seen", help="The version that you have read, e.g. 7 for v7 in alerts list")]


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.add_typer(alerts_app, name="alerts")


@alerts_app.command("list")
def alerts_list(
    config: Config = None,
    data_dir: DataDir = None,
    everything: Annotated[bool, typer.Option("--all", help="Closed and withdrawn ones too")] = False,
) -> None:
    """List open alerts, newest first."""
    settings = settings_of(config, data_dir)
    states = None if everything else [state for state in AlertState if state not in ENDED]
    with opened_truth(settings) as truth, truth.view() as unit:
        alerts = unit.alerts.list(states, MANY)
    tz = zone(settings.zone)
    for alert in alerts:
        opened = from_ms(alert.opened_at_ms, tz).strftime("%m-%d %H:%M")
        ending = f" → {alert.outcome}" if alert.outcome else f" owner {alert.owner}" if alert.owner else ""
        held = f" 暂不通知 held: {', '.join(sorted(_reasons_of(alert)))}" if alert.holds else ""
        state = f"P{int(alert.priority)} {alert.state}{held}{ending}"
        print(f"{alert.id}  {state}  v{alert.version}  {alert.home_id}  {opened}  {alert.sentence}")
    print(f"{len(alerts)} alerts")


def _reasons_of(alert: Alert) -> set[str]:
    """Return by what somebody is not told of it, e.g. "silence"; its page has the words."""
    return {hold.by.partition(":")[0] for hold in alert.holds}


@alerts_app.command("ack")
def alerts_ack(
    alert_id: str,
    config: Config = None,
    data_dir: DataDir = None,
    account: Who = "",
    take_over: TakeOver = False,
    seen: Seen = AS_OPENED,
) -> None:
    """Take an alert: it is yours, with a deadline for the outcome."""
    settings = settings_of(config, data_dir)
    with opened_truth(settings) as truth:
        alert, who = _seen_alert(truth, alert_id, seen), clerk_of(truth, account)
        before = _owner_before(alert, who, take_over=take_over)
        taken = desk_on(truth, settings).acknowledge(alert.id, who, alert.version if before else seen)
    print(f"{taken.id} is {taken.state}, owner {taken.owner}{f', taken over from {before}' if before else ''}")


@alerts_app.command("close")
def alerts_close(
    alert_id: str,
    outcome: Annotated[Outcome, typer.Option(help="The human fact")],
    config: Config = None,
    data_dir: DataDir = None,
    note: Annotated[str, typer.Option(help="In your words; no diagnosis, no number")] = "",
    account: Who = "",
    take_over: TakeOver = False,
    seen: Seen = AS_OPENED,
) -> None:
    """Close an alert with the human fact; the contact goes into the ledger, and a line says what still holds."""
    settings = settings_of(config, data_dir)
    with opened_truth(settings) as truth:
        alert, who = _seen_alert(truth, alert_id, seen), clerk_of(truth, account)
        if alert.owner.startswith("account:"):  # a relative who answered cannot close: whoever they report to does
            _owner_before(alert, who, take_over=take_over)
        closed = desk_on(truth, settings).close(alert.id, outcome, note, who=who, seen_version=seen)
        with truth.view() as unit:
            visit, holding = unit.visits.of_alert(closed.id), holding_words(unit.alerts.findings(closed.id))
    print(f"{closed.id} is {closed.state} with {closed.outcome}")
    if holding is not None:
        print(f"  {holding}")
    for credit in visit.credits if visit else ():
        print(
            f"  {credit.obligation}: {'counts' if credit.counts else 'does not count'} ({credit.clause}) {credit.why}"
        )


def desk_on(truth: Truth, settings: Settings) -> DeskService:
    """Return a desk that decides as the service's does, on the service's clock."""
    return DeskService(truth, clock_of(settings), policy_of(settings), on_change=lambda _lines: None)


def _seen_alert(truth: Truth, alert_id: str, seen: int) -> Alert:
    """Return an alert of which somebody has read all; raises ConfigurationError where more has joined than they saw."""
    alert = _alert(truth, alert_id)
    if seen < alert.told_version:
        words = "、".join(str(KIND_WORDS[kind]) for kind in alert.told_kinds)
        raise ConfigurationError(
            f"又发现了新的情况 / more has been found since: {words}",
            where=f"alert {alert.id}, --seen {seen}",
            remedy=f"看过后再操作 / read it, then: --seen {alert.version}",
        )
    return alert


def _owner_before(alert: Alert, who: str, *, take_over: bool) -> str:
    """Return who else has taken an alert, or ""; raises ConfigurationError unless it is to be taken over."""
    before = "" if alert.state is not AlertState.ACKNOWLEDGED or alert.owner == who else alert.owner
    if before and not take_over:
        raise ConfigurationError(
            f"{before} 已先接手 / {before} was first",
            where=f"alert {alert.id}",
            remedy="与其商定后 / agree with them, then: --take-over",
        )
    return before


def _alert(truth: Truth, alert_id: str) -> Alert:
    with truth.view() as unit:
        alert = unit.alerts.get(AlertId(alert_id))
    if alert is None:
        raise ConfigurationError(f"there is no alert {alert_id}", where="the argument", remedy="shouwang alerts list")
    return alert
