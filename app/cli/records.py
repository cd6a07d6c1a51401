"""Commands that read and close what the service keeps: alerts, visits; on the data, service or not."""

import getpass
from datetime import date
from typing import Annotated

import typer

from alerts.lifecycle import ENDED
from alerts.model import Alert, AlertState, Outcome
from app.cli.options import Config, DataDir, settings_of
from app.counting import policy_of
from app.desk_service import DeskService
from app.opened import clock_of, opened_truth
from app.settings import Settings
from core.errors import ConfigurationError
from core.ids import AlertId
from core.localtime import from_ms, local_date, zone
from store.truth.database import Truth
from visits.obligations import due

alerts_app = typer.Typer(help="Alerts: list, acknowledge, close", no_args_is_help=True)
visits_app = typer.Typer(help="The visit ledger", no_args_is_help=True)
MANY = 100_000


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.add_typer(alerts_app, name="alerts")
    app.add_typer(visits_app, name="visits")


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
        print(f"{alert.id}  P{int(alert.priority)} {alert.state}{ending}  {alert.home_id}  {opened}  {alert.sentence}")
    print(f"{len(alerts)} alerts")


@alerts_app.command("ack")
def alerts_ack(
    alert_id: str,
    config: Config = None,
    data_dir: DataDir = None,
    account: Annotated[str, typer.Option("--as", help="Whose name is written down")] = "",
) -> None:
    """Take an alert: it is yours, with a deadline for the outcome."""
    settings = settings_of(config, data_dir)
    with opened_truth(settings) as truth:
        alert = _alert(truth, alert_id)
        who = f"account:{account or getpass.getuser()}"
        taken = desk_on(truth, settings).acknowledge(alert.id, who, alert.version)
    print(f"{taken.id} is {taken.state}, owner {taken.owner}")


@alerts_app.command("close")
def alerts_close(
    alert_id: str,
    outcome: Annotated[Outcome, typer.Option(help="The human fact")],
    config: Config = None,
    data_dir: DataDir = None,
    note: Annotated[str, typer.Option(help="In your words; no diagnosis, no number")] = "",
    account: Annotated[str, typer.Option("--as", help="Whose name is written down")] = "",
) -> None:
    """Close an alert with the human fact; the contact goes into the ledger."""
    settings = settings_of(config, data_dir)
    with opened_truth(settings) as truth:
        alert = _alert(truth, alert_id)
        who = f"account:{account or getpass.getuser()}"
        closed = desk_on(truth, settings).close(alert.id, outcome, note, who=who)
        with truth.view() as unit:
            visit = unit.visits.of_alert(closed.id)
    print(f"{closed.id} is {closed.state} with {closed.outcome}")
    for credit in visit.credits if visit else ():
        print(
            f"  {credit.obligation}: {'counts' if credit.counts else 'does not count'} ({credit.clause}) {credit.why}"
        )


@visits_app.command("due")
def visits_due(
    month: Annotated[str, typer.Option(help="e.g. 2024-02")],
    config: Config = None,
    data_dir: DataDir = None,
) -> None:
    """List what each person is owed in a month; key persons' home visits are never satisfied by monitoring."""
    settings = settings_of(config, data_dir)
    first = _first_day(month)
    with opened_truth(settings) as truth, truth.view() as unit:
        people = unit.people.persons()
        visits = unit.visits.list(limit=MANY)
    now_ms = clock_of(settings).now_ms()
    rows = due(f"{first:%Y-%m}", people, visits, local_date(now_ms, zone(settings.zone)), policy_of(settings))
    for row in rows:
        print(f"{row.person_id}  {row.tier}  {row.sentence}")
        for window in row.windows:
            span = f"{window.window.from_date:%m-%d}..{window.window.until_date:%m-%d}"
            print(f"    {window.window.obligation} {span}  {window.state}  owed {window.owed}, done {window.done}")
        if row.warning is not None:
            print(f"    ! {row.warning}")
    print(f"{len(rows)} people, {sum(row.owed for row in rows)} visits owed in {month}")


@visits_app.command("list")
def visits_list(
    config: Config = None,
    data_dir: DataDir = None,
    limit: Annotated[int, typer.Option(help="How many, newest first")] = 50,
) -> None:
    """List the ledger with what each contact counts for and why."""
    settings = settings_of(config, data_dir)
    with opened_truth(settings) as truth, truth.view() as unit:
        visits = sorted(unit.visits.list(limit=MANY), key=lambda visit: visit.started_at_ms, reverse=True)
    for visit in visits[:limit]:
        print(f"{visit.local_date}  {visit.person_id}  {visit.contact_class}  {visit.note}")
        for credit in visit.credits:
            print(f"    {credit.obligation}: {'counts' if credit.counts else 'not'} ({credit.clause}) {credit.why}")
    print(f"{len(visits)} contacts in the ledger")


def desk_on(truth: Truth, settings: Settings) -> DeskService:
    """Return a desk that decides as the service's does, on the service's clock."""
    return DeskService(truth, clock_of(settings), policy_of(settings), on_change=lambda _lines: None)


def _alert(truth: Truth, alert_id: str) -> Alert:
    with truth.view() as unit:
        alert = unit.alerts.get(AlertId(alert_id))
    if alert is None:
        raise ConfigurationError(f"there is no alert {alert_id}", where="the argument", remedy="shouwang alerts list")
    return alert


def _first_day(month: str) -> date:
    try:
        return date.fromisoformat(f"{month}-01")
    except ValueError as error:
        raise ConfigurationError(f"{month!r} is no month", where="--month", remedy="write it as 2024-02") from error
