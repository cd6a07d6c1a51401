"""A recording as a source for the publisher: from its start, gone silent, or again and again; invents no event."""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from core.errors import ConfigurationError
from core.localtime import DAY_MS
from device_sim.messages import SimEvent, SimMessage, messages_of
from device_sim.recording import read_recording
from device_sim.sensor_map import SensorMap


class Replay(msgspec.Struct, frozen=True, kw_only=True):
    """A recording that has been read once, so that a bad line is found before anything is published."""

    path: Path
    sensor_map: SensorMap
    start_ms: int  # of the first event, UTC
    end_ms: int  # of the last event, however silent the replay is: time goes on until here
    events: int
    silence_from_ms: int | None = None
    loops: int | None = 1  # None: for ever

    @property
    def until_ms(self) -> int | None:
        """When the last loop ends; None when there is none."""
        return None if self.loops is None else self.end_ms + (self.loops - 1) * self._period_ms

    def source(self) -> Iterator[SimMessage]:
        """Yield the messages in order of time; a sensor's `seq` goes on through all loops."""
        return messages_of(self._events())

    @property
    def _period_ms(self) -> int:
        """Whole days, so that each loop lives at the same hours."""
        return (self.end_ms - self.start_ms) // DAY_MS * DAY_MS + DAY_MS

    def _events(self) -> Iterator[SimEvent]:
        loop = 0
        while self.loops is None or loop < self.loops:
            shift_ms = loop * self._period_ms
            for event in read_recording(self.path, self.sensor_map):
                at_ms = event.at_ms + shift_ms
                if self.silence_from_ms is not None and at_ms >= self.silence_from_ms:
                    return
                yield event if not shift_ms else msgspec.structs.replace(event, at_ms=at_ms)
            loop += 1


def open_replay(
    path: Path, sensor_map: SensorMap, *, silence_from_ms: int | None = None, loops: int | None = 1
) -> Replay:
    """Check the whole recording; raises ConfigurationError for a bad line or none at all."""
    first_ms, last_ms, events = None, 0, 0
    for event in read_recording(path, sensor_map):
        first_ms = event.at_ms if first_ms is None else first_ms
        last_ms = event.at_ms
        events += 1
    if first_ms is None:
        raise ConfigurationError("no event", where=str(path), remedy="name a recording that has lines")
    return Replay(
        path=path,
        sensor_map=sensor_map,
        start_ms=first_ms,
        end_ms=last_ms,
        events=events,
        silence_from_ms=silence_from_ms,
        loops=loops,
    )
