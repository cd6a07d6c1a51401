"""Puts an incapacity into a recorded life: from a moment on nothing that a person causes happens; who is told when."""

import random
from collections.abc import Sequence
from enum import StrEnum

import msgspec

from app.evaluation.recordings import Recording
from app.evaluation.running import Trace, run
from app.evaluation.standing import told_after
from core.localtime import HOUR_MS
from registry.homes import Home
from rules.findings import FindingKind
from rules.home import HomeRules
from rules.parameters import RuleParameters
from rules.state import HomeState

LOOK_AHEAD_MS = 72 * HOUR_MS
"""An onset that nobody noticed for three days is a delay of three days, and a miss at 24 hours."""

AFTER_SIGN_MS = 1_000
"""A fall that follows activity begins a second after the sign."""

PERSON_KINDS = frozenset({"inactivity", "low_water", "no_return", "bathroom_silence", "came_in_silent"})
"""Findings that send somebody to look for the person."""


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
    by: str  # the kind of finding that noticed it

    @property
    def delay_h(self) -> float:
        """Return hours from onset to the first person alert."""
        return (LOOK_AHEAD_MS if self.first_ms is None else self.first_ms - self.at_ms) / HOUR_MS

    @property
    def second_delay_h(self) -> float:
        """Return hours from onset until others are told."""
        return (LOOK_AHEAD_MS if self.second_ms is None else self.second_ms - self.at_ms) / HOUR_MS


def choose(trace: Trace, from_ms: int, count: int, seed: str) -> list[tuple[int, Law]]:
    """Return moments of onset by each law, in order of time, none before `from_ms`."""
    chance = random.Random(seed)  # noqa: S311  # a seeded sample, no secret
    chosen: list[tuple[int, Law]] = []
    spans = [silence for silence in trace.silences if silence.from_ms >= from_ms]
    unproven = [span for span in trace.absences if span.label == "unproven" and span.from_ms >= from_ms]
    pieces = [(s.from_ms, s.until_ms - s.from_ms) for s in spans] + [
        (u.from_ms, min(u.until_ms - u.from_ms, 24 * HOUR_MS)) for u in unproven
    ]
    if pieces:
        drawn = chance.choices(pieces, weights=[max(length, 1) for _, length in pieces], k=count)
        chosen += [(start + int(chance.random() * length), Law.UNIFORM) for start, length in drawn]
    signs = [silence.from_ms for silence in spans]
    if signs:
        chosen += [(at + AFTER_SIGN_MS, Law.ACTIVITY) for at in chance.choices(signs, k=count)]
    baths = [at for at in trace.bathroom_ms if at >= from_ms]
    if baths:
        chosen += [(at + AFTER_SIGN_MS, Law.BATHROOM) for at in chance.choices(baths, k=count)]
    return sorted(chosen)


def inject(
    recording: Recording, parameters: RuleParameters, moments: Sequence[tuple[int, Law]]
) -> tuple[list[Onset], int, Trace]:
    """Return what became of each onset, how many were left out because an alarm was on, and the untouched run."""
    onsets: list[Onset] = []
    waiting = list(reversed(moments))
    left_out = 0

    def on_step(rules: HomeRules, next_ms: int) -> None:
        nonlocal left_out
        while waiting and waiting[-1][0] < next_ms:
            at_ms, law = waiting.pop()
            onset = _follow(rules, at_ms, law)
            if onset is None:
                left_out += 1
            else:
                onsets.append(onset)

    trace = run(recording, parameters, on_step=on_step)
    return onsets, left_out, trace


def _follow(rules: HomeRules, at_ms: int, law: Law) -> Onset | None:
    """Let the home be silent from `at_ms` on; None when a person alert was on at the onset."""
    if any(held.finding.kind in PERSON_KINDS and not held.is_weakly_cleared for held in rules.state.open.values()):
        return None
    copy = _copied(rules)
    first_ms: int | None = None
    by = ""
    for finding in told_after(copy, rules.home, at_ms + LOOK_AHEAD_MS):
        if finding.is_cleared or finding.kind not in PERSON_KINDS:
            continue
        if finding.at_ms <= at_ms:
            return None
        if first_ms is None:
            first_ms, by = finding.at_ms, str(finding.kind)
        if finding.stage > 1 or finding.kind is not FindingKind.INACTIVITY:
            return Onset(law, at_ms, first_ms, finding.at_ms, by)
    return Onset(law, at_ms, first_ms, None, by)


def _copied(rules: HomeRules) -> HomeRules:
    """Return the same home with a copy of its state, whose devices are heard for ever: no fault."""
    state = msgspec.msgpack.decode(msgspec.msgpack.encode(rules.state), type=HomeState)
    state.stuck.on_since_ms = {}  # a motion sensor falls back by itself: nobody needs to move for that
    home = rules.home
    devices = tuple(msgspec.structs.replace(device, heartbeat_ms=None) for device in home.devices)
    heard: Home = msgspec.structs.replace(home, devices=devices)
    return HomeRules(heard, rules.parameters, state)
