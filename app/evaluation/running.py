"""Runs the product's engine over a recording; keeps what it said, and what it took for life, absence and blindness."""

from bisect import bisect_right
from collections.abc import Callable, Iterable
from itertools import groupby
from operator import attrgetter

import msgspec

from app.evaluation.recordings import Recording, Span
from core.events import Reading
from rules.engine import Engine
from rules.findings import Finding
from rules.home import HomeRules
from rules.parameters import RuleParameters
from rules.state import HomeState


class Silence(msgspec.Struct, frozen=True):
    """From one sign of life taken at home to the next, or to an exit, or to blindness."""

    from_ms: int
    until_ms: int
    device_id: str = ""  # what gave the sign that it begins with


class Trace(msgspec.Struct):
    """What a run of the engine left behind."""

    findings: list[Finding] = []
    silences: list[Silence] = []
    absences: list[Span] = []  # as the engine believed; label "open" when it had not ended
    blind: list[Span] = []
    unwatched: list[Span] = []  # suspended or under test
    started_ms: int = 0
    ended_ms: int = 0

    def is_seen(self, at_ms: int) -> bool:
        """Return whether the home could be seen and was watched over at that moment."""
        return _span_at(self.blind, at_ms) is None and _span_at(self.unwatched, at_ms) is None


class Watcher:
    """Follows the state of one home between readings."""

    def __init__(self, rules: Callable[[], HomeRules], trace: Trace) -> None:
        self._rules = rules
        self.trace = trace
        self._sign_ms: int | None = None
        self._away_ms: int | None = None
        self._blind_ms: int | None = None
        self._unwatched_ms: int | None = None
        self._device_id = ""

    def look(self, at_ms: int) -> None:
        """Note what changed since the last look."""
        state = self._rules().state
        self._presence(state, at_ms)
        self._sight(state, at_ms)
        sign_ms = state.signs[-1].at_ms if state.signs else None
        if sign_ms is None or state.is_away or state.is_blind or self._unwatched_ms is not None:
            return
        if self._sign_ms is None or sign_ms > self._sign_ms:
            self._close(sign_ms)
            self._sign_ms, self._device_id = sign_ms, state.signs[-1].device_id

    def finish(self, at_ms: int) -> None:
        """Close what goes on when the record ends."""
        if self._away_ms is not None:
            self.trace.absences.append(Span(self._away_ms, at_ms, "open"))
        if self._blind_ms is not None:
            self.trace.blind.append(Span(self._blind_ms, at_ms))
        if self._unwatched_ms is not None:
            self.trace.unwatched.append(Span(self._unwatched_ms, at_ms))

    def _presence(self, state: HomeState, at_ms: int) -> None:
        if state.is_away and self._away_ms is None:
            self._away_ms = state.away_since_ms or at_ms
            self._close(self._away_ms)
        elif not state.is_away and self._away_ms is not None:
            self.trace.absences.append(Span(self._away_ms, at_ms))
            self._away_ms = None

    def _sight(self, state: HomeState, at_ms: int) -> None:
        if state.is_blind and self._blind_ms is None:
            self._blind_ms = state.dark_from_ms or at_ms
            self._close(self._blind_ms)
        elif not state.is_blind and self._blind_ms is not None:
            self.trace.blind.append(Span(self._blind_ms, at_ms))
            self._blind_ms = None
        is_unwatched = state.suspension.is_suspended or state.suspension.is_tested
        if is_unwatched and self._unwatched_ms is None:
            self._unwatched_ms = at_ms
            self._close(at_ms)
        elif not is_unwatched and self._unwatched_ms is not None:
            self.trace.unwatched.append(Span(self._unwatched_ms, at_ms))
            self._unwatched_ms = None

    def _close(self, at_ms: int) -> None:
        if self._sign_ms is not None and at_ms > self._sign_ms:
            self.trace.silences.append(Silence(self._sign_ms, at_ms, self._device_id))
        self._sign_ms = None


def run(
    recording: Recording,
    parameters: RuleParameters,
    readings: Iterable[Reading] | None = None,
    on_step: Callable[[HomeRules, int], None] | None = None,
) -> Trace:
    """Feed a recording to a fresh engine as the service would; `on_step(rules, next_ms)` before time goes on."""
    engine = Engine(parameters)
    engine.set_home(recording.home)
    home_id = recording.home.id
    trace = Trace()
    watcher = Watcher(lambda: engine.rules_of(home_id), trace)
    grown = list(reversed(recording.grown))
    for at_ms, together in groupby(recording.readings if readings is None else readings, attrgetter("received_at_ms")):
        if not trace.started_ms:
            trace.started_ms = at_ms
        elif on_step is not None and at_ms > trace.ended_ms:
            on_step(engine.rules_of(home_id), at_ms)
        if _span_at(recording.outages, at_ms) is None:
            _until(engine, at_ms, trace, watcher)
        while grown and grown[-1].from_ms <= at_ms:
            engine.set_home(grown.pop().home)
        trace.findings += engine.on_readings(at_ms, tuple(together))
        watcher.look(at_ms)
        trace.ended_ms = at_ms
    if recording.until_ms is not None and trace.started_ms:
        if on_step is not None:
            on_step(engine.rules_of(home_id), recording.until_ms)
        _until(engine, recording.until_ms, trace, watcher)
        trace.ended_ms = recording.until_ms
    watcher.finish(trace.ended_ms)
    return trace


def _until(engine: Engine, at_ms: int, trace: Trace, watcher: Watcher) -> None:
    while (due_ms := engine.next_deadline_ms()) is not None and due_ms <= at_ms:
        trace.findings += engine.on_time(due_ms)
        watcher.look(due_ms)


def _span_at(spans: list[Span], at_ms: int) -> Span | None:
    index = bisect_right(spans, at_ms, key=lambda span: span.from_ms) - 1
    return spans[index] if index >= 0 and at_ms < spans[index].until_ms else None
