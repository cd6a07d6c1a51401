"""Whatever findings, keys, clocks, silences and incidents do: nobody is forgotten, nobody is rung twice for one step."""

import msgspec
from desk_room import CONTACTS, Room, finding
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from alerts.lifecycle import ENDED
from alerts.model import TERMINAL_ATTEMPT_STATES, AlertState, AttemptState, CallPurpose, Outcome, PlaceCall, TimerKind
from alerts.silences import ended
from rules.findings import FindingKind, Priority
from rules.raising import usual_priority

INCIDENT = "incident-1"
LONG_S = 31 * 3600
"""The longest silence made here and then a day until the morning: whatever was held has been told or withdrawn."""

LONGEST_MS = 36 * 3_600_000
"""An endless ladder is walked for a day and a half: each step looks at all attempts, so weeks of it take minutes."""

kinds = st.sampled_from(
    [
        FindingKind.INACTIVITY,
        FindingKind.WATER_RUNNING,
        FindingKind.HOME_BLIND,
        FindingKind.POWER_OUT,
        FindingKind.EMERGENCY,
        FindingKind.DEVICE_SILENT,
        FindingKind.BATTERY_LOW,
    ]
)
seconds = st.sampled_from([0, 1, 44, 105, 600, 1200, 3600, 3 * 3600])


class DeskMachine(RuleBasedStateMachine):
    """One home over weeks: the room commits as the store does and asserts that every open alert has a timer."""

    def __init__(self) -> None:
        super().__init__()
        self.room = Room(CONTACTS)
        self.number = 0

    @rule(kind=kinds, is_explained=st.booleans())
    def something_is_found(self, kind, is_explained):
        self._begin_again()
        self.number += 1
        by = INCIDENT if is_explained and kind in {FindingKind.HOME_BLIND, FindingKind.POWER_OUT} else None
        one = finding(kind, usual_priority(kind), at_ms=self.room.now_ms, held_by=by)
        one = msgspec.structs.replace(one, id=f"f{self.number}")
        lines = len(self.room.trace)
        self.room.find(one)
        assert one.id in self.room.alert.finding_ids
        assert len(self.room.trace) > lines, "a finding without a trace"

    @rule(kind=kinds, is_strong=st.booleans())
    @precondition(lambda self: self.room.active)
    def it_holds_no_more(self, kind, is_strong):
        if kind in self.room.active and self._is_open():
            self.room.find(finding(kind, usual_priority(kind), is_cleared=True, clears_alert=is_strong))

    @rule(wait_s=seconds)
    @precondition(lambda self: not self._is_open() or self.room.now_ms - self.room.alert.opened_at_ms < LONGEST_MS)
    def time_goes_by(self, wait_s):
        self.room.forward(wait_s)

    @rule(data=st.data(), state=st.sampled_from(["1", "2", "33", "no_answer", "busy", "failed", "answered"]))
    @precondition(lambda self: any(self._live_calls()))
    def a_call_goes_on(self, data, state):
        attempt = data.draw(st.sampled_from(list(self._live_calls())))
        if attempt.effect.purpose is CallPurpose.ASK_RESIDENT and state in {"2", "33"}:
            return
        who = attempt.contact_id or "resident"
        if state in {"1", "2", "33"}:
            self.room.press(who, state)
        elif not (state == "answered" and attempt.state is AttemptState.ANSWERED):
            self.room.news(who, AttemptState(state))

    @rule()
    @precondition(lambda self: self._is_open())
    def a_clerk_takes_it(self):
        room = self.room
        room.commit(room.desk.acknowledge(room.situation(), who="account:li", now_ms=room.now_ms))

    @rule()
    @precondition(lambda self: self._is_open())
    def a_clerk_closes_it(self):
        room = self.room
        change = room.desk.close(
            room.situation(), outcome=Outcome.SEEN_WELL, note="", who="account:li", now_ms=room.now_ms
        )
        room.commit(change)

    @rule(wait_s=st.sampled_from([60, 3600, 6 * 3600]), some=st.sets(kinds, max_size=2))
    def somebody_asks_for_silence(self, wait_s, some):
        self.room.silence(wait_s, *some)

    @rule()
    @precondition(lambda self: self.room.silences)
    def a_silence_is_ended(self):
        room = self.room
        still = [one for one in room.silences if one.is_active_at(room.now_ms)]
        room.silences = [ended(one, "account:li", room.now_ms) for one in still[:1]] + still[1:]
        room.judge_holds()

    @rule(who=st.sampled_from(["resident", "contact:daughter", "contact:duty"]), times=st.integers(1, 3))
    def another_alert_rings_the_same_number(self, who, times):
        self.room.other_calls.setdefault(who, []).extend([self.room.now_ms] * times)

    @rule()
    def the_village_goes_dark(self):
        self.room.incidents.add(INCIDENT)

    @rule(is_told=st.booleans())
    def the_village_works_again(self, is_told):
        self.room.incidents.discard(INCIDENT)
        if is_told:
            self.room.judge_holds()

    @rule()
    @precondition(lambda self: self._is_open())
    def a_crash_loses_the_timers_and_the_auditor_looks(self):
        room = self.room
        room.timers = ()
        change = room.desk.audit(room.situation(), now_ms=room.now_ms)
        assert change is not None or room.situation().live_attempts()
        if change is None:  # a call is under way: its end moves the alert, or the auditor does after it
            room.cancel_pending()
            change = room.desk.audit(room.situation(), now_ms=room.now_ms)
        room.commit(change)

    @invariant()
    def an_open_alert_waits_for_something(self):
        if not self._is_open():
            assert self.room.timers == ()
            return
        alert = self.room.alert
        waits = {timer.kind for timer in self.room.timers}
        if alert.state is AlertState.ACKNOWLEDGED:
            assert alert.owner
            assert alert.ack_deadline_ms is not None
            assert TimerKind.ACK_DEADLINE in waits
        elif alert.holds and alert.step < 0 and TimerKind.NEXT_STEP not in waits:
            assert waits == {TimerKind.HOLD_END}
        else:
            assert TimerKind.NEXT_STEP in waits

    @invariant()
    def every_hold_has_a_moment_at_which_it_is_judged(self):
        if self._is_open():
            has_timer = any(timer.kind is TimerKind.HOLD_END for timer in self.room.timers)
            assert has_timer == bool(self.room.alert.holds)

    @invariant()
    def no_effect_has_the_key_of_another(self):
        assert self.room.repeated == []

    @invariant()
    def nothing_of_a_life_hazard_is_held(self):
        if self.room.alert is not None:
            assert all(hold.priority is not Priority.P0 for hold in self.room.alert.holds)

    @invariant()
    def no_number_is_rung_more_often_than_it_may_but_for_a_life_hazard(self):
        assert all(before < 3 for before in self.room.rung_before)

    @invariant()
    def nothing_that_still_holds_is_withdrawn(self):
        if self.room.alert is not None and self.room.alert.state is AlertState.WITHDRAWN:
            assert self.room.active == set()

    def teardown(self):
        """Let everything come to an end: what was held and still holds has been told of."""
        room = self.room
        room.incidents.clear()
        until_ms = room.now_ms + LONG_S * 1000
        while self._is_untold() and room.now_ms < until_ms:  # no longer: an endless ladder would be walked for a day
            room.forward(1800)
        assert not self._is_untold(), "an alert that nobody was ever told of"

    def _is_untold(self) -> bool:
        is_unbegun = self._is_open() and self.room.alert.step < 0 and self.room.alert.state is AlertState.OPEN
        return self._is_open() and (is_unbegun or self.room.alert.holds != ())

    def _is_open(self) -> bool:
        return self.room.alert is not None and self.room.alert.state not in ENDED

    def _live_calls(self):
        return (
            attempt
            for attempt in self.room.attempts.values()
            if isinstance(attempt.effect, PlaceCall)
            and attempt.state not in TERMINAL_ATTEMPT_STATES
            and attempt.id == self.room.last_call(attempt.contact_id or "resident").id
        )

    def _begin_again(self) -> None:
        """After an end the next finding opens an alert of its own; attempts of before count for the throttle alone."""
        if self.room.alert is not None and not self._is_open():
            self.room.forget_alert()


TestDesk = DeskMachine.TestCase
TestDesk.settings = settings(max_examples=200, stateful_step_count=30, deadline=None)
