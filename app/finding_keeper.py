"""Keeps what the rules have found; a finding that cannot be kept is told to the supervisor and keeps no other back."""

import logging

from alerts.service_findings import unkept_finding
from app.desk_service import DeskService
from app.finding_queue import Batch
from core.clock import Clock
from core.errors import DurabilityError
from rules.findings import Finding, FindingKind
from store.truth.database import Truth

_log = logging.getLogger(__name__)


class FindingKeeper:
    """Used by one thread at a time (the desk's). `faults`: findings that could not be kept; `unkept`: what still waits.

    While another program holds the database nothing is at fault and nothing is passed by: the same batch is kept as
    soon as the database is free.
    """

    def __init__(self, truth: Truth, desk: DeskService, clock: Clock) -> None:
        self._truth = truth
        self._desk = desk
        self._clock = clock
        self.faults = 0
        self.unkept: Batch | None = None
        self._untold = 0

    def keep(self, batch: Batch) -> None:
        """Keep findings with the cursor that they reach, together or else each by itself.

        Raises DurabilityError: no finding is at fault then, and whoever went on would lose them all. After a BusyError
        `unkept` is to be kept before anything else; what was kept of it already is passed by.
        """
        self.unkept = batch
        try:
            self._desk.take_findings(batch.findings, kept_seq=batch.kept_seq)
        except DurabilityError:
            raise
        except Exception:  # noqa: BLE001  # one batch ends here; which of its findings is at fault is found by itself
            _log.exception("%d findings could not be kept together", len(batch.findings))
            self._keep_each(batch)
        self.unkept = None

    def problems(self) -> list[str]:
        """Return that findings were lost of which the board tells nothing; until the service is started again."""
        told = f"{self._untold}条发现未能成为报警，也未能通知主管 findings became no alert and nobody was told"
        return [told] if self._untold else []

    def _keep_each(self, batch: Batch) -> None:
        # as they are taken together: a village's incident first
        for finding in sorted(batch.findings, key=lambda one: one.kind is not FindingKind.INFRASTRUCTURE):
            self._keep_alone(finding)
        self._desk.take_findings((), kept_seq=batch.kept_seq)

    def _keep_alone(self, finding: Finding) -> None:
        try:
            self._desk.take_findings((finding,))
        except DurabilityError:
            raise
        except Exception:  # noqa: BLE001  # one finding ends here; all others ring
            self.faults += 1
            _log.exception("the finding %s of the kind %s could not be kept", finding.id, finding.kind)
            self._set_aside(finding)

    def _set_aside(self, finding: Finding) -> None:
        try:
            self._desk.take_findings((unkept_finding(finding, now_ms=self._clock.now_ms()),))
            with self._truth.transaction() as unit:  # as it came; and a replay of the journal passes it by
                unit.alerts.remember_finding(finding, None)
        except DurabilityError:
            raise
        except Exception:  # noqa: BLE001  # nothing can be told of it: the log, the count and the problem are left
            self._untold += 1
            _log.exception("nobody can be told of the finding %s", finding.id)
