"""One run of the load of alarms: the service as `shouwang serve` starts it, its provider, and what came of it."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import httpx
import msgspec
from alarm_flow import Flow
from alarm_phones import FROM, SID, TOKEN
from alarm_town import home_behind

from app.files import DataFiles
from core.clock import SystemClock
from core.ids import HomeId
from core.localtime import MINUTE_MS
from store.truth.database import Truth

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
CALLS_PER_S = 50
ACK_WAIT_S = 1
"""The service judges no deadline before a broken-off session has had this, and two seconds more."""

START_S = 300


class Request(NamedTuple):
    """A call or a text that the provider was asked for."""

    at_ms: int
    phone: str
    is_text: bool


class House:
    """A data directory with a service and a provider; they run between `start` and `stop`."""

    def __init__(self, folder: Path) -> None:
        self.files = DataFiles(folder / "data")
        self.clock = SystemClock()
        self._asked = folder / "asked"
        self._asked.touch()
        self._log = (folder / "log").open("wb")
        self._processes: list[subprocess.Popen[bytes]] = []
        self._truth: Truth | None = None

    def start(self) -> None:
        """Start the provider, then the service; returns when its console answers."""
        http, api = _free_port(), _free_port()
        base = f"http://127.0.0.1:{http}"
        self._run([str(HERE / "alarm_phones.py"), str(api), base, str(self._asked)], {})
        settings = {
            "twilio_account_sid": SID,
            "twilio_auth_token": TOKEN,
            "twilio_from_number": FROM,
            "twilio_api_base": f"http://127.0.0.1:{api}",
            "twilio_calls_per_s": str(CALLS_PER_S),
            "public_base_url": base,
            "ack_wait_s": str(ACK_WAIT_S),
            "http_port": str(http),
            "mqtt_port": "0",
            "data_dir": str(self.files.data_dir),
        }
        self._run(["-c", "from app.cli import main; main()", "serve"], settings)
        until_ms = self.clock.now_ms() + START_S * 1000
        while not _answers(base):
            assert self.clock.now_ms() < until_ms, self.log()
        self._truth = self.files.open_truth()

    def flow(self, flow: Flow) -> "subprocess.Popen[bytes]":
        """Start to send what flows; its output says what was sent."""
        words = [sys.executable, str(HERE / "alarm_flow.py"), str(self.files.data_dir), msgspec.json.encode(flow)]
        return subprocess.Popen(words, env=_environment({}), stdout=subprocess.PIPE)

    def requests(self) -> list[Request]:
        """Return what the provider was asked for so far, in order."""
        lines = (line.split() for line in self._asked.read_text().splitlines())
        return [Request(int(words[0]), words[1], len(words) > 2) for words in lines]

    def first_requests(self) -> dict[HomeId, int]:
        """Return when the provider was first asked for anybody of each home."""
        found: dict[HomeId, int] = {}
        for one in self.requests():
            home_id = home_behind(one.phone)
            if home_id is not None:
                found.setdefault(home_id, one.at_ms)
        return found

    def processor_s(self) -> float:
        """Return the processor time that the service has used so far, seconds (Linux)."""
        used = Path(f"/proc/{self._processes[-1].pid}/stat").read_text().rpartition(")")[2].split()
        return (int(used[11]) + int(used[12])) / os.sysconf("SC_CLK_TCK")

    @contextmanager
    def truth(self) -> Generator[Truth]:
        """Give the service's database, to look into."""
        assert self._truth is not None
        yield self._truth

    def log(self) -> str:
        """Return the end of what the processes wrote."""
        self._log.flush()
        return Path(self._log.name).read_text(errors="replace")[-3000:]

    def stop(self) -> None:
        """End both; SIGKILL, since nothing is to be kept."""
        if self._truth is not None:
            self._truth.close()
        for process in reversed(self._processes):
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._log.close()

    def _run(self, words: list[str], settings: dict[str, str]) -> None:
        command = [sys.executable, *words]
        environment = _environment({f"SHOUWANG_{name.upper()}": value for name, value in settings.items()})
        self._processes.append(subprocess.Popen(command, env=environment, stdout=self._log, stderr=self._log))


@contextmanager
def house(folder: Path) -> Generator[House]:
    """Give a house that is stopped at the end."""
    folder.mkdir()
    one = House(folder)
    try:
        yield one
    finally:
        one.stop()


def minutes_ago(minutes: float) -> int:
    """Return a moment before now, UTC ms."""
    return SystemClock().now_ms() - int(minutes * MINUTE_MS)


def _environment(more: dict[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SHOUWANG_")}
    return {**kept, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", **more}


def _answers(base: str) -> bool:
    try:
        return httpx.get(f"{base}/healthz", timeout=1, trust_env=False).status_code < 500
    except httpx.TransportError:
        return False


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
