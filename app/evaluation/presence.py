"""Who was home, told afterwards from the whole recording: doors and what moved between them; asks no engine."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import pairwise

import msgspec

from app.evaluation.automatic import Automatic
from app.evaluation.recordings import Recording, Span
from core.events import Reading, Value
from core.localtime import HOUR_MS, MINUTE_MS
from registry.homes import DeviceRole
from rules.grading import SIGNS_OF_LIFE, grade_of
from rules.rooms import MOTION_ROLES
from rules.seeing import SIGNLESS

_ENTRANCES = frozenset({DeviceRole.OUTSIDE_DOOR, DeviceRole.OUTSIDE_DOOR_MOTION})
_METERS = frozenset({DeviceRole.WATER_METER, DeviceRole.POWER_METER})
_ROOM_MOTION = MOTION_ROLES - _ENTRANCES

VISIT_MS = 2 * MINUTE_MS
"""Edges of the door so near to each other are one use of it."""

SHORTEST_OUT_MS = 10 * MINUTE_MS
"""Whoever is back sooner was at the bins."""

HALF_HOUR_MS = 30 * MINUTE_MS
STRAY_EVENTS = 3
"""No more in any half hour: a blip and its echoes. Real absences of 83 and 158 h stay below, people at home do not."""

STRAY_PER_HOUR = 0.25
"""And no more over the whole stretch, beyond those first ones: those absences had one in five or six hours."""

WALK_MS = 10 * MINUTE_MS
"""Whoever opens the door from inside has just been seen on the way to it."""

JOURNEY_MS = 36 * HOUR_MS
"""A longer silence that no door encloses is most probably a journey (spec A7): nobody knows."""


class Presence(msgspec.Struct, frozen=True, kw_only=True):
    """The truth of the protocol about one recording; whatever is neither out nor unknown was spent at home."""

    signs_ms: list[int]  # of a person at home, in order
    bathroom_ms: list[int]  # those from a bathroom
    out: list[Span]  # nobody was home
    unknown: list[Span]  # perhaps nobody was

    def is_home(self, at_ms: int) -> bool:
        """Return whether somebody was home at a moment."""
        return not any(span.from_ms <= at_ms < span.until_ms for span in (*self.out, *self.unknown))

    def home_between(self, from_ms: int, until_ms: int, unseen: Sequence[Span] = ()) -> list[tuple[int, int]]:
        """Return stretches at home as (from, until) within two moments, without `unseen` ones."""
        gone = sorted((span.from_ms, span.until_ms) for span in (*self.out, *self.unknown, *unseen))
        found: list[tuple[int, int]] = []
        at_ms = from_ms
        for begun_ms, ended_ms in gone:
            if at_ms < min(begun_ms, until_ms):
                found.append((at_ms, min(begun_ms, until_ms)))
            at_ms = max(at_ms, ended_ms)
        if at_ms < until_ms:
            found.append((at_ms, until_ms))
        return found


def presence_of(recording: Recording) -> Presence:
    """Return who was home when: one pass over the recording, with hindsight."""
    roles = {device.id: device.role for device in recording.home.devices}
    has_motion = not _ROOM_MOTION.isdisjoint(roles.values())
    sees_inside = not set(roles.values()) <= _ENTRANCES | SIGNLESS
    automatic = Automatic(recording)
    doors_ms, inside_ms, bathroom_ms, hands_ms = list[int](), list[int](), list[int](), list[int]()
    previous: dict[str, Value] = {}
    for reading in sorted(recording.readings, key=_observed):
        role = roles.get(reading.device_id)
        key = f"{reading.device_id} {reading.metric}"
        before, previous[key] = previous.get(key), reading.value
        if role is None or grade_of(reading, role, before) not in SIGNS_OF_LIFE:
            continue
        at_ms = reading.observed_at_ms
        if role in _ENTRANCES:
            doors_ms.append(at_ms)
        elif role not in _METERS:
            inside_ms.append(at_ms)
        elif automatic.is_by_hand(reading, before):
            hands_ms.append(at_ms)
        if role is DeviceRole.BATHROOM_MOTION:
            bathroom_ms.append(at_ms)
    proofs_ms = inside_ms if has_motion else sorted([*inside_ms, *hands_ms])
    out, left = _absences(doors_ms, proofs_ms, recording) if sees_inside else (list[Span](), None)
    out += [span for span in recording.spans if span.label == "away"]
    out.sort(key=_began)
    signs_ms = sorted([*doors_ms, *inside_ms, *hands_ms])
    silent = [span for span in recording.spans if span.label == "silent"]
    journeys = _journeys(signs_ms, out) if not left else [*_journeys(signs_ms, out), left]
    return Presence(
        signs_ms=_outside_of(signs_ms, out),
        bathroom_ms=_outside_of(bathroom_ms, out),
        out=out,
        unknown=sorted([*silent, *journeys], key=_began),
    )


def _absences(doors_ms: list[int], inside_ms: list[int], recording: Recording) -> tuple[list[Span], Span | None]:
    """Return the stretches between two uses of the door in which nobody was inside; and one that never ended."""
    visits: list[list[int]] = []
    for at_ms in doors_ms:
        if visits and at_ms - visits[-1][1] <= VISIT_MS:
            visits[-1][1] = at_ms
        else:
            visits.append([at_ms, at_ms])
    out: list[Span] = []
    for (_, left_ms), (back_ms, _) in pairwise(visits):
        if back_ms - left_ms >= SHORTEST_OUT_MS and _is_empty(inside_ms, left_ms, back_ms, recording.order_ms):
            out.append(Span(left_ms, back_ms, "door"))
    left = None
    if visits and _is_empty(inside_ms, visits[-1][1], recording.ends_ms + WALK_MS, recording.order_ms):
        left = Span(visits[-1][1], recording.ends_ms + 1, "never back")
    return out, left


def _is_empty(inside_ms: list[int], left_ms: int, back_ms: int, order_ms: int) -> bool:
    """Return whether nothing but stray events came from inside; those so near the door may have come before it."""
    index, end = bisect_right(inside_ms, left_ms + order_ms), bisect_left(inside_ms, back_ms - order_ms)
    between = inside_ms[index:end]
    if len(between) > STRAY_EVENTS + STRAY_PER_HOUR * (back_ms - left_ms) / HOUR_MS:
        return False
    if any(later - at_ms <= HALF_HOUR_MS for at_ms, later in zip(between, between[STRAY_EVENTS:], strict=False)):
        return False
    return not between or back_ms - left_ms > JOURNEY_MS or back_ms - order_ms - between[-1] > WALK_MS


def _journeys(signs_ms: list[int], out: list[Span]) -> list[Span]:
    found: list[Span] = []
    for from_ms, until_ms in pairwise(signs_ms):
        if until_ms - from_ms > JOURNEY_MS and not any(s.from_ms < until_ms and from_ms < s.until_ms for s in out):
            found.append(Span(from_ms, until_ms, "journey?"))
    return found


def _outside_of(times_ms: list[int], spans: list[Span]) -> list[int]:
    """Return the times that lie in none of some spans, which are in order."""
    starts = [span.from_ms for span in spans]
    kept: list[int] = []
    for at_ms in times_ms:
        index = bisect_right(starts, at_ms) - 1
        if not (index >= 0 and spans[index].from_ms < at_ms < spans[index].until_ms):
            kept.append(at_ms)
    return kept


def _observed(reading: Reading) -> int:
    return reading.observed_at_ms


def _began(span: Span) -> int:
    return span.from_ms
