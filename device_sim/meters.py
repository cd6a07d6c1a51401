"""Signals of a home turned into what its devices report, heartbeats and standing registers included; pure."""

from collections.abc import Iterable, Iterator
from heapq import merge

from core.events import Metric
from core.ids import DeviceId, HomeId
from core.localtime import MINUTE_MS
from device_sim.activities import dice
from device_sim.messages import SimEvent
from device_sim.resident import COOKER, DOOR, GATEWAY, HEARTBEAT_MS, KETTLE, POWER, WATER, Signal

WATER_REPORT_EVERY = 6
"""Heartbeats between two reports of a standing water register: hourly, as meters do."""

WATER_STANDS_MS = 3 * MINUTE_MS
"""After the last draw the register is told once more: that it stands says that the tap is shut."""

FRIDGE_W = 35.0
"""Small enough that no rule takes a compressor for a hand."""

FRIDGE_PERIOD_MS, FRIDGE_RUN_MS = 45 * MINUTE_MS, 15 * MINUTE_MS


class Meters:
    """The registers and loads of one home."""

    def __init__(self, home_id: HomeId, seed: str, start_ms: int) -> None:
        rng = dice(f"{seed}/meters")
        self._home_id = home_id
        self._start_ms = start_ms
        self._beat_offset_ms = rng.randrange(HEARTBEAT_MS)
        self._fridge_offset_ms = rng.randrange(FRIDGE_PERIOD_MS)
        self._standby_w = rng.uniform(40, 90)
        self._litres = round(rng.uniform(50_000, 300_000), 1)
        self._loads_w = {KETTLE: 0.0, COOKER: 0.0}
        self._stands_at_ms: int | None = None
        self._beats = 0

    def events(self, signals: Iterable[Signal]) -> Iterator[SimEvent]:
        """Yield events in order of time, from `start_ms` on, for as long as the signals last."""
        seen = (signal for signal in signals if signal.at_ms >= self._start_ms)
        for signal in merge(seen, self._heartbeats(), key=lambda signal: signal.at_ms):
            if self._stands_at_ms is not None and self._stands_at_ms <= signal.at_ms:
                yield self._event(self._stands_at_ms, WATER, Metric.WATER_TOTAL_L, self._litres)
                self._stands_at_ms = None
            yield from self._noticed(signal)

    def _heartbeats(self) -> Iterator[Signal]:
        at_ms = self._start_ms + self._beat_offset_ms
        while True:
            yield Signal(at_ms, GATEWAY, True)
            at_ms += HEARTBEAT_MS

    def _noticed(self, signal: Signal) -> Iterator[SimEvent]:
        at_ms, device, value = signal.at_ms, signal.device, signal.value
        if device == GATEWAY:
            yield from self._heartbeat(at_ms)
        elif device == WATER:
            self._litres = round(self._litres + float(value), 1)
            self._stands_at_ms = at_ms + WATER_STANDS_MS
            yield self._event(at_ms, WATER, Metric.WATER_TOTAL_L, self._litres)
        elif device in self._loads_w:
            self._loads_w[device] = float(value)
            yield self._event(at_ms, device, Metric.POWER_W, self._loads_w[device])
            yield self._power(at_ms)
        else:
            yield self._event(at_ms, device, Metric.OPEN if device == DOOR else Metric.MOTION, value)

    def _heartbeat(self, at_ms: int) -> Iterator[SimEvent]:
        yield self._event(at_ms, GATEWAY, Metric.ONLINE, True)
        if self._beats == 0:  # what stands at the beginning is told once
            yield self._event(at_ms, DOOR, Metric.OPEN, False)
            for appliance, watts in self._loads_w.items():
                yield self._event(at_ms, appliance, Metric.POWER_W, watts)
        if self._beats % WATER_REPORT_EVERY == 0:
            yield self._event(at_ms, WATER, Metric.WATER_TOTAL_L, self._litres)
        yield self._power(at_ms)
        self._beats += 1

    def _power(self, at_ms: int) -> SimEvent:
        fridge_runs = (at_ms + self._fridge_offset_ms) % FRIDGE_PERIOD_MS < FRIDGE_RUN_MS
        watts = self._standby_w + sum(self._loads_w.values()) + (FRIDGE_W if fridge_runs else 0.0)
        return self._event(at_ms, POWER, Metric.POWER_W, round(watts, 1))

    def _event(self, at_ms: int, device: str, metric: Metric, value: bool | float) -> SimEvent:  # noqa: FBT001  # a reading's value
        return SimEvent(at_ms, DeviceId(f"{self._home_id}/{device}"), metric, value)
