"""The command line imports a command when it is asked for, and knows every one."""

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import typer
from typer.main import get_group

from app import cli


def test_every_module_that_has_commands_is_named_beside_its_own():
    folder = Path(cli.__file__).parent
    named = {module for modules in cli.PARTS.values() for module in modules}
    parts = {path.stem for path in folder.glob("*.py") if "\ndef add_to(app: typer.Typer)" in path.read_text("utf-8")}
    assert parts == named


def test_every_command_of_a_module_is_named():
    for modules in set(cli.PARTS.values()):
        part = typer.Typer(callback=lambda: None)
        for name in modules:
            import_module(f"app.cli.{name}").add_to(part)
        assert set(get_group(part).commands) == {name for name, own in cli.PARTS.items() if own == modules}


def test_only_what_runs_or_examines_the_service_waits_for_it_to_be_imported():
    whole = {"serve", "broker", "openapi", "doctor", "demo", "replay", "sim"}
    light = [name for name in cli.PARTS if name not in whole]
    script = f"import sys; from app.cli import OnDemand; OnDemand().take_in({light}); print(sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "'app.cli.kpi'" in done.stdout
    for heavy in ("app.service", "fastapi", "alembic"):
        assert f"'{heavy}'" not in done.stdout
