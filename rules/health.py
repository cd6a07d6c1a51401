"""Devices that say themselves that they are not well: a battery that ends, a sensor that toggles without rest."""

from collections.abc import Iterator

from core.events import Metric
from core.ids import DeviceId
from core.localtime import MINUTE_MS
from core.text import Bilingual
from rules.battery_trend import BatteryTrend, days_left, note
from rules.deadlines import Deadline, Inner
from rules.findings import FindingKind
from rules.sentences import device_words
from rules.watch import Change, Clear, Effect, View, Watch
from rules.watch_states import ChatterState

BATTERY_GOOD_PERCENT = 20
"""A new battery shows more; a cold one that recovers to 16 % is not good again."""

CHATTER_WINDOW_MS = MINUTE_MS
CHATTER_MINUTES = 3
"""In a row: a good sensor above a dining table toggled 43 times in one minute of real life, never in the next too."""

CHATTER_KEPT_MS = 10 * MINUTE_MS
"""So long after the last burst of toggles a sensor is not believed."""


ENDS = "ends"
"""How the detail of a battery begins that is not low yet, but will be empty soon by the way it falls."""

DAYS_GOOD_TIMES = 1.5
"""A slope that is read anew wavers by a tenth: what was told is taken back only well above its limit."""


class BatteryWatch(Watch):
    """Raises battery_low, by the percentage or by the device's own word, or weeks before by the way it falls."""

    name = "battery"
    metrics = frozenset({Metric.BATTERY_PERCENT, Metric.BATTERY_LOW})

    def on_change(self, change: Change, view: View) -> tuple[Effect, ...]:
        """Take a battery's report; it is good again when neither word says otherwise."""
        if not change.is_newest:
            return ()
        return (*self._now(change, view), *self._ahead(change, view))

    def _now(self, change: Change, view: View) -> tuple[Effect, ...]:
        device_id, values = change.device.id, view.state.values
        percent = _number(values.get(f"{device_id} {Metric.BATTERY_PERCENT}"))
        is_low = values.get(f"{device_id} {Metric.BATTERY_LOW}") is True
        if not is_low and (percent is None or percent >= BATTERY_GOOD_PERCENT):
            return (Clear(FindingKind.BATTERY_LOW, device_id),)
        if not is_low and percent is not None and percent >= view.parameters.battery_low_percent:
            return ()
        who = device_words(change.device)
        left = Bilingual("报告电量低", "says that it is low") if percent is None or is_low else _left(percent)
        sentence = Bilingual(f"{who.zh}的电池{left.zh}，请更换", f"the battery of {who.en} {left.en}: change it")
        at_ms = change.reading.observed_at_ms
        return (Deadline(change.log_ms, FindingKind.BATTERY_LOW, at_ms, device_id, self.name, sentence=sentence),)

    def _ahead(self, change: Change, view: View) -> tuple[Effect, ...]:
        percent, device_id = change.reading.value, change.device.id
        if change.reading.metric is not Metric.BATTERY_PERCENT or isinstance(percent, str):
            return ()
        trend = view.state.batteries.setdefault(device_id, BatteryTrend())
        note(trend, float(percent), change.reading.observed_at_ms)
        left, limit, detail = days_left(trend), view.parameters.battery_days, f"{ENDS} {device_id}"
        if left is None or left > limit * DAYS_GOOD_TIMES:
            return (Clear(FindingKind.BATTERY_LOW, detail),)
        if left > limit or view.is_open(FindingKind.BATTERY_LOW, device_id):
            return ()
        who, days = device_words(change.device), round(left)
        sentence = Bilingual(
            f"{who.zh}的电池按近来的下降还能用约{days}天（现为{percent:g}%），请安排更换",
            f"the battery of {who.en} lasts about {days} days by the way it falls (now {percent:g} %): plan its change",
        )
        at_ms = change.reading.observed_at_ms
        return (Deadline(change.log_ms, FindingKind.BATTERY_LOW, at_ms, detail, self.name, sentence=sentence),)


class TamperWatch(Watch):
    """Raises sensor_fault where a device says that it was opened or taken off its place: a ticket, no doubt of it."""

    name = "tamper"
    metrics = frozenset({Metric.TAMPER})

    def on_change(self, change: Change, view: View) -> tuple[Effect, ...]:
        """Take a device's own word."""
        _ = view
        if not change.is_newest:
            return ()
        detail = f"tamper {change.device.id}"
        if change.reading.value is not True:
            return (Clear(FindingKind.SENSOR_FAULT, detail),)
        who, at_ms = device_words(change.device), change.reading.observed_at_ms
        sentence = Bilingual(f"{who.zh}报告被拆开或移动", f"{who.en} says that it was opened or taken off its place")
        return (Deadline(change.log_ms, FindingKind.SENSOR_FAULT, at_ms, detail, self.name, sentence=sentence),)


class ChatterWatch(Watch):
    """Counts toggles; while a sensor chatters its signs count as nothing (rules/certainty.py)."""

    name = "chatter"
    metrics = frozenset({Metric.MOTION, Metric.PRESENCE, Metric.OPEN})

    def on_change(self, change: Change, view: View) -> tuple[Effect, ...]:
        """Count a toggle within the minute that the first one began; three such minutes in a row are chatter."""
        reading, state = change.reading, view.state.chatter
        if not change.is_newest or change.previous is None or reading.value == change.previous:
            return ()
        device_id, at_ms = change.device.id, reading.observed_at_ms
        limit = view.parameters.chatter_per_minute
        from_ms, count, minutes = state.toggles.get(device_id, (at_ms, 0, 0))
        if at_ms - from_ms >= CHATTER_WINDOW_MS:
            is_same_burst = count > limit and at_ms - from_ms < 2 * CHATTER_WINDOW_MS
            from_ms, count, minutes = at_ms, 0, minutes + 1 if is_same_burst else 0
        state.toggles[device_id] = (from_ms, count + 1, minutes)
        if count < limit or minutes < CHATTER_MINUTES - 1:
            return ()
        state.until_ms[device_id] = at_ms + CHATTER_KEPT_MS
        who = device_words(change.device)
        sentence = Bilingual(
            f"{who.zh}一分钟内反复跳变，期间读数不采信",
            f"{who.en} toggles many times a minute and is not believed meanwhile",
        )
        detail = f"chatter {device_id}"
        return (Deadline(change.log_ms, FindingKind.SENSOR_FAULT, at_ms, detail, self.name, sentence=sentence),)

    def deadlines(self, view: View) -> Iterator[Deadline]:
        """Wait for ten quiet minutes."""
        for device_id, until_ms in view.state.chatter.until_ms.items():
            yield Deadline(until_ms, Inner.NOTED, until_ms, device_id, watch=self.name)

    def on_due(self, deadline: Deadline, view: View) -> tuple[Effect, ...]:
        """Believe the sensor again."""
        view.state.chatter.until_ms.pop(deadline.detail, None)
        return (Clear(FindingKind.SENSOR_FAULT, f"chatter {deadline.detail}"),)


def is_suspect(state: ChatterState, device_id: DeviceId, at_ms: int, limit: int) -> bool:
    """Return whether a sensor toggles as one that chatters does, before three minutes have shown it."""
    from_ms, count, minutes = state.toggles.get(device_id, (0, 0, 0))
    return (count >= limit or minutes > 0) and at_ms - from_ms < 2 * CHATTER_WINDOW_MS


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _left(percent: float) -> Bilingual:
    return Bilingual(f"只剩{percent:g}%", f"is at {percent:g} %")
