"""Sensors found out by the others: one that shows nothing while they see life, a door that stands open for days."""

from collections.abc import Iterator

from core.events import Metric
from core.localtime import DAY_MS, HOUR_MS
from core.text import Bilingual
from registry.homes import Device, DeviceRole
from rules import witnesses
from rules.deadlines import Deadline
from rules.findings import FindingKind
from rules.sentences import device_words, lasting
from rules.watch import Change, Clear, Effect, View, Watch


class MuteWatch(Watch):
    """Raises sensor_fault; a home with fewer than three witnesses can find none of them out."""

    name = "mute"
    metrics = frozenset({Metric.MOTION, Metric.PRESENCE, Metric.OPEN})
    roles = witnesses.ROLES

    def on_change(self, change: Change, view: View) -> tuple[Effect, ...]:
        """Take what may be an event of a witness; at the turn of a quarter of an hour judge the ones before."""
        device, state = change.device, view.state.witnesses
        if not change.is_newest or not change.grade or not witnesses.is_witness(device):
            return ()
        effects: tuple[Effect, ...] = ()
        if not view.holds_nothing:
            effects = (Clear(FindingKind.SENSOR_FAULT, f"mute {device.id}"),)
        if device.role is DeviceRole.OUTSIDE_DOOR and change.reading.value is False:
            state.told_open_ms.pop(device.id, None)
            effects = (*effects, Clear(FindingKind.SENSOR_FAULT, f"open {device.id}"))
        if view.state.is_away or not witnesses.note(state, device.id, change.reading.observed_at_ms):
            return effects
        found = witnesses.judge(state, view.home.devices, change.reading.observed_at_ms, view.parameters)
        return (*effects, *(self._mute(each, last_ms, change.log_ms) for each, last_ms in found))

    def deadlines(self, view: View) -> Iterator[Deadline]:
        """Wait until a door has stood open for days."""
        for device_id, since_ms in view.state.door.open_since_ms.items():
            if view.state.witnesses.told_open_ms.get(device_id) != since_ms:
                due_ms = since_ms + view.parameters.door_still_ms
                yield Deadline(due_ms, FindingKind.SENSOR_FAULT, since_ms, f"open {device_id}", watch=self.name)

    def on_due(self, deadline: Deadline, view: View) -> tuple[Effect, ...]:
        """Tell it when somebody has lived there meanwhile: nobody lives for days with the front door open."""
        device_id, since_ms = deadline.detail.removeprefix("open "), deadline.since_ms
        view.state.witnesses.told_open_ms[device_id] = since_ms
        signs = view.state.signs
        if not signs or signs[-1].at_ms < deadline.due_ms - DAY_MS:
            return ()
        hours = (deadline.due_ms - since_ms) // HOUR_MS
        sentence = Bilingual(
            f"大门门磁已{hours}小时显示开门，屋内生活如常：磁铁可能脱落",
            f"the front door has shown open for {hours} hours while life goes on: the magnet is probably lost",
        )
        return (
            Deadline(
                deadline.due_ms,
                FindingKind.SENSOR_FAULT,
                since_ms,
                deadline.detail,
                self.name,
                sentence=sentence,
            ),
        )

    def _mute(self, device: Device, last_ms: int, log_ms: int) -> Deadline:
        who, long = device_words(device), lasting(log_ms - last_ms)
        sentence = Bilingual(
            f"{who.zh}已{long.zh}没有动静，而其他传感器都有活动：可能被遮挡、移位、失灵或磁铁脱落",
            f"{who.en} has shown nothing for {long.en} while others see life: covered, moved, dead or its magnet lost",
        )
        detail = f"mute {device.id}"
        return Deadline(log_ms, FindingKind.SENSOR_FAULT, last_ms, detail, self.name, sentence=sentence)
