"""Looks at a journal before it is opened, as a start does, and is killed before the nth time it moves or removes a file.

Arguments: the journal, n (0: never), the furthest entry that a reader has taken. Prints "done" when it came to its end.
"""

import os
import signal
import sys
from pathlib import Path

from store.journal_recovery import recover

path, before, taken_seq = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
moves: list[str] = []


def at_each_move(event: str, arguments: tuple[object, ...]) -> None:
    """Count what happens to the journal's own files."""
    if event in {"os.rename", "os.remove"} and Path(str(arguments[0])).name.startswith(path.name):
        moves.append(event)
        if len(moves) == before:
            os.kill(os.getpid(), signal.SIGKILL)


sys.addaudithook(at_each_move)
recover(path, taken_seq)
print("done", flush=True)
