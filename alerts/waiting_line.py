"""Which waiting attempts are worth a look in a round of the dispatcher: a look costs; does no I/O."""

import msgspec

from alerts.switchboard import Hold
from core.ids import AttemptId

LOOKS_AT_MOST = 64
"""Attempts found waiting in one round; each cost a look into the phone book."""

LOOK_AGAIN_MS = 1_000
"""What is known to wait longer is looked at so often all the same: a provider may be back sooner than was thought."""


class _Waiting(msgspec.Struct, frozen=True):
    hold: Hold
    looked_at_ms: int


class WaitingLine:
    """Remembers for what each attempt waits, so that a text is not kept behind hundreds of calls that wait for a pace.

    A round: `begin`, then for each attempt, gravest first, `skips` and, unless that is true, what came of the look.
    """

    def __init__(self) -> None:
        self._before: dict[AttemptId, _Waiting] = {}
        self._now: dict[AttemptId, _Waiting] = {}
        self._busy: set[str] = set()
        self._looks = 0
        self._now_ms = 0
        self._is_cut = False

    def begin(self, now_ms: int) -> None:
        """Begin a round: what does not come again in it is forgotten."""
        self._before, self._now = self._now, {}
        self._busy = set()
        self._looks, self._now_ms, self._is_cut = 0, now_ms, False

    def skips(self, attempt_id: AttemptId) -> bool:
        """Say whether there is no use in looking at an attempt in this round."""
        known = self._before.get(attempt_id)
        if known is not None and self._still_waits(known):
            self._keep(attempt_id, known)
            return True
        if self._looks < LOOKS_AT_MOST:
            return False
        self._is_cut = True
        if known is not None:
            self._now[attempt_id] = known
        return True

    def waits(self, attempt_id: AttemptId, hold: Hold) -> None:
        """Note that a look has found an attempt waiting."""
        self._looks += 1
        if hold.until_ms is not None or hold.busy_channel:
            self._keep(attempt_id, _Waiting(hold, self._now_ms))

    def has_more(self) -> bool:
        """Say whether another round at once would look at attempts that this one did not come to."""
        return self._is_cut and self._now.keys() != self._before.keys()

    def next_ms(self) -> int | None:
        """Return when the first of them may go; None: when something under way has ended."""
        untils = (waiting.hold.until_ms for waiting in self._now.values())
        return min((until_ms for until_ms in untils if until_ms is not None), default=None)

    def _still_waits(self, known: _Waiting) -> bool:
        is_too_soon = (known.hold.until_ms or 0) > self._now_ms < known.looked_at_ms + LOOK_AGAIN_MS
        return known.hold.busy_channel in self._busy or is_too_soon

    def _keep(self, attempt_id: AttemptId, waiting: _Waiting) -> None:
        self._now[attempt_id] = waiting
        self._busy |= {waiting.hold.busy_channel} - {""}
