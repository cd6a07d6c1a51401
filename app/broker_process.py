"""Finds a folder's own servers among the processes of the machine and signals them; it touches no other process."""

import os
import signal
import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path

from core.clock import monotonic_s
from core.errors import ConfigurationError

PROGRAM = "nats-server"

CONFIG_OPTIONS = ("-c", "--c", "-config", "--config")
"""Go's flags take one dash or two, and the value behind a blank or an equals sign."""

STOP_WAIT_S = 2.0
"""An orderly stop takes milliseconds; every promised message is on the disk already, so a kill loses nothing."""

_PROC = Path("/proc")
_POLL_S = 0.01


def command(binary: Path, config_file: Path) -> list[str]:
    """Return how a server is started; by this it is found again."""
    return [str(binary), CONFIG_OPTIONS[0], str(config_file)]


def is_started_by(arguments: Sequence[str], config_file: Path) -> bool:
    """Return whether a command line is our server's over exactly this file; whoever only mentions it is a stranger."""
    if not arguments or Path(arguments[0]).name != PROGRAM:
        return False
    path = str(config_file)
    given = zip(arguments[1:], [*arguments[2:], ""], strict=True)
    return any(
        (one in CONFIG_OPTIONS and value == path) or one in {f"{option}={path}" for option in CONFIG_OPTIONS}
        for one, value in given
    )


def running_with(config_file: Path, noted: str) -> list[int]:
    """Return the servers that were started with this configuration file; `noted` is the pid that the last owner wrote.

    Where there is a /proc, also one whose owner was killed before it could note it.
    """
    names = [one.name for one in _PROC.iterdir()] if _PROC.is_dir() else []
    return [int(pid) for pid in {noted, *names} if pid.isdecimal() and runs_with(int(pid), config_file)]


def runs_with(pid: int, config_file: Path) -> bool:
    """Return whether a process is a server over this configuration file: a pid alone may be anybody's by now."""
    if _PROC.is_dir():
        try:
            words = (_PROC / str(pid) / "cmdline").read_bytes()
        except OSError:
            return False
        return is_started_by([os.fsdecode(one) for one in words.split(b"\0")], config_file) and _sees(pid, config_file)
    listing = subprocess.run(  # noqa: S603  # a fixed command and a number
        ["/bin/ps", "-p", str(pid), "-o", "command="], capture_output=True, text=True, check=False
    )
    # One text with blanks between the arguments, where a path may hold some: it has to end as we begin it.
    return listing.stdout.rstrip("\n").endswith(" ".join(command(Path("/") / PROGRAM, config_file)))


def send(pid: int, sign: signal.Signals) -> bool:
    """Signal a server; return whether it was still there. Raises ConfigurationError when it is another user's."""
    try:
        os.kill(pid, sign)
    except ProcessLookupError:
        return False
    except PermissionError as error:
        # Not passed over: it runs over this very folder, and two over one store would spoil it.
        raise ConfigurationError(
            f"another user's {PROGRAM} runs over this folder, and may not be signalled from here",
            where=f"process {pid}",
            remedy=f"stop it as its user or as root (sudo kill {pid}), or set another data_dir, then start again",
        ) from error
    return True


def stop(pid: int, config_file: Path) -> None:
    """Ask a server to stop, kill it if it has not in good time; returns once it is gone. Raises as `send` does."""
    pause = threading.Event()
    for sign in (signal.SIGTERM, signal.SIGKILL):
        if not send(pid, sign):
            return
        until_s = monotonic_s() + STOP_WAIT_S
        while monotonic_s() < until_s:
            if not runs_with(pid, config_file):
                return
            pause.wait(_POLL_S)


def _sees(pid: int, config_file: Path) -> bool:
    """Return whether a process has our folder under that path: in a container it may be quite another one."""
    folder = config_file.parent
    try:
        return (_PROC / str(pid) / "root" / folder.relative_to("/")).samefile(folder)
    except PermissionError:  # another user's: where it cannot be told, it is taken for one of this folder
        return True
    except OSError:
        return False
