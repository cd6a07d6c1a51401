"""A process that appends until it may write no more, prints each seq it was promised, then why it stopped."""

import resource
import signal
import sys
from pathlib import Path

from core.errors import DurabilityError
from core.events import Metric, Reading
from core.ids import DeviceId, HomeId
from store.journal import Journal


def main() -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # the write fails with EFBIG instead
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
    journal = Journal(Path(sys.argv[1]))
    number = 0
    while True:
        number += 1
        readings = [Reading(HomeId("h1"), DeviceId("h1/pir"), Metric.MOTION, True, n, n, n) for n in range(200)]
        try:
            print(journal.append(readings, log_time_ms=number), flush=True)
        except DurabilityError as error:
            print(type(error).__name__, flush=True)
            break
    for _ in range(3):
        try:
            print(journal.append([], log_time_ms=number, is_tick=True), flush=True)
        except DurabilityError as error:
            print(type(error).__name__, flush=True)


main()
