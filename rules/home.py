"""The rules of one home: a reading moves its state, a deadline becomes a finding; no clock, no I/O."""

from operator import attrgetter

from core.events import Metric, Reading, Value, says_gone
from core.ids import DeviceId
from registry.homes import Device, Home
from rules import electricity, heartbeats, machines, presence, silence_clock, under_test
from rules.blindness import explained_blindness, explained_silence
from rules.certainty import NOTHING, certainty_of
from rules.deadlines import SECOND_STAGE, Deadline, Inner, deadlines_of, is_fault, open_key
from rules.emergency import EmergencyWatch, is_alarm
from rules.findings import Finding, FindingKind
from rules.grading import REPLAY, SIGNS_OF_LIFE, UNDATED, Grade, grade_of
from rules.lessons import explained, next_lesson_ms, take_lesson
from rules.locating import locate
from rules.newness import is_newest_word
from rules.parameters import RuleParameters
from rules.raising import raised
from rules.rooms import MOTION_ROLES
from rules.seeing import blind_since_ms, witnesses
from rules.sources import Source, is_settled, source_of
from rules.state import COUNTS, HomeState, Open, Sign
from rules.suspension import counted, held_back, is_held_back
from rules.watch import Change, Clear, Effect, View
from rules.watches import BY_NAME, WAITING
from rules.water import opens_tap
from rules.wording import cleared

RETAINED = EmergencyWatch()
"""The one watch that is told what a broker has kept."""

SENSORS_TO_COMPARE = 2
"""With one sensor of movement nothing tells a cat from somebody who sits still: what it shows is believed."""

_UNGRADED = Grade.NONE  # a plain name: to ask an enum for its member takes longer than most rules do

SIGNS_KEPT = 5
"""Enough for a finding's evidence; the time-series store has them all."""

WEAKLY_CLEARED = "weakly cleared"
"""The detail of an inactivity that one weak sign has answered; a strong one may still withdraw its alert."""


class HomeRules:
    """One home with its parameters and state."""

    def __init__(self, home: Home, parameters: RuleParameters, state: HomeState) -> None:
        self.home = home
        self.state = state
        self.parameters = parameters
        self.view = View(home, self.parameters, state)
        self._tz = self.view.tz
        self._devices = self.view.devices
        self._seeing = witnesses(home.devices)
        self._sources: dict[tuple[DeviceId, Metric], Source] = {}
        self._is_alone = sum(device.role in MOTION_ROLES for device in home.devices) < SENSORS_TO_COMPARE

    def next_deadline(self) -> Deadline | None:
        """Return the earliest thing this home waits for."""
        waiting = list(deadlines_of(self.state, self.home, self.parameters, self._tz, self.view.silence))
        for watch in WAITING:
            waiting += watch.deadlines(self.view)
        return min(held_back(waiting, self.state), key=_due_ms, default=None)

    def fire(self, deadline: Deadline) -> tuple[Finding, ...]:
        """Let a deadline come true; return what there is to tell."""
        state = self.state
        if deadline.watch:
            effects = BY_NAME[deadline.watch].on_due(deadline, self.view)
            return self._carried_out(effects, deadline.due_ms, has_waited=isinstance(deadline.what, FindingKind))
        if deadline.what is Inner.EXIT_PROVEN:
            self._settle(deadline.due_ms)
            return ()
        if deadline.what is Inner.LESSON:
            return self._lesson(deadline.due_ms)
        if deadline.what is Inner.BLIND_BEGINS:
            silence_clock.darken(self.view, deadline.due_ms)
            return ()
        if deadline.what is FindingKind.INACTIVITY:
            state.open.pop(open_key(FindingKind.INACTIVITY, WEAKLY_CLEARED), None)
            deadline = explained(self.view, deadline)
        elif deadline.what is FindingKind.HOME_BLIND:
            deadline = explained_blindness(self.view, deadline)
        elif deadline.what is FindingKind.DEVICE_SILENT:
            deadline = explained_silence(self.view, deadline)
        return self._raised(deadline)

    def apply(self, reading: Reading, log_ms: int) -> tuple[Finding, ...]:
        """Take one reading in; return what it clears, and an emergency it reports."""
        source = self._sources.get((reading.device_id, reading.metric)) or self._source(reading)
        if source is None or reading.flags & UNDATED:
            return ()
        state, at_ms = self.state, reading.observed_at_ms
        previous_ms = state.value_ms.get(source.key)
        is_later = previous_ms is None or at_ms >= previous_ms
        backlog_ms = self.parameters.emergency_backlog_ms
        is_newest = is_newest_word(reading, source.key, state, backlog_ms) if source.is_alarm else is_later
        if is_newest:
            previous = state.values.get(source.key)
            state.values[source.key], state.value_ms[source.key] = reading.value, at_ms
        else:
            previous = self._held_late(source.key, reading)
        if source.may_say_gone and is_newest and says_gone(reading):
            state.offline_ms.setdefault(reading.device_id, log_ms)  # a retained last will holds too
            return ()
        change = Change(reading, source.device, previous, previous_ms, is_newest, _UNGRADED, False, log_ms)
        if reading.flags & REPLAY:
            # Proves nothing, ends nothing; but smoke that only a retained message tells of must page.
            return self._carried_out(RETAINED.on_change(change, self.view), log_ms) if is_alarm(reading) else ()
        if state.exit_ms is not None:
            self._settle(at_ms)
        found = self._heard(source, reading, log_ms)
        if source.is_graded:
            grade = grade_of(reading, source.device.role, previous)
            if source.is_of_home and is_newest:
                grade = electricity.regraded(grade, reading, previous, previous_ms, self.view)
            change.grade = grade
            if grade in SIGNS_OF_LIFE and (not source.is_water or self._is_drawn(change)):
                certainty = certainty_of(change, self.view)
                sign = Sign(at_ms, source.device.id, reading.metric, grade, certainty)
                found += self._signed(sign, source.device, log_ms, begun_ms=previous_ms)
                change.is_sign = bool(state.signs) and state.signs[-1] == sign
        found += self._watched(source, change)
        if state.reach.reached or self.view.sight is not self.home:
            self.view = self.view.anew()
        return found

    def _source(self, reading: Reading) -> Source | None:
        """Return what a device's readings of one metric have in common, found with the first; None of a stranger's."""
        device = self._devices.get(reading.device_id)
        if device is None:
            return None
        source = source_of(device, reading.metric, self.home, self._seeing)
        self._sources[reading.device_id, reading.metric] = source
        return source

    def _watched(self, source: Source, change: Change) -> tuple[Finding, ...]:
        watches = source.of_sign
        if not change.is_sign:
            watches = source.settled if is_settled(self.state) else source.watches
        found: tuple[Finding, ...] = ()
        for watch in watches:
            effects = watch.on_change(change, self.view)
            if effects:
                found += self._carried_out(effects, change.log_ms)
        return found

    def _carried_out(
        self, effects: tuple[Effect, ...], log_ms: int, *, has_waited: bool = False
    ) -> tuple[Finding, ...]:
        """Raise and clear; what has waited for its time has been counted anew after a stretch nobody watched."""
        found: tuple[Finding, ...] = ()
        for effect in effects:
            if isinstance(effect, Deadline):
                if not is_held_back(effect.what, self.state, None if has_waited else effect.since_ms):
                    found += self._raised(effect)
                elif self.state.suspension.is_tested:
                    under_test.keep(effect, self.state)
            elif self._may_be_over():
                found += self._over(effect, log_ms)
        return found

    def _raised(self, deadline: Deadline) -> tuple[Finding, ...]:
        """Raise a finding, unless the same kind and detail holds already; an inner deadline raises nothing."""
        what = deadline.what
        if isinstance(what, Inner):
            return ()
        deadline = counted(deadline, self.state, self._tz)
        key = open_key(what, deadline.detail)
        held = self.state.open.get(key)
        if held is not None and not (deadline.is_told_again and held.finding.since_ms != deadline.since_ms):
            return ()
        finding = raised(deadline, what, self.state, self.home)
        self.state.open[key] = Open(finding)
        return (finding,)

    def _settle(self, until_ms: int) -> None:
        exit_ms = self.state.exit_ms
        presence.settle(self.state, until_ms, self.parameters)
        if exit_ms is not None and self.state.is_away:
            self.view.silence.pause(exit_ms)

    def _lesson(self, at_ms: int) -> tuple[Finding, ...]:
        notice = take_lesson(self.view, at_ms)
        if notice is None:
            return ()
        found = self._raised(notice)
        self.state.open.pop(open_key(FindingKind.ROUTINE_CHANGED), None)  # a notice: nothing holds on
        return found

    def _held_late(self, key: str, reading: Reading) -> Value:
        """Keep a value behind a newer one; a backlog compares with itself, its first value with nothing."""
        previous = self.state.late_values.get(key, reading.value)
        if not reading.flags & REPLAY:
            self.state.late_values[key] = reading.value
        return previous

    def _heard(self, source: Source, reading: Reading, log_ms: int) -> tuple[Finding, ...]:
        state = self.state
        if source.may_say_gone and says_gone(reading):
            return ()
        if source.is_unprompted:
            heartbeats.note(state.beats, reading, log_ms, is_blind=state.is_blind, deaf=state.deaf)
        found: tuple[Finding, ...] = ()
        may_be_over = self._may_be_over()
        for device_id, removed_key in source.heard:
            state.heard_ms[device_id] = log_ms
            state.values.pop(removed_key, None)
            if state.offline_ms:
                state.offline_ms.pop(device_id, None)
            if may_be_over:
                found += self._cleared(FindingKind.DEVICE_SILENT, log_ms, detail=device_id)
        if state.is_blind and state.deaf.from_ms is None:
            dark_ms = blind_since_ms(state, self.home, self.parameters)
            if dark_ms is None or dark_ms > log_ms:  # a gateway alone shows nobody
                silence_clock.lighten(self.view, log_ms)
        if state.clock_from_ms is None and source.is_seeing:
            state.clock_from_ms = log_ms  # installed and heard: from here on somebody is expected to show life
        is_over = may_be_over and not state.is_blind
        return found + self._cleared(FindingKind.HOME_BLIND, log_ms) if is_over else found

    def _is_drawn(self, change: Change) -> bool:
        """Return whether a hand drew water after every sign so far: a register says that it was, not when."""
        signs, previous_ms = self.state.signs, change.previous_ms or 0
        is_older = change.reading.metric is Metric.WATER_TOTAL_L and bool(signs) and previous_ms < signs[-1].at_ms
        return not is_older and opens_tap(change, self.view)

    def _signed(self, sign: Sign, device: Device, log_ms: int, *, begun_ms: int | None = None) -> tuple[Finding, ...]:
        state, was_away = self.state, self.state.is_away
        if sign.certainty == NOTHING:
            return ()
        if not self.view.sees_only_doors:
            locate(sign, device, self.view, begun_ms=begun_ms, is_alone=self._is_alone)
        if state.is_away or (state.signs and sign.at_ms < state.signs[-1].at_ms):
            return ()  # a stray blip, or older than what is known
        if sign.certainty < COUNTS and not was_away:
            return ()  # a pet, the sun
        state.signs = [*state.signs, sign][-SIGNS_KEPT:]
        if not state.suspension.is_suspended:
            self.view.silence.on_sign(sign.at_ms)
        if state.lesson_due_ms is None:
            state.lesson_due_ms = next_lesson_ms(self.home.id, log_ms, self._tz)
        silence_clock.restart(self.view, sign.at_ms)
        if machines.proves_somebody(sign, self.view):
            state.last_dry_sign_ms = sign.at_ms
        return self._inactivity_answered(sign, log_ms)

    def _inactivity_answered(self, sign: Sign, log_ms: int) -> tuple[Finding, ...]:
        if not self.state.open:
            return ()
        weak_key = open_key(FindingKind.INACTIVITY, WEAKLY_CLEARED)
        kind = FindingKind.INACTIVITY
        held = self.state.open.get(open_key(kind)) or self.state.open.get(weak_key)
        if held is None:
            return ()
        window_ms = self.parameters.strong_sign_window_ms
        is_strong = sign.grade == Grade.A or any(
            other.device_id != sign.device_id
            and held.finding.since_ms < other.at_ms
            and sign.at_ms - other.at_ms <= window_ms
            for other in self.state.signs
        )
        if is_strong:
            self.state.open.pop(weak_key, None)
            self.state.open.setdefault(open_key(kind), held)
            second = self._cleared(kind, log_ms, detail=SECOND_STAGE, sign=sign)
            return second + self._cleared(kind, log_ms, sign=sign)
        if held.is_weakly_cleared:
            return ()
        found = self._cleared(kind, log_ms, detail=SECOND_STAGE, sign=sign, clears_alert=False)
        found += self._cleared(kind, log_ms, sign=sign, clears_alert=False)
        self.state.open[weak_key] = Open(held.finding, is_weakly_cleared=True)
        return found

    def _cleared(
        self, kind: FindingKind, log_ms: int, *, detail: str = "", sign: Sign | None = None, clears_alert: bool = True
    ) -> tuple[Finding, ...]:
        return self._over(Clear(kind, detail, sign, clears_alert), log_ms) if self._may_be_over() else ()

    def _may_be_over(self) -> bool:
        """Return whether anything is open or kept back: nearly always nothing is, and every reading asks thrice."""
        return bool(self.state.open or self.state.suspension.kept)

    def _over(self, clear: Clear, log_ms: int) -> tuple[Finding, ...]:
        under_test.drop(self.state, clear.kind, clear.detail)
        key = open_key(clear.kind, clear.detail)
        held = self.state.open.pop(key, None)
        if held is None:
            return ()
        device_id = key.rpartition(" ")[2]
        if is_fault(key) and device_id in self._devices:  # one that was removed is never back
            self.state.back_ms[device_id] = log_ms
        return (cleared(held.finding, log_ms, self.home, clear),)


_due_ms = attrgetter("due_ms")
