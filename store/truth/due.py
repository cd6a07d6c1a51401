"""What the truth database holds as due, where the machine's clock was set back between two runs of the service."""

from sqlalchemy import Connection, update

from alerts.model import TERMINAL_ATTEMPT_STATES, AttemptState, TimerKind
from core.localtime import MINUTE_MS
from store.truth import tables

OVERDUE_MS = 10 * MINUTE_MS
"""What was due for so long and not taken, when the service ended, is due as well: it would wait until that time comes
again. What is due much earlier was set by the new time, by a command while nothing ran."""

_ENDED = sorted(state.value for state in TERMINAL_ATTEMPT_STATES)


class DueRows:
    """Steps of ladders, deadlines of owners, calls that wait and look-ups of those in doubt."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def bring_back(self, last_ms: int, by_ms: int) -> int:
        """Let what was due about `last_ms` or later be due that much earlier; return how many steps and calls that are.

        Ends of holds stay: a human set them by a calendar.
        """
        from_ms = max(last_ms - OVERDUE_MS, last_ms - by_ms + 1)
        timer, alert, attempt = tables.timer.c, tables.alert.c, tables.attempt.c
        is_step = (timer.due_at_ms >= from_ms) & (timer.kind != TimerKind.HOLD_END.value)
        waits = (attempt.not_before_ms >= from_ms) & (attempt.state == AttemptState.NEW.value)
        is_live = attempt.state.not_in(_ENDED)
        is_asked = (attempt.look_up_at_ms >= from_ms) & is_live
        moved = [
            update(tables.timer).where(is_step).values(due_at_ms=timer.due_at_ms - by_ms),
            update(tables.attempt).where(waits).values(not_before_ms=attempt.not_before_ms - by_ms),
            update(tables.attempt).where(is_asked).values(look_up_at_ms=attempt.look_up_at_ms - by_ms),
        ]
        count = sum(self._connection.execute(one).rowcount for one in moved)
        owned = alert.ack_deadline_ms >= from_ms
        # since when its channel is tried would be a time to come, and no other one would have it before then
        is_tried = is_live & (attempt.first_claimed_at_ms > last_ms - by_ms)
        for one in (
            update(tables.alert).where(owned).values(ack_deadline_ms=alert.ack_deadline_ms - by_ms),
            update(tables.attempt).where(is_tried).values(first_claimed_at_ms=None),
        ):
            self._connection.execute(one)
        return count
