"""The looks that the service takes at itself: gaps of the rota; each a task of its own, all shown by health."""

from concurrent.futures import Executor

from app.desk_service import DeskService
from app.rota_watch import LOOK_EVERY_MS, RotaWatch
from app.rounds import Rounds
from core.clock import Clock
from store.truth.database import Truth


class Watches:
    """Built once; `rounds` are to be run, the rest is read by health."""

    def __init__(self, truth: Truth, desk: DeskService, *, clock: Clock, executor: Executor) -> None:
        self.rota = RotaWatch(truth, desk)
        self.rounds = [Rounds("rota", self.rota.look, every_ms=LOOK_EVERY_MS, clock=clock, executor=executor)]

    def notices(self) -> list[str]:
        """Return what somebody must mend while the work goes on."""
        return self.rota.notices()

    def faults(self) -> int:
        """Return how many looks have failed since the start."""
        return sum(one.faults for one in self.rounds)
