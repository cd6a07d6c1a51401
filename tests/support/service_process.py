"""A real service in a process of its own, that a test may kill -9 and start again on the same data."""

import os
import queue
import signal
import subprocess
import sys
import threading
from pathlib import Path

from free_port import free_port

START_WAIT_S = 60


class ServiceProcess:
    """`shouwang serve --clock driven` on one data directory and one port."""

    def __init__(self, data_dir: Path, *, clock: str = "driven") -> None:
        self.data_dir = data_dir
        self.starts = 0
        self.lines: queue.Queue[str] = queue.Queue()  # what it says after the console's address; "" at its end
        self._clock = clock
        self._log = data_dir.parent / "service.log"
        self.http_port, self.mqtt_port = free_port(), free_port()
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        command = [sys.executable, "-c", "from app.cli import main; main()", "serve", "--clock", self._clock]
        command += ["--data-dir", str(self.data_dir), "--http-port", str(self.http_port)]
        command += ["--mqtt-port", str(self.mqtt_port)]
        with self._log.open("a") as log:
            self._process = subprocess.Popen(
                command,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env=os.environ | {"SHOUWANG_ACK_WAIT_S": "1", "PYTHONUNBUFFERED": "1"},
            )
        self.starts += 1
        lines = self.lines = queue.Queue()
        threading.Thread(target=_pump, args=(self._process, lines), daemon=True).start()
        while "console" not in (line := lines.get(timeout=START_WAIT_S)):
            if not line:
                raise AssertionError(self._log.read_text()[-3000:])

    def kill(self) -> None:
        """kill -9: nothing is flushed, closed or said goodbye to."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def stop(self) -> int:
        """SIGTERM, as an operator's system does; returns the exit code."""
        self._process.terminate()
        return self._process.wait(timeout=30)

    def end(self) -> None:
        """End it and its broker whatever happened; one that has ended stays so, one that hangs is killed."""
        if self._process is not None and self._process.poll() is None:
            try:
                self.stop()
            except subprocess.TimeoutExpired:
                self.kill()


def _pump(process: subprocess.Popen[str], lines: queue.Queue[str]) -> None:
    with process.stdout:
        for line in process.stdout:
            lines.put(line)
    lines.put("")
