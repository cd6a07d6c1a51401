"""Whether the embedded broker takes messages, asked in turn; it decides when a restart is due and restarts nothing."""

import logging
from collections.abc import Callable

from app.broker import EmbeddedBroker
from app.broker_probe import probe
from app.folder_room import no_room
from app.running import here

PROBE_EVERY_S = 15.0
"""With the waits for an answer it is found within 40 s, before the service is deaf; six syncs of the disk each time."""

AFTER_A_MISS_S = 5.0
"""The next may be the one that is needed for a restart."""

MISSES = 2
"""One is a moment of a starved machine; a restart for it would cut off every device."""

_log = logging.getLogger(__name__)


class Pulse:
    """Used by one thread at a time; what it found is read by any."""

    def __init__(self, broker: EmbeddedBroker, seconds: Callable[[], float], heard: Callable[[], int]) -> None:
        """`heard`: how many messages that it had kept the broker has given out so far, each counted once."""
        self._broker = broker
        self._seconds = seconds
        self._heard = heard
        self._due_s = seconds()
        self._misses = 0
        self.why = ""  # it took no message; empty while it does
        self.no_room: str = ""  # why the disk takes nothing, when that is why
        self.is_lost = False  # from the second miss until a message is taken

    def at_once(self) -> None:
        """Begin anew with one that has just been started; what was found holds until a message is taken."""
        self._due_s, self._misses = self._seconds(), 0

    def is_restart_due(self) -> bool:
        """Ask when it is time, which may block for ten seconds; return whether it is lost and a restart may mend it.

        On a disk without room it may not: one that starts there takes nothing either, and has no log to say so. Nor
        where kept messages came out of it meanwhile: it is behind, and a restart would throw away what waits in it.
        """
        if self._seconds() < self._due_s:
            return False
        broker, heard = self._broker, self._heard()
        try:
            self.why = probe(here(broker.host), broker.port, broker.accounts.ingest, lambda: not broker.is_let_go)
        except OSError as error:  # this process lacks what it needs to ask, and would lack it for a restart too
            _log.error("whether the embedded broker takes messages cannot be asked: %s", error)
            self._due_s = self._seconds() + PROBE_EVERY_S
            return False
        if not self.why:
            self._is_taken()
            return False
        self._due_s = self._seconds() + AFTER_A_MISS_S
        if broker.is_let_go:
            return False
        if self._heard() > heard:
            _log.warning("the embedded broker is slow (%s), and messages come through it", self.why)
            self._misses = 0
            return False
        return self._is_lost()

    def _is_lost(self) -> bool:
        """Note a miss; return whether it is the one too many, and of a kind that a restart may mend."""
        broker = self._broker
        broker.takes = False
        self._misses += 1
        if self._misses < MISSES:
            return False
        full = no_room(broker.log_file.parent)
        if not self.is_lost or full != self.no_room:
            _log.error("the embedded broker lives and takes no message (%s) %s", self.why, full)
        self.is_lost, self.no_room = True, full
        return not full

    def _is_taken(self) -> None:
        if self.is_lost:
            _log.warning("the embedded broker takes messages again")
        self._due_s = self._seconds() + PROBE_EVERY_S
        self._misses, self.no_room, self.is_lost, self._broker.takes = 0, "", False, True
