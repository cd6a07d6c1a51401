"""How often a home's turn has come at one moment: rules that go round in a circle must not stop all other homes."""

from collections import Counter

from core.ids import HomeId

MOST_AT_ONCE = 500
"""More things than one home can wait for at one moment."""

PUT_OFF_MS = 60_000
"""How long a home in a circle is put off; its readings are taken in meanwhile."""


class Turns:
    """Counts within one judging of the deadlines."""

    def __init__(self) -> None:
        self._turns: Counter[tuple[HomeId, int]] = Counter()

    def is_circle(self, home_id: HomeId, due_ms: int) -> bool:
        """Count one more turn; return whether it is one too many."""
        self._turns[home_id, due_ms] += 1
        return self._turns[home_id, due_ms] > MOST_AT_ONCE
