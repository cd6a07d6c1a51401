"""The command township generate: a made-up township by a seed, to try the ledger on."""

from datetime import date
from typing import Annotated

import typer

from app.cli.options import Config, DataDir, settings_of
from app.counting import policy_of
from app.files import DataFiles
from app.township import settle
from core.errors import ConfigurationError
from core.localtime import zone
from device_sim.township import Plan

township_app = typer.Typer(help="A made-up township, to try the ledger on", no_args_is_help=True)
MOST_PEOPLE = 100_000
"""A large county; beyond it one SQLite file is the wrong place to try things on."""


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.add_typer(township_app, name="township")


@township_app.command()
def generate(
    config: Config = None,
    data_dir: DataDir = None,
    people: Annotated[int, typer.Option(min=1, max=MOST_PEOPLE, help="How many people")] = 2000,
    villages: Annotated[int, typer.Option(min=1, max=999, help="In how many villages")] = 30,
    months: Annotated[int, typer.Option(min=1, max=60, help="How many months of visits")] = 14,
    seed: Annotated[int, typer.Option(help="The same seed gives the same township")] = 1,
    first_month: Annotated[str, typer.Option(help="The first of them, e.g. 2024-01")] = "2024-01",
) -> None:
    """Fill an empty data directory with people, histories and visits that never were; refuses one with people."""
    settings = settings_of(config, data_dir)
    try:
        plan = Plan(people, villages, months, seed, date.fromisoformat(f"{first_month}-01"))
    except ValueError as error:
        raise ConfigurationError(
            f"{first_month!r} is no month", where="--first-month", remedy="write it as 2024-01"
        ) from error
    truth = DataFiles(settings.data_dir).open_truth()
    try:
        counts = settle(truth, plan, policy_of(settings), zone(settings.zone))
    finally:
        truth.close()
    print(f"{counts[0]} people in {villages} villages, {counts[1]} records, {plan.first_month} to {plan.last_day}")
