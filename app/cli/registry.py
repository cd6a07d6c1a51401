"""Commands that register homes: registry add, registry list; from the same files as the sensor maps of recordings."""

from pathlib import Path
from typing import Annotated

import typer

from app.cli.options import Config, DataDir, settings_of
from app.devices import check_units
from app.files import DataFiles
from app.simulation import register
from device_sim.sensor_map import load_sensor_map

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
    truth = DataFiles(settings.data_dir).open_truth()
    try:
        register(truth, [registration])
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
