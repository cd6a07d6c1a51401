"""The auditor's beat: every half minute, whatever else the desk is busy with; what it pushes on is counted."""

from concurrent.futures import Executor

from app.desk_service import DeskService
from app.rounds import Rounds
from core.clock import Clock

AUDIT_EVERY_MS = 30_000
"""Design (alerting): an alert that waits for nobody is found within half a minute."""


class Auditor:
    """Looks on a thread that the desk's work does not fill; `rounds` is to be run."""

    def __init__(self, desk: DeskService, clock: Clock, executor: Executor) -> None:
        self._desk = desk
        self.pushed_on = 0
        self.rounds = Rounds("auditor", self.look, every_ms=AUDIT_EVERY_MS, clock=clock, executor=executor)

    def look(self, now_ms: int) -> None:
        """Push on every alert that waits for nobody; blocking."""
        self.pushed_on += self._desk.audit(now_ms)
