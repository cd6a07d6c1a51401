"""The command line as an operator types it, in a process of its own or in this one, and a home to register with it."""

import os
import subprocess
import sys
from pathlib import Path

from typer.testing import CliRunner

from app.cli import app

SHOUWANG = [sys.executable, "-c", "from app.cli import main; main()"]
WAIT_S = 90
HOME = """
[home]
id = "h0123"
area = "shuren/qiaotou/g3"

[person]
name = "李秀英"
phone = "+8613800000000"
birth_date = 1940-05-06
categories = ["alone"]

[sensor]
kitchen_pir = { role = "interior_motion", room = "kitchen" }
"""


def environment(**more: str) -> dict[str, str]:
    """Return what a process of this tree's code is started with."""
    return os.environ | {"PYTHONPATH": str(Path.cwd()), "PYTHONUNBUFFERED": "1"} | more


def shouwang(*arguments: str, cwd: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """Run one command in a folder, `more` in its environment; return how it ended and what it said."""
    return subprocess.run(
        [*SHOUWANG, *arguments],
        cwd=cwd,
        env=environment(**more),
        capture_output=True,
        text=True,
        timeout=WAIT_S,
        check=False,
    )


def printed(*arguments: str, data_dir: Path) -> str:
    """Run one command in this process; return what it prints, raise what it refuses."""
    done = CliRunner().invoke(app, [*arguments, "--data-dir", str(data_dir)])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == 0, done.stdout
    return done.stdout
