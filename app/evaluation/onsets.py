"""Puts an incapacity into a recorded life: from a moment on nothing that a person causes happens; who is told when."""

import random
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from enum import StrEnum

import msgspec

from app.evaluation.automatic import Automatic
from app.evaluation.calls import Desk, is_for_person
from app.evaluation.presence import Presence
from app.evaluation.recordings import Recording, Span
from app.evaluation.running import Trace, run
from app.evaluation.standing import told_after
from core.localtime import HOUR_MS
from registry.homes import DeviceRole, Home
from rules.findings import Finding, FindingKind
from rules.home import HomeRules
from rules.parameters import RuleParameters
from rules.state import HomeState

LOOK_AHEAD_MS = 72 * HOUR_MS
"""An onset that nobody noticed for three days is a delay of three days, and a miss at 24 hours."""

AFTER_SIGN_MS = 1_000
"""A fall that follows activity begins a second after the sign."""

NOBODY = "nobody"


class Law(StrEnum):
    """When an incapacity begins."""

    UNIFORM = "uniform"  # any minute at home alike: stroke, heart
    ACTIVITY = "activity"  # while active: a fall
    BATHROOM = "bathroom"  # after a sign from a bathroom


class Onset(msgspec.Struct, frozen=True):
    """One incapacity: when, and how long until the first and the second stage; None: nobody within LOOK_AHEAD_MS."""

    law: Law
    at_ms: int
    first_ms: int | None
    second_ms: int | None
    by: str  # the kind of finding that noticed it, or NOBODY
    is_believed_away: bool = False  # the engine took the home for empty at the onset

    @property
    def delay_h(self) -> float:
        """Return hours from onset to the first person alert."""
        return (LOOK_AHEAD_MS if self.first_ms is None else self.first_ms - self.at_ms) / HOUR_MS

    @property
    def second_delay_h(self) -> float:
        """Return hours from onset until others are told."""
        return (LOOK_AHEAD_MS if self.second_ms is None else self.second_ms - self.at_ms) / HOUR_MS


class Injected(msgspec.Struct):
    """What became of all moments of a recording, and its untouched run."""

    onsets: list[Onset]
    left_out: Counter[str]  # law -> moments at which an alarm for this very silence was on already
    trace: Trace


def choose(
    presence: Presence, trace: Trace, from_ms: int, count: int, seed: str, *, unseen: Sequence[Span] = ()
) -> list[tuple[int, Law]]:
    """Return moments of onset by each law, in order of time, none before `from_ms`; all of them truly at home.

    Whether the engine believed somebody at home plays no part; only where it was blind or told to look away is no
    moment chosen, and in `unseen` stretches.
    """
    chance = random.Random(seed)  # noqa: S311  # a seeded sample, no secret
    pieces = presence.home_between(from_ms, trace.ended_ms, [*trace.blind, *trace.unwatched, *unseen])
    chosen: list[tuple[int, Law]] = []
    if pieces:
        drawn = chance.choices(pieces, weights=[until_ms - begun_ms for begun_ms, until_ms in pieces], k=count)
        chosen += [(begun + int(chance.random() * (until - begun)), Law.UNIFORM) for begun, until in drawn]
    for law, signs in ((Law.ACTIVITY, presence.signs_ms), (Law.BATHROOM, presence.bathroom_ms)):
        fair = [at_ms for at_ms in signs if _is_within(pieces, at_ms + AFTER_SIGN_MS)]
        if fair:
            chosen += [(at_ms + AFTER_SIGN_MS, law) for at_ms in chance.choices(fair, k=count)]
    return sorted(chosen)


def seen_by(recording: Recording, parameters: RuleParameters) -> Trace:
    """Return a trace that says when a recording could be seen, for `choose`.

    Where no heartbeat is promised and nothing is suspended the engine is never blind, and need not be run to know it.
    """
    home = recording.home
    may_be_blind = any(device.heartbeat_ms or device.role is DeviceRole.GATEWAY for device in home.devices)
    if may_be_blind or home.suspensions or home.test_until_ms is not None or recording.grown:
        return run(recording, parameters)
    return Trace(started_ms=recording.readings[0].received_at_ms, ended_ms=recording.ends_ms)


def inject(recording: Recording, parameters: RuleParameters, moments: Sequence[tuple[int, Law]]) -> Injected:
    """Return what became of each onset at moments in order of time."""
    onsets: list[Onset] = []
    left_out: Counter[str] = Counter()
    waiting = list(reversed(moments))
    automatic = Automatic(recording)

    def on_step(rules: HomeRules, next_ms: int) -> None:
        while waiting and waiting[-1][0] < next_ms:
            at_ms, law = waiting.pop()
            onset = _follow(rules, automatic, at_ms, law)
            if onset is None:
                left_out[law] += 1
            else:
                onsets.append(onset)

    trace = run(recording, parameters, on_step=on_step)
    return Injected(onsets, left_out, trace)


def _follow(rules: HomeRules, automatic: Automatic, at_ms: int, law: Law) -> Onset | None:
    """Let nobody do anything from `at_ms` on; None when an alarm for this very silence was on at the onset.

    A finding that takes the home for empty (no return) is no such alarm: whoever is told that somebody is out looks
    elsewhere. What is told after the onset counts as the desk counts it: a call withdrawn before others were told
    has noticed nothing, and others are told when the ladder gets there, nobody answering.
    """
    if any(_is_alarm(held.finding) and not held.is_weakly_cleared for held in rules.state.open.values()):
        return None
    copy = _copied(rules)
    desk = Desk()
    believed_away = _is_taken_for_empty(copy, at_ms)
    for finding in told_after(copy, automatic.after(at_ms, at_ms + LOOK_AHEAD_MS), at_ms + LOOK_AHEAD_MS):
        if finding.at_ms <= at_ms:
            if _is_alarm(finding):
                return None
            continue
        call = desk.open_call
        if call is not None and finding.at_ms > call.others_ms:
            break
        desk.take(finding)
    call = desk.open_call
    if call is None:
        return Onset(law, at_ms, None, None, NOBODY, believed_away)
    second_ms = call.others_ms if call.others_ms <= at_ms + LOOK_AHEAD_MS else None
    return Onset(law, at_ms, call.at_ms, second_ms, str(call.kind), believed_away)


def _is_taken_for_empty(rules: HomeRules, at_ms: int) -> bool:
    exit_ms = rules.state.exit_ms
    return rules.state.is_away or (exit_ms is not None and exit_ms + rules.parameters.exit_quiet_ms <= at_ms)


def _is_alarm(finding: Finding) -> bool:
    return is_for_person(finding) and finding.kind not in _BELIEVES_AWAY and not finding.is_cleared


_BELIEVES_AWAY = frozenset({FindingKind.NO_RETURN, FindingKind.NIGHT_OUT})


def _is_within(pieces: Sequence[tuple[int, int]], at_ms: int) -> bool:
    index = bisect_right(pieces, at_ms, key=lambda piece: piece[0]) - 1
    return index >= 0 and at_ms < pieces[index][1]


def _copied(rules: HomeRules) -> HomeRules:
    """Return the same home with a copy of its state, whose devices are heard for ever: no fault."""
    state = msgspec.msgpack.decode(msgspec.msgpack.encode(rules.state), type=HomeState)
    state.stuck.on_since_ms = {}  # a motion sensor falls back by itself: nobody needs to move for that
    home = rules.home
    devices = tuple(msgspec.structs.replace(device, heartbeat_ms=None) for device in home.devices)
    heard: Home = msgspec.structs.replace(home, devices=devices)
    return HomeRules(heard, rules.parameters, state)
