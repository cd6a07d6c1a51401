"""A process that reads parked messages again, over and over, until it is killed."""

import sys
from pathlib import Path

from device_intake import Intake


def main() -> None:
    intake = Intake(Path(sys.argv[1]))
    print("began", flush=True)
    while True:
        waiting = [one.id for one in intake.parked.waiting(10_000)]
        intake.desk.ask_retry(waiting, "account:zhang")
        intake.keeper.round()
        if not waiting:
            print("done", flush=True)
            sys.stdin.read()


main()
