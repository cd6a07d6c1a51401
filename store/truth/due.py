"""What the truth database holds as due, where the machine's clock was set back between two runs of the service."""

from sqlalchemy import Connection, update

from alerts.model import AttemptState, TimerKind
from store.truth import tables


class DueRows:
    """Steps of ladders, deadlines of owners and calls that wait."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def bring_back(self, from_ms: int, by_ms: int) -> int:
        """Let what is due at or after an instant be due that much earlier; return how many steps and calls that are.

        Ends of holds stay: a human set them by a calendar.
        """
        timer, alert, attempt = tables.timer.c, tables.alert.c, tables.attempt.c
        is_step = (timer.due_at_ms >= from_ms) & (timer.kind != TimerKind.HOLD_END.value)
        waits = (attempt.not_before_ms >= from_ms) & (attempt.state == AttemptState.NEW.value)
        moved = [
            update(tables.timer).where(is_step).values(due_at_ms=timer.due_at_ms - by_ms),
            update(tables.attempt).where(waits).values(not_before_ms=attempt.not_before_ms - by_ms),
        ]
        count = sum(self._connection.execute(one).rowcount for one in moved)
        owned = alert.ack_deadline_ms >= from_ms
        self._connection.execute(
            update(tables.alert).where(owned).values(ack_deadline_ms=alert.ack_deadline_ms - by_ms)
        )
        return count
