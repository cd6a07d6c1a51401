"""A motion sensor that says "moving" for an hour without an end is stuck: it can show no fresh sign any more."""

from collections.abc import Iterator

import msgspec

from core.events import Metric
from core.ids import DeviceId
from core.text import Bilingual
from registry.homes import DeviceRole
from rules.deadlines import Deadline
from rules.findings import FindingKind
from rules.sentences import clock, device_words, lasting
from rules.watch import Change, Clear, Effect, View, Watch

_MOTION = frozenset({
    DeviceRole.INTERIOR_MOTION, DeviceRole.BED_MOTION, DeviceRole.BATHROOM_MOTION, DeviceRole.OUTSIDE_DOOR_MOTION,
})  # fmt: skip


class StuckWatch(Watch):
    """Raises sensor_fault; presence sensors (radar) may rightly see somebody for hours and are left out."""

    name = "stuck"
    metrics = frozenset({Metric.MOTION})
    roles = _MOTION

    def on_change(self, change: Change, view: View) -> tuple[Effect, ...]:
        """Take a motion reading: an end clears, a beginning starts the hour."""
        if not change.is_newest or change.device.role not in _MOTION:
            return ()
        since_ms = view.state.stuck.on_since_ms
        if change.reading.value is True:
            since_ms.setdefault(change.device.id, change.reading.observed_at_ms)
            return ()
        since_ms.pop(change.device.id, None)
        return () if view.holds_nothing else (Clear(FindingKind.SENSOR_FAULT, change.device.id),)

    def deadlines(self, view: View) -> Iterator[Deadline]:
        """Wait `stuck_on_ms` from the beginning of the movement."""
        for device_id, since_ms in view.state.stuck.on_since_ms.items():
            if device_id in view.devices and not view.is_open(FindingKind.SENSOR_FAULT, device_id):
                due_ms = since_ms + view.parameters.stuck_on_ms
                yield Deadline(due_ms, FindingKind.SENSOR_FAULT, since_ms, device_id, watch=self.name)

    def on_due(self, deadline: Deadline, view: View) -> tuple[Effect, ...]:
        """Say that it is probably stuck, and since when."""
        device = view.devices[DeviceId(deadline.detail)]
        who, since = device_words(device), clock(deadline.since_ms, view.tz)
        long = lasting(deadline.due_ms - deadline.since_ms)
        sentence = Bilingual(
            f"{who.zh}自{since}起一直显示有人，已{long.zh}：可能卡住",
            f"{who.en} has shown movement without an end since {since}: {long.en}; it is probably stuck",
        )
        return (msgspec.structs.replace(deadline, sentence=sentence),)
