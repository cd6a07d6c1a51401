"""A real Mosquitto over a folder of the test's own, with the files that the service writes for it."""

import shutil
import signal
import socket
import subprocess
import threading
from pathlib import Path

import pytest
from free_port import free_port

from core.clock import monotonic_s

PROGRAM = shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
needs_mosquitto = pytest.mark.skipif(
    PROGRAM is None, reason="no Mosquitto on this machine: apt-get install mosquitto (its service need not run)"
)
START_S = 10


class MosquittoBroker:
    """One process on a free port of this machine; `folder` holds what the service wrote."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        own = folder / "mosquitto.conf"
        included = (folder / "shouwang.conf").read_text()
        user = "user root\n" if Path("/root").owner() == "root" else ""
        own.write_text(f"listener {self.port} 127.0.0.1\nlog_dest file {folder / 'log'}\n{user}{included}")
        self._process = subprocess.Popen([str(PROGRAM), "-c", str(own)])
        pause, until_s = threading.Event(), monotonic_s() + START_S
        while monotonic_s() < until_s:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                assert self._process.poll() is None, (folder / "log").read_text()
                pause.wait(0.02)
            else:
                return
        raise AssertionError("Mosquitto does not listen")

    def read_again(self) -> None:
        """Let it take up changed files, as `systemctl reload mosquitto` does."""
        self._process.send_signal(signal.SIGHUP)

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(START_S)
