"""What a home still says once nothing in it is caused by a person: its own deadlines, and what its meters show."""

from collections.abc import Iterator

from core.events import Reading
from rules.findings import Finding
from rules.home import HomeRules


def told_after(rules: HomeRules, readings: Iterator[Reading], until_ms: int) -> Iterator[Finding]:
    """Yield what the home tells up to a moment, while some readings in order of time come in."""
    reading = next(readings, None)
    while True:
        deadline = rules.next_deadline()
        due_ms = until_ms + 1 if deadline is None else deadline.due_ms
        if reading is not None and reading.observed_at_ms <= min(due_ms, until_ms):
            yield from rules.apply(reading, reading.observed_at_ms)
            reading = next(readings, None)
        elif deadline is not None and due_ms <= until_ms:
            yield from rules.fire(deadline)
        else:
            return
