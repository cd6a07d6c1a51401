"""A real broker under its watch, whose time is moved by hand."""

import os
import signal

from ingest_kit import WAIT_S

from app.broker import EmbeddedBroker
from app.broker_users import PID_FILE
from app.broker_watch import BrokerWatch

NOW_MS = 1_790_000_000_000


class WatchedBroker:
    """A real broker and its watch, whose seconds are moved by hand."""

    def __init__(self, broker: EmbeddedBroker) -> None:
        self.broker = broker
        self.now_s = 1_000.0
        self.heard = lambda: 0
        self.watch = BrokerWatch(broker, lambda: self.now_s, lambda: self.heard())  # noqa: PLW0108  # a test puts another there

    def kill(self):
        """Kill -9, as the kernel does when memory runs out."""
        os.kill(int((self.broker.log_file.parent / PID_FILE).read_text()), signal.SIGKILL)
        self.broker._process.wait(WAIT_S)

    def look(self, after_s=0.0):
        self.now_s += after_s
        self.watch.look(NOW_MS)

    def until_it_runs(self):
        """Look each second until it runs again; return for how many seconds it was put off."""
        from_s = self.now_s
        self.look()
        while not self.broker.is_alive():
            self.look(after_s=1)
        return self.now_s - from_s
