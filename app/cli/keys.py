"""Commands of the key: keys rotate, keys show."""

from pathlib import Path
from typing import Annotated

import typer

from app.cli.officers import Officer, officer_of
from app.cli.options import Config, DataDir, settings_of
from app.files import DataFiles
from app.key_change import change, put_away
from app.opened import clock_of, opened_truth
from core.errors import ConfigurationError

keys_app = typer.Typer(help="The key that the personal fields are sealed with", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.add_typer(keys_app, name="keys")


@keys_app.command("rotate")
def rotate(
    account: Officer,
    config: Config = None,
    data_dir: DataDir = None,
    old_key: Annotated[Path | None, typer.Option(help="Where the old key goes: back-ups made before need it")] = None,
    forget_old: Annotated[bool, typer.Option("--forget-old", help="Keep no copy: no back-up of before opens")] = False,
) -> None:
    """Make a fresh key and open the data with it from now on; the service is stopped meanwhile.

    Interrupted at any moment, the data can be read as before or as after; run it again.
    """
    if (old_key is None) is not forget_old:
        raise ConfigurationError(
            "say where the old key goes, or that none is kept",
            where="the options",
            remedy="--old-key FILE, kept beside the back-ups that it opens but not with them; or --forget-old",
        )
    settings = settings_of(config, data_dir)
    files = DataFiles(settings.data_dir)
    files.lock()
    try:
        with opened_truth(settings) as truth:
            by = officer_of(truth, account)
            if old_key is not None:
                put_away(files.key, old_key)
            key_id = change(truth, files.key, by, clock_of(settings).now_ms(), print)
    finally:
        files.unlock()
    print(f"key {key_id} opens the data; back up {files.key} apart from them, now")


@keys_app.command("show")
def show(config: Config = None, data_dir: DataDir = None) -> None:
    """Print the id of the key, which reveals nothing of it: compare it with what a back-up's key file begins with."""
    print(DataFiles(settings_of(config, data_dir).data_dir).cipher().key_id)
