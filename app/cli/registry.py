"""Commands that register homes: registry add, registry list; from the files that map the sensors of recordings."""

import getpass
from pathlib import Path
from typing import Annotated

import typer

from app.cli.options import Config, DataDir, settings_of
from app.devices import check_units
from app.files import DataFiles
from app.opened import clock_of
from app.register import registered
from app.simulation import put_registration
from core.localtime import local_date, zone
from device_sim.sensor_map import load_sensor_map
from registry.commands import Doing

registry_app = typer.Typer(help="Homes, people, devices and contacts", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.add_typer(registry_app, name="registry")


@registry_app.command("add")
def add(
    file: Annotated[Path, typer.Argument(help="home.toml: home, person, contacts, sensors")],
    config: Config = None,
    data_dir: DataDir = None,
) -> None:
    """Register a home, or replace what is registered under its id; a running service takes it up at once."""
    settings = settings_of(config, data_dir)
    registration = load_sensor_map(file).registration
    for device in registration.home.devices:
        check_units(device.units, where=f"{file}, {device.id}")
    now_ms = clock_of(settings).now_ms()
    doing = Doing(
        actor=f"cli:{getpass.getuser()}",
        why=f"registry add {file.name}",
        at_ms=now_ms,
        today=local_date(now_ms, zone(settings.zone)),
    )
    truth = DataFiles(settings.data_dir).open_truth()
    try:
        with truth.transaction() as unit:
            put_registration(unit, registration)
            registered(unit, registration.person.id, doing)
    finally:
        truth.close()
    home = registration.home
    print(f"home {home.id}: {len(home.devices)} devices, {len(registration.contacts)} contacts")
    for device in home.devices:
        print(f"    {device.address}  {device.role}")


@registry_app.command("list")
def list_homes(config: Config = None, data_dir: DataDir = None) -> None:
    """List registered homes and the addresses of their devices; no names."""
    truth = DataFiles(settings_of(config, data_dir).data_dir).open_truth()
    try:
        with truth.view() as unit:
            homes = unit.people.homes()
    finally:
        truth.close()
    for home in homes:
        print(f"{home.id}  {home.area}  {len(home.devices)} devices")
    print(f"{len(homes)} homes")
