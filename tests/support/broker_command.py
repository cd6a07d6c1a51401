"""`shouwang broker` as an operator starts it, in a process of its own, which a test may signal."""

import queue
import signal
import subprocess
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from command_line import SHOUWANG, WAIT_S, environment


class BrokerCommand:
    """The command on one data directory; what it says comes line by line, "" at its end."""

    def __init__(self, data_dir: Path, **more: str) -> None:
        self._process = subprocess.Popen(
            [*SHOUWANG, "broker", "--data-dir", str(data_dir)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=environment(**({"SHOUWANG_MQTT_PORT": "0"} | more)),
        )
        self._lines: queue.Queue[str] = queue.Queue()
        self.said: list[str] = []
        threading.Thread(target=self._pump, daemon=True).start()
        self.port = int(self.says("MQTT").split(" port ")[1].partition(";")[0])

    @property
    def pid(self) -> int:
        return self._process.pid

    def says(self, word: str) -> str:
        """Wait for a line with a word in it, and return it."""
        while word not in (line := self._lines.get(timeout=WAIT_S)):
            assert line, "".join(self.said)
        return line

    def kill(self) -> None:
        """Kill -9: its broker stays behind."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def hold(self) -> None:
        """Stop it without ending it, as a terminal's Ctrl-Z does."""
        self._process.send_signal(signal.SIGSTOP)

    def ended(self) -> int:
        """Wait for its end and return its exit code."""
        return self._process.wait(WAIT_S)

    def end(self) -> None:
        """End it and its broker, whatever happened."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGCONT)
            self._process.terminate()
            self.ended()

    def _pump(self) -> None:
        with self._process.stdout:
            for line in self._process.stdout:
                self.said.append(line)
                self._lines.put(line)
        self._lines.put("")


@contextmanager
def broker_command(data_dir: Path, **more: str) -> Generator[BrokerCommand]:
    """Give the command once its broker listens; end it in the end."""
    command = BrokerCommand(data_dir, **more)
    try:
        yield command
    finally:
        command.end()
