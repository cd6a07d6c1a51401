"""The partition: states of some homes, one timer each, and a pure function of a log; time comes only from the log."""

import heapq
from collections.abc import Sequence

import msgspec

from core.errors import NotFoundError
from core.events import Reading
from core.ids import DeviceId, HomeId
from registry.homes import Home
from rules.coverage import DayCoverage, days_of, follow
from rules.findings import Finding, FindingKind
from rules.home import HomeRules
from rules.home_mode import HomeMode, standing_of
from rules.parameters import RuleParameters
from rules.raising import judged_by
from rules.rulebook import Rulebook, rulebook_of
from rules.seeing import blind_since_ms
from rules.state import HomeState
from rules.suspension import on_registered
from rules.village import Village, troubles_of

SNAPSHOT_VERSION = 4
"""Raised when HomeState changes its meaning; an older snapshot is refused and the journal replayed instead."""


class Snapshot(msgspec.Struct, frozen=True):
    """All states at one point of the log."""

    version: int
    log_ms: int
    homes: dict[str, HomeState]
    village: Village = msgspec.field(default_factory=Village)


class HomeStatus(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a home now: seen, away or blind; never a claim that all is well."""

    mode: HomeMode
    mode_since_ms: int
    mode_reason: str  # of a declared mode
    is_away: bool
    is_blind: bool
    away_since_ms: int | None
    blind_since_ms: int | None
    last_sign_at_ms: int | None
    last_sign_device: DeviceId | None
    last_sign_grade: str
    next_deadline_ms: int | None
    silent_devices: tuple[DeviceId, ...]
    open_kinds: tuple[FindingKind, ...]
    rules_version: int = 0  # of the rulebook whose limits it has; 0: what ships with the service


class Engine:
    """Applies a log to the homes of one partition; the same log gives the same findings with the same ids."""

    def __init__(self, rules: Rulebook | RuleParameters | None = None) -> None:
        self.rulebook = rulebook_of(rules)  # another may take its place; a home takes it up when it is set again
        self._homes: dict[HomeId, HomeRules] = {}
        self._versions: dict[HomeId, int] = {}  # of the rulebook that a home has taken up
        self._waiting: dict[HomeId, HomeRules] = {}  # registered before the log began
        self._due: dict[HomeId, int] = {}
        self._heap: list[tuple[int, HomeId]] = []  # stale entries are skipped when they come up
        self._village = Village()
        self._log_ms = 0

    def set_home(self, home: Home, parameters: RuleParameters | None = None) -> None:
        """Add a home, or give one that is known its new devices and limits; what it remembers stays.

        The limits are the rulebook's, or the given ones. Raises ConfigurationError, and nothing has changed, when
        the rulebook's cannot be used for this home.
        """
        if parameters is None:
            parameters = self.rulebook.parameters_of(home)
            self._versions[home.id] = self.rulebook.stamp.version
        known = self._homes.get(home.id)
        if known is None and self._log_ms == 0:
            self._waiting[home.id] = HomeRules(home, parameters, HomeState(0))
            return
        state = HomeState(self._log_ms) if known is None else known.state
        on_registered(state, home, None if known is None else known.home, self._log_ms)
        self._homes[home.id] = HomeRules(home, parameters, state)
        self._reschedule(home.id)

    def remove_home(self, home_id: HomeId) -> None:
        """Forget a home and all it remembers."""
        self._homes.pop(home_id, None)
        self._waiting.pop(home_id, None)
        self._due.pop(home_id, None)
        self._versions.pop(home_id, None)
        self._village.forget(home_id)

    def on_readings(self, log_ms: int, readings: Sequence[Reading]) -> tuple[Finding, ...]:
        """Apply one journal entry in event order; judges no deadline, so a backlog never pages for the past."""
        self._begin(log_ms)
        found: list[Finding] = []
        touched: dict[HomeId, None] = {}
        for reading in sorted(readings, key=_event_time):
            rules = self._homes.get(reading.home_id)
            if rules is not None:
                before = troubles_of(rules.state)
                found.extend(self._told(rules, rules.apply(reading, log_ms), before, log_ms))
                touched[reading.home_id] = None
        for home_id in touched:
            self._reschedule(home_id)
        return tuple(found)

    def on_time(self, now_ms: int) -> tuple[Finding, ...]:
        """Judge every deadline up to and including `now_ms`, in the order they fall due."""
        self._begin(now_ms)
        found: list[Finding] = []
        while (due_ms := self.next_deadline_ms()) is not None and due_ms <= now_ms:
            _, home_id = heapq.heappop(self._heap)
            del self._due[home_id]  # popped, so that the same time can be pushed again
            rules = self._homes[home_id]
            deadline = rules.next_deadline()
            if deadline is not None:
                before = troubles_of(rules.state)
                found.extend(self._told(rules, rules.fire(deadline), before, deadline.due_ms))
            self._reschedule(home_id)
        return tuple(found)

    def next_deadline_ms(self) -> int | None:
        """Return the earliest deadline of all homes."""
        while self._heap and self._due.get(self._heap[0][1]) != self._heap[0][0]:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def snapshot(self) -> bytes:
        """Return all states as bytes."""
        states = {str(home_id): rules.state for home_id, rules in self._homes.items()}
        return msgspec.msgpack.encode(Snapshot(SNAPSHOT_VERSION, self._log_ms, states, self._village))

    def restore(self, data: bytes) -> bool:
        """Take a snapshot up for the homes that are set; False (nothing taken) when it is of another version."""
        try:
            snapshot = msgspec.msgpack.decode(data, type=Snapshot)
        except msgspec.DecodeError:
            return False
        if snapshot.version != SNAPSHOT_VERSION:
            return False
        self._begin(snapshot.log_ms)
        self._village = snapshot.village
        for home_id, rules in list(self._homes.items()):
            state = snapshot.homes.get(home_id)
            if state is not None:
                on_registered(state, rules.home, None, self._log_ms)
                self._homes[home_id] = HomeRules(rules.home, rules.parameters, state)
                self._reschedule(home_id)
        return True

    def home_status(self, home_id: HomeId) -> HomeStatus:
        """Return what is known of a home; raises NotFoundError."""
        if home_id in self._waiting:
            rules = self._waiting[home_id]
        elif (found := self._homes.get(home_id)) is not None:
            rules = found
        else:
            raise NotFoundError(f"no home {home_id}")
        state = rules.state
        last = state.signs[-1] if state.signs else None
        findings = [held.finding for held in state.open.values() if not held.is_weakly_cleared]
        standing = standing_of(state, rules.home, rules.parameters, self._log_ms)
        return HomeStatus(
            mode=standing.mode,
            mode_since_ms=standing.since_ms,
            mode_reason=standing.reason,
            is_away=state.is_away,
            is_blind=state.is_blind,
            away_since_ms=state.away_since_ms,
            blind_since_ms=blind_since_ms(state, rules.home, rules.parameters) if state.is_blind else None,
            last_sign_at_ms=last.at_ms if last else None,
            last_sign_device=last.device_id if last else None,
            last_sign_grade=last.grade if last else "",
            next_deadline_ms=self._due.get(home_id),
            silent_devices=tuple(
                DeviceId(key.removeprefix(f"{FindingKind.DEVICE_SILENT} "))
                for key in state.open
                if key.startswith(FindingKind.DEVICE_SILENT)
            ),
            open_kinds=tuple(dict.fromkeys(finding.kind for finding in findings)),
            rules_version=self._versions.get(home_id, 0),
        )

    def rules_of(self, home_id: HomeId) -> HomeRules:
        """Return a home's rules and state, for those who replay and explain; raises NotFoundError."""
        found = self._homes.get(home_id)
        if found is None:
            raise NotFoundError(f"no home {home_id}")
        return found

    def coverage(self, home_id: HomeId) -> tuple[DayCoverage, ...]:
        """Return how long a home was seen on each of the last days, oldest first; raises NotFoundError."""
        rules = self.rules_of(home_id)
        return days_of(rules.state, rules.home, self._log_ms, rules.view.tz)

    def _told(
        self, rules: HomeRules, findings: tuple[Finding, ...], before: tuple[bool, bool], at_ms: int
    ) -> tuple[Finding, ...]:
        """Return what a home says with what it makes of its village; keep count of what was seen."""
        follow(rules.state, at_ms, rules.view.tz)
        found = self._stamped(findings)
        if found and self._village.incidents:
            found = tuple(self._village.held(finding, rules.home) for finding in found)
        if before == troubles_of(rules.state):
            return found
        return found + self._village.follow(rules.home, before, rules.state, at_ms)

    def _begin(self, log_ms: int) -> None:
        self._log_ms = max(self._log_ms, log_ms)
        if self._waiting and self._log_ms:
            waiting, self._waiting = self._waiting, {}
            for rules in waiting.values():
                self.set_home(rules.home, rules.parameters)

    def _stamped(self, found: tuple[Finding, ...]) -> tuple[Finding, ...]:
        """Say in the evidence of what begins which rules it was judged by, unless they are the ones that ship."""
        if not found or not (version := self._versions.get(found[0].home_id, 0)):
            return found
        return tuple(one if one.is_cleared else judged_by(one, version) for one in found)

    def _reschedule(self, home_id: HomeId) -> None:
        deadline = self._homes[home_id].next_deadline()
        if deadline is None:
            self._due.pop(home_id, None)
        elif self._due.get(home_id) != deadline.due_ms:
            self._due[home_id] = deadline.due_ms
            heapq.heappush(self._heap, (deadline.due_ms, home_id))


def _event_time(reading: Reading) -> int:
    return reading.observed_at_ms
