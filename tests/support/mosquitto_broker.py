"""A real Mosquitto (Debian's package) for a test: in a folder of its own, with what a town's operator would set."""

import shutil
import socket
import subprocess
from pathlib import Path
from typing import NamedTuple

from free_port import free_port

from app.broker import Account, Accounts
from core.clock import monotonic_s

MISSING = "Mosquitto is not installed: apt-get install mosquitto"
START_WAIT_S = 20.0
NOBODY = Account("", "")


def is_installed() -> bool:
    return _program() is not None


class Listener(NamedTuple):
    """A further door of the same broker."""

    host: str
    port: int
    accounts: Accounts


class Mosquitto:
    """One server over one folder: it keeps what it promised, and keeps a session's messages without a limit."""

    def __init__(self, folder: Path, *, lines: tuple[str, ...] = (), has_plain: bool = False) -> None:
        """`lines` come last in its configuration, after the listener: TLS, say; `plain` is a second listener without."""
        self.host = "127.0.0.1"
        self.port = free_port()
        self.accounts = Accounts(NOBODY, NOBODY, NOBODY)
        self.plain = Listener(self.host, free_port(), self.accounts) if has_plain else None
        self._folder = folder
        self._lines = lines
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True, exist_ok=True)

    def start(self) -> None:
        """Start and return once it accepts connections."""
        file = self._folder / "mosquitto.conf"
        file.write_text("\n".join(self._configuration()))
        program = _program()
        assert program, MISSING
        with (self._folder / "mosquitto.log").open("ab") as log:
            self._process = subprocess.Popen([program, "-c", str(file)], stdout=log, stderr=log)
        until_s = monotonic_s() + START_WAIT_S
        while not _answers(self.host, self.port):
            assert self._process.poll() is None, (self._folder / "mosquitto.log").read_text()
            assert monotonic_s() < until_s

    def stop(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.terminate()
            process.wait(30)

    def kill(self) -> None:
        """Kill -9; what it had not written is gone."""
        process, self._process = self._process, None
        assert process is not None
        process.kill()
        process.wait(30)

    def _configuration(self) -> list[str]:
        return [
            "per_listener_settings false",
            "allow_anonymous true",
            "set_tcp_nodelay true",
            "persistence true",
            f"persistence_location {self._folder}/",
            "max_inflight_messages 0",
            "max_queued_messages 0",
            "user root",
            *([f"listener {self.plain.port} {self.plain.host}"] if self.plain else []),
            f"listener {self.port} {self.host}",
            *self._lines,
        ]


def _program() -> str | None:
    return shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")


def _answers(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return False
    return True
