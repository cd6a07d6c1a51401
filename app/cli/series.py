"""Commands on the time series: how far each store is, and the lines that InfluxDB refused."""

from contextlib import closing
from typing import Annotated

import typer

from app.adapters import influx
from app.cli.options import Config, DataDir, settings_of
from app.files import DataFiles
from core.errors import ConfigurationError
from core.localtime import from_ms, zone
from store.influx_ledger import InfluxLedger
from store.series_port import RetryLaterError

series_app = typer.Typer(help="Time series: lines that InfluxDB refused", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.add_typer(series_app, name="series")


@series_app.command("parked")
def series_parked(
    config: Config = None,
    data_dir: DataDir = None,
    limit: Annotated[int, typer.Option(help="How many, oldest first", min=1)] = 50,
) -> None:
    """List lines that InfluxDB refused, with its words; they are kept until it takes them."""
    settings = settings_of(config, data_dir)
    path = DataFiles(settings.data_dir).influx
    if not path.exists():
        print("0 lines parked, 0 refused in all")
        return
    with closing(InfluxLedger(path)) as ledger:
        kept, total = ledger.parked_count()
        print(f"{kept} lines parked, {total} refused in all; InfluxDB has taken the journal up to {ledger.cursor()}")
        for one in ledger.parked(limit):
            at = from_ms(one.log_time_ms, zone(settings.zone))
            print(f"#{one.id} {at:%Y-%m-%d %H:%M} {one.status} {one.reason}\n    {one.line}")


@series_app.command("retry")
def series_retry(
    config: Config = None,
    data_dir: DataDir = None,
    limit: Annotated[int, typer.Option(help="How many, oldest first", min=1)] = 5_000,
) -> None:
    """Send refused lines to InfluxDB again, once its schema is mended; exit code 1 when one is refused again."""
    settings = settings_of(config, data_dir)
    if not settings.influx_url:
        raise ConfigurationError("no InfluxDB is set up", where="influx_url", remedy="set it")
    with closing(influx(settings)) as sink:
        try:
            taken, refused = sink.retry_parked(limit)
        except RetryLaterError as error:
            raise ConfigurationError(str(error), where=settings.influx_url, remedy="try again later") from error
    print(f"{taken} lines taken, {refused} refused again")
    if refused:
        raise typer.Exit(1)
