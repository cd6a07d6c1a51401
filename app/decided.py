"""Writing down what the desk decides, and what that leaves to do once it is committed."""

from dataclasses import dataclass, field

from alerts.lifecycle import ENDED
from alerts.model import AlertState, Attempt, AttemptState, Change, TraceLine
from app.crediting import credit
from app.incidents import release
from rules.findings import FindingKind
from store.truth.database import Unit
from visits.policy import CountingPolicy

_TO_HANG_UP = frozenset({AttemptState.SUBMITTED, AttemptState.RINGING})


@dataclass
class Decided:
    """What the changes of one transaction ask for after its commit, and not before: a rollback leaves nothing of it."""

    trace: list[TraceLine] = field(default_factory=list[TraceLine])
    hang_up: list[Attempt] = field(default_factory=list[Attempt])  # calls that ring although somebody has their alert
    is_queued: bool = False  # an effect waits for the dispatcher

    def write(self, unit: Unit, change: Change | None, policy: CountingPolicy, now_ms: int) -> None:
        """Write a change into the caller's transaction, with the record of an alert that it closes."""
        if change is None:
            return
        unit.alerts.apply(change)
        alert = change.alert
        self.trace += change.trace
        self.is_queued = self.is_queued or bool(change.effects)
        if alert.state in ENDED or alert.state is AlertState.ACKNOWLEDGED:
            self.hang_up += [one for one in unit.outbox.of_alert(alert.id) if one.state in _TO_HANG_UP]
        if alert.state in ENDED and FindingKind.INFRASTRUCTURE in alert.kinds:
            release(unit, alert, now_ms)
        if alert.state is AlertState.CLOSED and unit.visits.of_alert(alert.id) is None:
            logged = credit(unit, alert, policy, now_ms)
            for line in logged:
                unit.alerts.add_trace(line)
            self.trace += logged
