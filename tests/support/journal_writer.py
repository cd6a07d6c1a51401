"""A process that appends to a journal and prints each seq it was promised, until it is killed."""

import sys
from pathlib import Path

from core.events import Metric, Reading
from core.ids import DeviceId, HomeId
from store.journal import Journal


def main() -> None:
    journal = Journal(Path(sys.argv[1]))
    number = 0
    while True:
        number += 1
        reading = Reading(HomeId("h1"), DeviceId("h1/pir"), Metric.MOTION, True, number, number, number)
        print(journal.append([reading], log_time_ms=number), flush=True)


main()
