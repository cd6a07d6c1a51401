"""The command doctor: what is wrong with the set-up."""

import typer

from app.cli.options import Config, DataDir
from app.doctor import examine


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(doctor)


def doctor(config: Config = None, data_dir: DataDir = None) -> None:
    """Say what is wrong with the set-up, where, and what to do."""
    checks = examine(config, data_dir)
    for check in checks:
        mark = "WARN" if check.is_warning else "ok  " if check.is_well else "BAD "
        is_plain = check.is_well and not check.is_warning
        print(f"{mark} {check.what}{'' if is_plain else f' → {check.remedy}'}")
    if not all(check.is_well for check in checks):
        raise typer.Exit(1)
