"""What a partition must say, written plainly: every home awake, every deadline looked for anew after each step.

Whatever hears a metric is told every reading of it, though it says nothing to it: the engine leaves that out.
"""

from collections.abc import Sequence

from core.events import Reading
from core.ids import HomeId
from registry.homes import Home
from rules import deafness
from rules.coverage import follow
from rules.deadlines import Deadline, deadlines_of
from rules.findings import Finding
from rules.home import HomeRules
from rules.parameters import RuleParameters
from rules.removal import note_removed
from rules.sources import Source
from rules.state import HomeState
from rules.suspension import held_back, on_registered
from rules.village import Village, troubles_of
from rules.watch import Change
from rules.watches import WATCHES


class PlainRules(HomeRules):
    """The rules of one home that know no short way: whoever names a metric hears each of its readings."""

    def _watched(self, source: Source, change: Change) -> tuple[Finding, ...]:
        _ = source
        found: tuple[Finding, ...] = ()
        for watch in WATCHES:
            if change.reading.metric in watch.metrics or (change.is_sign and watch.hears_signs):
                found += self._carried_out(watch.on_change(change, self.view), change.log_ms)
        return found


class PlainPartition:
    """The homes of one log, without a shelf, a heap or a timer."""

    def __init__(self, log_ms: int) -> None:
        self.log_ms = log_ms
        self.homes: dict[HomeId, HomeRules] = {}
        self.village = Village()
        self.is_deaf = False

    def set_home(self, home: Home, parameters: RuleParameters) -> None:
        """Add a home, or give it other devices and limits."""
        known = self.homes.get(home.id)
        state = HomeState(self.log_ms) if known is None else known.state
        before = None if known is None else known.home
        on_registered(state, home, before, self.log_ms)
        note_removed(state, home, before, self.log_ms)
        self.homes[home.id] = rules = PlainRules(home, parameters, state)
        if self.is_deaf:
            rules.fire(deafness.turn(self.log_ms, is_deaf=True))

    def on_readings(self, log_ms: int, readings: Sequence[Reading]) -> list[Finding]:
        """Take readings in event order."""
        found = self._begun(log_ms)
        for reading in sorted(readings, key=lambda one: one.observed_at_ms):
            rules = self.homes[reading.home_id]
            before = troubles_of(rules.state)
            found += self._told(rules, rules.apply(reading, log_ms), before, log_ms)
        return found

    def on_time(self, now_ms: int, *, is_deaf: bool = False) -> list[Finding]:
        """Judge what is due, the earliest first, of two at once the home with the lower id."""
        found = self._begun(now_ms)
        if is_deaf != self.is_deaf:
            found += self._turned(now_ms, is_deaf=is_deaf)
        while (due := self._due()) is not None and due[0].due_ms <= now_ms:
            deadline, rules = due
            before = troubles_of(rules.state)
            found += self._told(rules, rules.fire(deadline), before, deadline.due_ms)
        return [self._held(finding) for finding in found]

    def next_deadline_ms(self) -> int | None:
        """Return the earliest deadline of all homes."""
        due = self._due()
        return None if due is None else due[0].due_ms

    def _begun(self, log_ms: int) -> list[Finding]:
        is_over = self.is_deaf and log_ms - self.log_ms > deafness.PAUSE_MS
        found = self._turned(self.log_ms, is_deaf=False) if is_over else []
        self.log_ms = log_ms
        return found

    def _turned(self, now_ms: int, *, is_deaf: bool) -> list[Finding]:
        self.is_deaf = is_deaf
        found: list[Finding] = []
        for _, rules in sorted(self.homes.items()):
            before = troubles_of(rules.state)
            told = rules.fire(deafness.turn(now_ms, is_deaf=is_deaf))
            found += self._told(rules, told, before, now_ms)
        return found

    def _due(self) -> tuple[Deadline, HomeRules] | None:
        waiting = [(_next(rules), rules) for _, rules in sorted(self.homes.items())]
        due = [(deadline, rules) for deadline, rules in waiting if deadline is not None]
        return min(due, key=lambda one: one[0].due_ms, default=None)

    def _told(
        self, rules: HomeRules, findings: Sequence[Finding], before: tuple[bool, bool], at_ms: int
    ) -> list[Finding]:
        follow(rules.state, at_ms, rules.view.tz)
        of_village = self.village.follow(rules.home, before, rules.state, at_ms)
        return [*(self._held(finding) for finding in findings), *of_village]

    def _held(self, finding: Finding) -> Finding:
        rules = self.homes.get(finding.home_id)
        return finding if rules is None or finding.held_by is not None else self.village.held(finding, rules.home)


def _next(rules: HomeRules) -> Deadline | None:
    view = rules.view
    waiting = [*deadlines_of(rules.state, rules.home, rules.parameters, view.tz, view.silence)]
    waiting += [deadline for watch in WATCHES for deadline in watch.deadlines(view)]
    return min(held_back(waiting, rules.state), key=lambda deadline: deadline.due_ms, default=None)
