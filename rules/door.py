"""The front door left open; only a real contact can tell."""

from collections.abc import Iterator

from core.events import Metric
from core.localtime import HOUR_MS
from registry.homes import DeviceRole
from rules.deadlines import Deadline
from rules.findings import FindingKind
from rules.fixed_limits import is_day
from rules.watch import Change, Clear, Effect, View, Watch

FROST_FRESH_MS = 3 * HOUR_MS
"""A thermometer that has said nothing for longer says nothing of the weather."""


class DoorWatch(Watch):
    """Waits by day, by night and in frost for as long as each allows."""

    name = "door"
    metrics = frozenset({Metric.OPEN})
    roles = frozenset({DeviceRole.OUTSIDE_DOOR})

    def on_change(self, change: Change, view: View) -> tuple[Effect, ...]:
        """Take an edge of an outside door; the newest by event time counts."""
        device_id = change.device.id
        if change.device.role is not DeviceRole.OUTSIDE_DOOR or not change.is_newest:
            return ()
        open_since_ms = view.state.door.open_since_ms
        if change.reading.value is True:
            open_since_ms.setdefault(device_id, change.reading.observed_at_ms)
            return ()
        open_since_ms.pop(device_id, None)
        return (Clear(FindingKind.DOOR_LEFT_OPEN, device_id),)

    def deadlines(self, view: View) -> Iterator[Deadline]:
        """Wait from the moment the door was opened; a home that cannot be seen may have shut it long ago."""
        if view.state.is_blind:
            return
        seen_ms = (view.state.seen_again_ms or -view.parameters.late_settle_ms) + view.parameters.late_settle_ms
        for device_id, since_ms in view.state.door.open_since_ms.items():
            if not view.is_open(FindingKind.DOOR_LEFT_OPEN, device_id):
                due_ms = max(since_ms + self._limit_ms(view, since_ms), seen_ms)
                yield Deadline(due_ms, FindingKind.DOOR_LEFT_OPEN, since_ms, device_id, watch=self.name)

    @staticmethod
    def _limit_ms(view: View, since_ms: int) -> int:
        parameters = view.parameters
        by_day = is_day(since_ms, view.tz, parameters)
        limit_ms = parameters.door_open_day_ms if by_day else parameters.door_open_night_ms
        return min(limit_ms, parameters.door_open_frost_ms) if _is_frosty(view, since_ms) else limit_ms


def _is_frosty(view: View, since_ms: int) -> bool:
    for device in view.home.devices:
        if device.role is DeviceRole.CLIMATE:
            key = f"{device.id} {Metric.TEMPERATURE_C}"
            celsius, told_ms = view.state.values.get(key), view.state.value_ms.get(key, 0)
            if isinstance(celsius, int | float) and celsius < view.parameters.frost_c:
                return told_ms >= since_ms - FROST_FRESH_MS
    return False
