"""Cold or hot home: the coldest and the warmest lived-in room, by the newest word of each thermometer."""

from collections.abc import Iterator

import msgspec

from core.events import Metric
from core.localtime import DAY_MS, HOUR_MS
from core.text import Bilingual
from registry.homes import Device, DeviceRole
from rules.deadlines import Deadline
from rules.findings import FindingKind, Priority
from rules.parameters import RuleParameters
from rules.rooms import MOTION_ROLES, is_lived_in
from rules.sentences import lasting
from rules.watch import Change, Clear, Effect, View, Watch

FRESH_MS = 3 * HOUR_MS
"""A thermometer that has said nothing for longer says nothing."""

IN_USE_MS = DAY_MS
"""A room with a motion sensor that nobody entered for so long is not lived in."""

HYSTERESIS_C = 0.5


class Step(msgspec.Struct, frozen=True):
    """One degree of cold or heat: beyond `celsius` for `hold_ms`."""

    kind: FindingKind
    celsius: float
    hold_ms: int
    priority: Priority

    @property
    def detail(self) -> str:
        """What tells the degrees of one kind apart."""
        return f"{self.celsius:g}"

    def is_beyond(self, celsius: float) -> bool:
        """Return whether a temperature is as bad as this."""
        return celsius < self.celsius if self.kind is FindingKind.COLD_HOME else celsius >= self.celsius

    def is_over(self, celsius: float) -> bool:
        """Return whether a temperature is surely better than this."""
        if self.kind is FindingKind.COLD_HOME:
            return celsius >= self.celsius + HYSTERESIS_C
        return celsius < self.celsius - HYSTERESIS_C


class ClimateWatch(Watch):
    """Waits for each degree as long as the body bears it; a graver one is told instead of a lesser."""

    name = "climate"
    metrics = frozenset({Metric.TEMPERATURE_C})
    roles = frozenset({DeviceRole.CLIMATE})

    def on_change(self, change: Change, view: View) -> tuple[Effect, ...]:
        """Take a thermometer's word."""
        if change.device.role is not DeviceRole.CLIMATE or not change.is_newest:
            return ()
        state, at_ms = view.state.climate, change.reading.observed_at_ms
        found = _range_of(view, at_ms)
        if found is None:
            return ()
        if state.told_ms is not None and at_ms - state.told_ms > FRESH_MS:
            state.since_ms = {}  # nobody knows how it was meanwhile
        state.told_ms, state.not_before_ms = max(at_ms, state.told_ms or 0), change.not_before_ms(view.parameters)
        effects: list[Effect] = []
        for step in steps_of(view.parameters):
            celsius = found[0] if step.kind is FindingKind.COLD_HOME else found[1]
            key = f"{step.kind} {step.detail}"
            if step.is_beyond(celsius):
                state.since_ms.setdefault(key, at_ms)
            elif step.is_over(celsius):
                state.since_ms.pop(key, None)
                effects.append(Clear(step.kind, step.detail))
        return tuple(effects)

    def deadlines(self, view: View) -> Iterator[Deadline]:
        """Wait for the time that each degree may last; a home without its person is left alone."""
        state, home = view.state.climate, view.state
        if not state.since_ms or home.is_away or home.is_blind or state.told_ms is None:
            return
        told: set[FindingKind] = set()
        for step in steps_of(view.parameters):  # the gravest first
            since_ms = state.since_ms.get(f"{step.kind} {step.detail}")
            if view.is_open(step.kind, step.detail):
                told.add(step.kind)
            if since_ms is None or step.kind in told:
                continue
            due_ms = max(since_ms + step.hold_ms, state.not_before_ms, home.seen_again_ms or 0)
            if due_ms <= state.told_ms + FRESH_MS:
                yield self._deadline(step, due_ms, since_ms)

    def _deadline(self, step: Step, due_ms: int, since_ms: int) -> Deadline:
        long = lasting(due_ms - since_ms)
        zh, en = ("低于", "below") if step.kind is FindingKind.COLD_HOME else ("高于", "above")
        sentence = Bilingual(f"室温{zh}{step.detail}℃已{long.zh}", f"{en} {step.detail} C at home for {long.en}")
        return Deadline(
            due_ms, step.kind, since_ms, step.detail, watch=self.name, priority=step.priority, sentence=sentence
        )


def steps_of(parameters: RuleParameters) -> tuple[Step, ...]:
    """Return all degrees, the gravest of each kind first."""
    p, cold, hot = parameters, FindingKind.COLD_HOME, FindingKind.HOT_HOME
    return (
        Step(cold, p.cold_danger_c, p.cold_danger_ms, Priority.P2),
        Step(cold, p.cold_c, p.cold_ms, Priority.P2),
        Step(cold, p.cool_c, p.cool_ms, Priority.P3),
        Step(hot, p.hot_danger_c, p.hot_danger_ms, Priority.P2),
        Step(hot, p.hot_c, p.hot_ms, Priority.P2),
    )


def _range_of(view: View, at_ms: int) -> tuple[float, float] | None:
    """Return the coldest and the warmest room, None when no thermometer has spoken lately."""
    told = [celsius for device in view.home.devices if (celsius := _told(device, view, at_ms)) is not None]
    return (min(told), max(told)) if told else None


def _told(device: Device, view: View, at_ms: int) -> float | None:
    if device.role is not DeviceRole.CLIMATE or not is_lived_in(device):
        return None
    key = f"{device.id} {Metric.TEMPERATURE_C}"
    celsius, told_ms = view.state.values.get(key), view.state.value_ms.get(key, 0)
    if not isinstance(celsius, int | float) or told_ms < at_ms - FRESH_MS:
        return None
    movers = [d for d in view.home.devices if d.room and d.room == device.room and d.role in MOTION_ROLES]
    moved_ms = [view.state.value_ms.get(f"{mover.id} {Metric.MOTION}") for mover in movers]
    known_ms = [each for each in moved_ms if each is not None]
    return None if known_ms and max(known_ms) < at_ms - IN_USE_MS else float(celsius)
