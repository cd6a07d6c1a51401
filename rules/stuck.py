"""A motion sensor that says "moving" for an hour without an end is stuck: it can show no fresh sign any more."""

from collections.abc import Iterator

from core.events import Metric
from registry.homes import DeviceRole
from rules.deadlines import Deadline
from rules.findings import FindingKind
from rules.watch import Change, Clear, Effect, View, Watch

_MOTION = frozenset({
    DeviceRole.INTERIOR_MOTION, DeviceRole.BED_MOTION, DeviceRole.BATHROOM_MOTION, DeviceRole.OUTSIDE_DOOR_MOTION,
})  # fmt: skip


class StuckWatch(Watch):
    """Raises sensor_fault; presence sensors (radar) may rightly see somebody for hours and are left out."""

    name = "stuck"
    metrics = frozenset({Metric.MOTION})

    def on_change(self, change: Change, view: View) -> tuple[Effect, ...]:
        """Take a motion reading: an end clears, a beginning starts the hour."""
        if not change.is_newest or change.device.role not in _MOTION:
            return ()
        since_ms = view.state.stuck.on_since_ms
        if change.reading.value is True:
            since_ms.setdefault(change.device.id, change.reading.observed_at_ms)
            return ()
        since_ms.pop(change.device.id, None)
        return (Clear(FindingKind.SENSOR_FAULT, change.device.id),)

    def deadlines(self, view: View) -> Iterator[Deadline]:
        """Wait `stuck_on_ms` from the beginning of the movement."""
        for device_id, since_ms in view.state.stuck.on_since_ms.items():
            if not view.is_open(FindingKind.SENSOR_FAULT, device_id):
                due_ms = since_ms + view.parameters.stuck_on_ms
                yield Deadline(due_ms, FindingKind.SENSOR_FAULT, since_ms, device_id, watch=self.name)
