"""The command line `shouwang`: every command prints what it did or what is wrong and what to do, in one line each."""

import logging
import sys

import typer

from app.cli import (
    auditing,
    contacts,
    devices,
    formats,
    gathering,
    journal,
    keys,
    kpi,
    ladders,
    matters,
    parked,
    printing,
    privacy,
    records,
    register,
    registry,
    returns,
    rota,
    rules,
    series,
    serving,
    silences,
    simulating,
    township,
    visits,
)
from core.errors import ShouwangError

app = typer.Typer(
    name="shouwang",
    help="守望：独居老人关爱值守 · Shouwang watches over older people who live alone.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
serving.add_to(app)
simulating.add_to(app)
parked.add_to(app)
records.add_to(app)
visits.add_to(app)
matters.add_to(app)
returns.add_to(app)
registry.add_to(app)
devices.add_to(app)
register.add_to(app)
gathering.add_to(app)
printing.add_to(app)
formats.add_to(app)
journal.add_to(app)
auditing.add_to(app)
privacy.add_to(app)
keys.add_to(app)
contacts.add_to(app)
kpi.add_to(app)
series.add_to(app)
rota.add_to(app)
rules.add_to(app)
ladders.add_to(app)
silences.add_to(app)
township.add_to(app)


def main() -> None:
    """Run the command line; an error that a person can act on is one line and exit code 2."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for chatty in ("httpx", "mqtt", "twilio.http_client", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)  # they would log numbers and addresses
    try:
        app()
    except ShouwangError as error:
        print(f"shouwang: {error}", file=sys.stderr)
        sys.exit(2)
