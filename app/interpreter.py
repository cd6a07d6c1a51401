"""What a service that never ends asks of Python itself: threads that give way soon, and no search of what stays."""

import gc
import sys

SWITCH_S = 0.0005
"""A thread that has read the network or written the disk may wait so long for the rules to let go of the interpreter;
with Python's own 5 ms a group commit waits four times and a reading 20 ms, and each of a decision's thirty statements
waits while readings are decoded beside it: a seventh of a second."""


def settle() -> None:
    """Call it once all that stays has been loaded: the collector of cycles then looks at new things alone.

    It found the modules and the registry anew every few thousand readings, in a third of the time they took.
    """
    sys.setswitchinterval(SWITCH_S)
    gc.collect()
    gc.freeze()


def let_go() -> None:
    """Call it when the service has ended: what was left out is searched again, so that the process's end frees it.

    An extension whose objects are still there at the end says so at length (DuckDB's bindings: "leaked instances").
    """
    gc.unfreeze()
