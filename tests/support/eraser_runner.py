"""Erases somebody in a process that an alarm clock kills outright; arguments: folder, person, milliseconds (0: none)."""

import signal
import sys
from pathlib import Path

from privacy_town import SUN
from visits_kit import at

from app.files import DataFiles
from app.privacy.erasure import Eraser
from core.clock import ManualClock
from core.ids import PersonId


def main(folder: Path, person_id: str, after_ms: int) -> None:
    files = DataFiles(folder)
    truth = files.open_truth()
    eraser = Eraser(truth, files, ManualClock(at("2024-02-18T12:00")), "Asia/Shanghai")
    signal.setitimer(signal.ITIMER_REAL, after_ms / 1000)  # nobody handles it: the process ends where it stands
    eraser.carry_out(PersonId(person_id), SUN)
    signal.setitimer(signal.ITIMER_REAL, 0)
    truth.close()
    print("erased", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
