"""The looks that the service takes at itself: gaps of the rota, readiness of contacts, its figures; each a task."""

from concurrent.futures import Executor

from app import kpi, readiness_watch, rota_watch
from app.desk_service import DeskService
from app.kpi import KpiWatch
from app.readiness_watch import ReadinessWatch
from app.rota_watch import RotaWatch
from app.rounds import Rounds
from core.clock import Clock
from store.truth.database import Truth


class Watches:
    """Built once; `rounds` are to be run, the rest is read by health."""

    def __init__(
        self, truth: Truth, desk: DeskService, *, clock: Clock, zone_name: str, desk_thread: Executor, threads: Executor
    ) -> None:
        self.rota = RotaWatch(truth, desk)
        self.readiness = ReadinessWatch(truth, desk, zone_name)
        self.kpi = KpiWatch(truth, zone_name)
        self.rounds = [
            Rounds("kpi", self.kpi.look, every_ms=kpi.LOOK_EVERY_MS, clock=clock, executor=threads),
            Rounds("rota", self.rota.look, every_ms=rota_watch.LOOK_EVERY_MS, clock=clock, executor=desk_thread),
            Rounds(
                "readiness",
                self.readiness.look,
                every_ms=readiness_watch.LOOK_EVERY_MS,
                clock=clock,
                executor=threads,  # it opens every contact: the desk must not wait for that
            ),
        ]

    def notices(self) -> list[str]:
        """Return what somebody must mend while the work goes on."""
        return [*self.rota.notices(), *self.readiness.notices()]

    def gauges(self) -> dict[str, float]:
        """Return the present as metrics."""
        found = self.readiness.found
        return {
            "shouwang_people_without_contact": len(found.unreachable),
            "shouwang_contacts_to_confirm": found.to_confirm,
            "shouwang_rota_gaps": len(self.rota.notices()),
            **self.kpi.gauges(),
        }

    def faults(self) -> int:
        """Return how many looks have failed since the start."""
        return sum(one.faults for one in self.rounds)
