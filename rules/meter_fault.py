"""A water register that cannot be right: it stepped back, leapt, or stands still while somebody lives there."""

from collections.abc import Iterator

from core.events import Metric
from core.localtime import DAY_MS, HOUR_MS
from core.text import Bilingual
from registry.homes import DeviceRole
from rules.deadlines import Deadline
from rules.findings import FindingKind
from rules.register import is_broken, taken_step
from rules.watch import Change, Clear, Effect, View, Watch
from rules.water_register import WATER_METRICS

FROZEN = "frozen"
"""The detail of a register that stands; a step is told with its device."""

STEP_HOLDS_MS = 7 * DAY_MS
"""A register that steps again within a week is the same fault."""


class MeterFaultWatch(Watch):
    """Counts the hours with signs of life during which the register stood."""

    name = "meter_fault"
    metrics = WATER_METRICS | {Metric.ONLINE}
    hears_signs = True

    def on_change(self, change: Change, view: View) -> tuple[Effect, ...]:
        """Take a meter's reading or heartbeat, or a sign of life from elsewhere."""
        metric = change.reading.metric
        if metric in WATER_METRICS:
            return self._metered(change, view) if change.is_newest else ()
        if metric is Metric.ONLINE:
            if change.device.role is DeviceRole.WATER_METER and change.reading.value is True:
                self._judge(change, view)
            return ()
        state, hour = view.state.meter_fault, change.reading.observed_at_ms // HOUR_MS
        if state.still_ms is not None and hour != state.active_hour:
            state.active_hour = hour
            state.active_hours += 1
        return ()

    def deadlines(self, view: View) -> Iterator[Deadline]:
        """Tell a register that stands, once a reading or heartbeat has shown that the meter itself is alive."""
        state = view.state.meter_fault
        if state.ready_ms is None or state.still_ms is None:
            return
        if not view.is_open(FindingKind.METER_FAULT, FROZEN):
            sentence = Bilingual(
                "水表读数长时间不变，而家中有人活动：请检查水表或阀门",
                "the water register stands still while somebody is active: check the meter and the valve",
            )
            kind, since_ms = FindingKind.METER_FAULT, state.still_ms
            yield Deadline(state.ready_ms, kind, since_ms, FROZEN, watch=self.name, sentence=sentence)

    def _metered(self, change: Change, view: View) -> tuple[Effect, ...]:
        state, step = view.state.meter_fault, taken_step(change, view)
        stepped = is_broken(change, view) and change.previous is not None
        if stepped or (step is not None and step.litres > 0) or state.still_ms is None:
            state.still_ms, state.active_hours, state.ready_ms = change.reading.observed_at_ms, 0, None
            effects: tuple[Effect, ...] = (Clear(FindingKind.METER_FAULT, FROZEN),)
            return (*effects, *self._stepped(change, view)) if stepped else effects
        self._judge(change, view)
        if state.stepped_ms is None or change.reading.observed_at_ms - state.stepped_ms < STEP_HOLDS_MS:
            return ()
        state.stepped_ms = None
        return (Clear(FindingKind.METER_FAULT, change.device.id, clears_alert=False),)

    def _judge(self, change: Change, view: View) -> None:
        state, parameters = view.state.meter_fault, view.parameters
        if state.still_ms is None or state.ready_ms is not None or state.active_hours < parameters.meter_frozen_hours:
            return
        if change.reading.observed_at_ms - state.still_ms >= parameters.meter_frozen_ms:
            state.ready_ms = change.log_ms

    def _stepped(self, change: Change, view: View) -> tuple[Effect, ...]:
        reading = change.reading
        litres = float(reading.value) - float(change.previous or 0.0)
        if -view.parameters.meter_back_l <= litres <= 0:
            return ()  # a litre back and forth is the meter's own rounding; the same again says nothing
        view.state.meter_fault.stepped_ms = reading.observed_at_ms
        moved = Bilingual("倒退", "stepped back by") if litres < 0 else Bilingual("跳增", "leapt by")
        sentence = Bilingual(
            f"水表读数{moved.zh}{abs(litres):g}升（换表或故障）：从新读数起重新计量",
            f"the water register {moved.en} {abs(litres):g} L (a new meter, or a fault): counted anew from here",
        )
        since_ms, kind = reading.observed_at_ms, FindingKind.METER_FAULT
        return (Deadline(change.log_ms, kind, since_ms, change.device.id, watch=self.name, sentence=sentence),)
