"""The snapshot that a restart goes on from: what the rules remember, with the journal entry up to which it holds."""

import logging

from app.desk_service import RULES_CURSOR
from core.clock import monotonic_s
from rules.engine import Engine
from store.truth.database import Truth

SNAPSHOT = "rules_snapshot"
SNAPSHOT_AFTER_ENTRIES = 2_000
"""A restart replays at most this many entries: well under a second of rules."""

SNAPSHOT_AFTER_S = 30.0

_log = logging.getLogger(__name__)


class RulesSnapshot:
    """Read and written on the thread that owns the engine; blocking."""

    def __init__(self, truth: Truth, engine: Engine) -> None:
        self._truth = truth
        self._engine = engine
        self._at_s = monotonic_s()
        self.seq = 0  # of the entry up to which the kept one holds

    @property
    def is_old(self) -> bool:
        """Return whether the last one was written long ago."""
        return monotonic_s() - self._at_s >= SNAPSHOT_AFTER_S

    def is_due(self, seq: int) -> bool:
        """Return whether one should be written after entry `seq`."""
        return seq - self.seq >= SNAPSHOT_AFTER_ENTRIES or (self.is_old and seq > self.seq)

    def restore(self, last_seq: int) -> int:
        """Let the rules take it up; return the entry to go on after: 0 where there is none or the rules refuse it."""
        with self._truth.view() as unit:
            data, seq = unit.cursors.blob(SNAPSHOT), unit.cursors.seq(SNAPSHOT)
        if data is not None and seq <= last_seq and self._engine.restore(data):
            self.seq = seq
        elif data is not None:
            _log.error("the rules' snapshot at entry %d is refused: the whole journal is replayed instead", seq)
        _log.info("rules go on after journal entry %d", self.seq)
        return self.seq

    def write(self, seq: int) -> None:
        """Keep what the rules remember after entry `seq`, of which every finding is kept."""
        with self._truth.transaction() as unit:
            unit.cursors.set_blob(SNAPSHOT, self._engine.snapshot())
            unit.cursors.set_seq(SNAPSHOT, seq)
            unit.cursors.set_seq(RULES_CURSOR, max(seq, unit.cursors.seq(RULES_CURSOR)))
        self.seq, self._at_s = seq, monotonic_s()
