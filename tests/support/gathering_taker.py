"""A process that takes a list into a register and kills itself, as kill -9 does, before a row or after the whole."""

import os
import signal
import sys
from pathlib import Path

from gathered_lists import row, workbook

from app.gatherer import Gatherer
from core.clock import ManualClock
from registry.gathering import Source
from store.cipher import FieldCipher
from store.truth.database import Truth
from store.truth.gathering import GatheringRows

ROWS = 12
AFTER_THE_PEOPLE = -1
"""People, entries and the chain are written, what is to be verified is not."""

NOW_MS = 1_709_000_000_000


class Killed(Gatherer):
    """Dies at a row."""

    at = 0

    def _take_row(self, unit, judged, taking):
        if judged.row == self.at:
            os.kill(os.getpid(), signal.SIGKILL)
        return super()._take_row(unit, judged, taking)


def main(folder: Path, at: int) -> None:
    truth = Truth(folder / "truth.sqlite", FieldCipher(b"k" * 32))
    gatherer = Killed(truth, ManualClock(NOW_MS), "Asia/Shanghai")
    gatherer.at = at
    if at == AFTER_THE_PEOPLE:
        GatheringRows.open_verifications = lambda _self, _wanted: os.kill(os.getpid(), signal.SIGKILL)
    rows = [row(2 * seq, f"老人{seq}", 村="", 网格="") for seq in range(1, ROWS + 1)]
    gatherer.take(workbook(*rows), Source.GRID, where="list", actor="cli:root")
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
