"""The command line as an operator types it, in a process of its own or in this one, and a home to register with it."""

import io
import logging
import os
import subprocess
import sys
from collections.abc import Generator
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path

from typer.testing import CliRunner

from app.cli import app, main

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
    """Run one command in a folder as `main` does, but in this process: one of its own costs a second to load.

    `more` stands in its environment; nobody types anything. Returns how it ended and what it said.
    """
    out, told = io.StringIO(), io.StringIO()
    with _typed(arguments, cwd, more), redirect_stdout(out), redirect_stderr(told), _no_log_handlers():
        try:
            main()
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
    return subprocess.CompletedProcess([*SHOUWANG, *arguments], code, out.getvalue(), told.getvalue())


@contextmanager
def _typed(arguments: tuple[str, ...], cwd: Path, more: dict[str, str]) -> Generator[None]:
    kept, words, stdin = dict(os.environ), sys.argv, sys.stdin
    with chdir(cwd), Path(os.devnull).open() as nobody:
        os.environ.update({"COLUMNS": "80"} | more)  # as wide as a pipe is taken for
        sys.argv, sys.stdin = ["shouwang", *arguments], nobody
        try:
            yield
        finally:
            sys.argv, sys.stdin = words, stdin
            os.environ.clear()
            os.environ.update(kept)


@contextmanager
def _no_log_handlers() -> Generator[None]:
    """Leave the log to the command, which sets it up where nobody has, and to pytest afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    root.handlers.clear()
    try:
        yield
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)


def shouwang_apart(*arguments: str, cwd: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """Run one command in a process of its own, as an operator does."""
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
