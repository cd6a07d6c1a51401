"""Sensors that something else than a person reaches: what moves while the door proves that nobody is home."""

from core.events import Metric
from core.ids import DeviceId
from core.localtime import HOUR_MS
from core.text import Bilingual
from registry.homes import DeviceRole
from rules.deadlines import Deadline
from rules.findings import FindingKind
from rules.grading import SIGNS_OF_LIFE
from rules.presence import APART_MS
from rules.rooms import MOTION_ROLES
from rules.sentences import device_words
from rules.watch import Change, Clear, Effect, View, Watch
from rules.watch_states import ReachState

LEAST_EVENTS = 10
LEAST_AWAY_MS = 24 * HOUR_MS
MOST_AWAY_MS = 14 * 24 * HOUR_MS
"""Beyond it the counts are halved: a cat that has died is forgotten in weeks."""

_REACHED = MOTION_ROLES | {DeviceRole.POWER_METER, DeviceRole.APPLIANCE}


class ReachWatch(Watch):
    """Counts what a sensor shows during an absence that the door began and ended; then its signs alone prove nobody."""

    name = "reach"
    metrics = frozenset({Metric.MOTION, Metric.PRESENCE, Metric.OPEN, Metric.POWER_W, Metric.ENERGY_TOTAL_WH})
    follows_absences = True

    def on_change(self, change: Change, view: View) -> tuple[Effect, ...]:
        """Count an event of an absence; judge the sensors when somebody comes home by the door."""
        state, home, at_ms = view.state.reach, view.state, change.reading.observed_at_ms
        if home.is_away:
            state.since_ms = home.away_since_ms
            if change.grade in SIGNS_OF_LIFE and change.device.role in _REACHED and change.is_newest:
                count, last_ms = state.absence.get(change.device.id, (0, 0))
                if at_ms - last_ms >= APART_MS:
                    state.absence[change.device.id] = (count + 1, at_ms)
            return ()
        if state.since_ms is None:
            return ()
        lasted_ms, state.since_ms = max(0, at_ms - state.since_ms), None
        absence, state.absence = state.absence, {}
        if not home.was_return_by_door:
            return ()  # perhaps nobody had left: what moved was somebody
        _add(state, absence, lasted_ms)
        return self._judged(change.log_ms, view)

    def _judged(self, log_ms: int, view: View) -> tuple[Effect, ...]:
        state, effects = view.state.reach, list[Effect]()
        if state.away_ms < LEAST_AWAY_MS:
            return ()
        hours = state.away_ms / HOUR_MS
        for device_id, count in state.events.items():
            device = view.devices.get(DeviceId(device_id))
            if device is None:
                continue
            rate = count / hours
            if device_id in state.reached:
                if rate < view.parameters.pet_per_hour / 2:
                    state.reached.remove(device_id)
                    effects.append(Clear(FindingKind.SENSOR_FAULT, f"reached {device_id}"))
            elif count >= LEAST_EVENTS and rate > view.parameters.pet_per_hour:
                state.reached.append(device_id)
                who = device_words(device)
                sentence = Bilingual(
                    f"{who.zh}在无人时每小时约有{rate:.1f}次动静（宠物、自动启停或其他干扰），单独不再作为活动依据",
                    f"{who.en} shows {rate:.1f} events an hour in an empty home (pet, machine?); alone no proof",
                )
                detail = f"reached {device_id}"
                effects.append(Deadline(log_ms, FindingKind.SENSOR_FAULT, log_ms, detail, self.name, sentence=sentence))
        return tuple(effects)


def _add(state: ReachState, absence: dict[str, tuple[int, int]], lasted_ms: int) -> None:
    state.away_ms += lasted_ms
    for device_id, (count, _) in absence.items():
        state.events[device_id] = state.events.get(device_id, 0) + count
    if state.away_ms > MOST_AWAY_MS:
        state.away_ms //= 2
        state.events = {device_id: count // 2 for device_id, count in state.events.items() if count > 1}
