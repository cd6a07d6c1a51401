"""Water drawn over and over the same is a machine's: a cistern that leaks and refills, a softener; it proves nobody."""

from core.events import Metric
from rules.deadlines import open_key
from rules.findings import FindingKind
from rules.register import last_step
from rules.state import DOUBTFUL, SURE
from rules.watch import Change, Effect, View, Watch
from rules.water import opens_tap
from rules.water_cycle_state import WaterDraw
from rules.water_register import WATER_METRICS

ALIKE_BY_CHANCE = 3
"""Fewer draws like the one before are nothing: of a year of 44 homes, three baths of one size in three half days."""

ALIKE_IN_A_ROW = 5
"""After so many draws like the one before no hand is at the tap: people neither wait nor draw as evenly by night."""

SIZE_SHARE, SIZE_L = 0.3, 1.0
"""How much two draws of a cistern differ; a register tells whole litres."""

PAUSE_SHARE = 0.25
"""How much two pauses differ, beside what the meter's own interval blurs."""


def repeats(change: Change, view: View) -> bool:
    """Return whether a reading that opens a tap only repeats the draw before it: as much, after as long."""
    last, draw = view.state.water_cycle.last, draw_of(change, view)
    if last is None or not last.pause_ms:
        return False
    is_size = abs(draw.size - last.size) <= SIZE_SHARE * max(draw.size, last.size) + SIZE_L
    blur_ms = PAUSE_SHARE * max(draw.pause_ms, last.pause_ms) + max(draw.blur_ms, last.blur_ms)
    return is_size and abs(draw.pause_ms - last.pause_ms) <= blur_ms


def certainty(change: Change, view: View) -> float:
    """Return how surely a hand opened the tap; one more like many before does not, nor one that answers a call."""
    state = view.state
    is_called = open_key(FindingKind.INACTIVITY) in state.open
    return DOUBTFUL if repeats(change, view) and (is_called or state.water_cycle.alike >= ALIKE_IN_A_ROW) else SURE


def draw_of(change: Change, view: View) -> WaterDraw:
    """Return the draw that a reading opens."""
    reading, last = change.reading, view.state.water_cycle.last
    at_ms = reading.observed_at_ms
    pause_ms = 0 if last is None else max(at_ms - last.at_ms, 0)
    if reading.metric is Metric.WATER_FLOW_L_H:
        return WaterDraw(at_ms, float(reading.value), pause_ms, 0)
    step = last_step(view.state, reading, change.previous, change.previous_ms)
    return (
        WaterDraw(at_ms, 0.0, pause_ms, 0)
        if step is None
        else WaterDraw(at_ms, step.litres, pause_ms, at_ms - step.from_ms)
    )


class WaterCycleWatch(Watch):
    """Keeps the last draw, how many in a row were alike, and when one was last unlike; stands before the register's."""

    name = "water_cycle"
    metrics = WATER_METRICS

    def on_change(self, change: Change, view: View) -> tuple[Effect, ...]:
        """Take a draw in; other readings of a meter say nothing here."""
        if not change.grade or not opens_tap(change, view):
            return ()
        state, at_ms = view.state.water_cycle, change.reading.observed_at_ms
        if repeats(change, view):
            state.alike += 1
        else:
            state.alike, state.run_ms = 0, at_ms
        # Two baths may be alike; a machine goes on being so, and then has been one from its first draw.
        state.proof_ms = at_ms if state.alike < ALIKE_BY_CHANCE else state.run_ms
        state.last = draw_of(change, view)
        return ()
