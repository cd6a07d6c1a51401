"""Changes the key of a data directory in a process that dies by kill -9 at a step; arguments: folder, step (0: none)."""

import os
import signal
import sys
from pathlib import Path

from app.files import DataFiles
from app.key_change import change


def main(folder: Path, deadly: int) -> None:
    seen: list[str] = []

    def told(step: str) -> None:
        seen.append(step)
        if len(seen) == deadly:
            os.kill(os.getpid(), signal.SIGKILL)

    files = DataFiles(folder)
    truth = files.open_truth()
    print(change(truth, files.key, "account:officer", 1_709_000_000_000, told), flush=True)
    truth.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
