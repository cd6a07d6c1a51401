"""In which windows of events somebody left and in which they came, told by the windows alone; reads no annotation."""

from collections.abc import Sequence
from itertools import pairwise

from core.localtime import HOUR_MS, MINUTE_MS

Window = tuple[int, dict[str, int]]
"""(its start in UTC ms, events a room)."""

QUIET_MS = 15 * MINUTE_MS
"""A window ends five minutes after it starts; so long after its start, ten minutes were quiet."""

HALF_HOUR_MS = 30 * MINUTE_MS
STRAY_EVENTS = 6
STRAY_PER_HOUR = 0.5
"""Events of blips, on and off counted, in half an hour and beyond that over all (app/evaluation/presence.py)."""


def outings_of(windows: Sequence[Window], doors: frozenset[str]) -> tuple[set[int], set[int]]:
    """Return the places of windows in which somebody left, and in which they came; windows in order of time.

    Somebody left in one window with a door and came in the next one when it was quiet after the first and before the
    second, but for stray events between them.
    """
    used = [index for index, (_, counts) in enumerate(windows) if any(counts[room] for room in doors)]
    leaves: set[int] = set()
    comes: set[int] = set()
    for left, back in pairwise(used):
        between = windows[left + 1 : back]
        after_ms, before_ms = windows[left + 1][0], windows[back - 1][0]
        is_quiet = after_ms - windows[left][0] >= QUIET_MS and windows[back][0] - before_ms >= QUIET_MS
        most = STRAY_EVENTS + STRAY_PER_HOUR * (windows[back][0] - windows[left][0]) / HOUR_MS
        if is_quiet and sum(sum(counts.values()) for _, counts in between) <= most and _are_stray(between):
            leaves.add(left)
            comes.add(back)
    return leaves, comes


def _are_stray(windows: Sequence[Window]) -> bool:
    events, first = 0, 0
    for start_ms, counts in windows:
        events += sum(counts.values())
        while start_ms - windows[first][0] > HALF_HOUR_MS:
            events -= sum(windows[first][1].values())
            first += 1
        if events > STRAY_EVENTS:
            return False
    return True
