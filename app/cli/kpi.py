"""The command kpi: a month's figures beside their targets, and what was left out of them."""

from typing import Annotated

import msgspec
import typer

from alerts.kpi_figures import Figure
from app.cli.options import Config, DataDir, settings_of
from app.kpi import month_span, report_of
from app.opened import clock_of, opened_truth
from core.localtime import local_date, zone

_MET = {True: "ok", False: "MISSED", None: ""}


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(kpi)


def kpi(
    month: Annotated[str, typer.Option(help="e.g. 2026-03; left out: this month so far")] = "",
    config: Config = None,
    data_dir: DataDir = None,
    as_json: Annotated[bool, typer.Option("--json", help="The same, for programs")] = False,
) -> None:
    """Show a month's service figures beside their targets: calls, acknowledgement, precision, blindness."""
    settings = settings_of(config, data_dir)
    now_ms = clock_of(settings).now_ms()
    asked = month or f"{local_date(now_ms - 1, zone(settings.zone)):%Y-%m}"
    within = month_span(asked, settings.zone, now_ms)
    with opened_truth(settings) as truth, truth.view() as unit:
        found = report_of(unit, within, now_ms)
    if as_json:
        print(msgspec.json.encode(found).decode())
        return
    print(f"{asked}  ({settings.zone})")
    for figure in found.figures:
        print(_line(figure))
    based = {one.basis: one.name.partition("_")[0] for one in found.figures if one.basis is not None}
    told = {one.basis for one in found.figures if one.cases or one.name.startswith("blind_")}
    for basis, name in based.items():
        if basis in told:
            print(f"{name}_*: {basis}")
    for figure in found.precision:
        print(_line(msgspec.structs.replace(figure, name=f"precision {figure.name}")))
    left_out = ", ".join(f"{why} {count}" for why, count in found.excluded.items())
    print(f"不计入 excluded: {left_out}")


def _line(figure: Figure) -> str:
    value = "-" if figure.value is None else _shown(figure.value, figure.unit)
    sign = "≤" if figure.is_at_most else "≥"
    target = "" if figure.target is None else f"{sign} {_shown(figure.target, figure.unit)}"
    return f"{figure.name:34s}{value:>12s}  {target:12s}{_MET[figure.is_met]:8s}n={figure.cases}"


def _shown(value: float, unit: str) -> str:
    return f"{value * 100:.2f} %" if unit == "ratio" else f"{value:.2f} {unit}"
