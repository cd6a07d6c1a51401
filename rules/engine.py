"""The partition: states of some homes, one timer each, and a pure function of a log; time comes only from the log."""

import struct
import zlib
from collections.abc import Sequence
from operator import attrgetter

import msgspec

from core.errors import NotFoundError
from core.events import Reading
from core.ids import DeviceId, HomeId
from registry.homes import Home
from rules import deafness
from rules.coverage import DayCoverage, days_of, follow
from rules.findings import Finding, FindingKind
from rules.home import HomeRules
from rules.home_mode import standing_of
from rules.home_status import HomeStatus
from rules.parameters import RuleParameters
from rules.raising import stamped
from rules.removal import note_removed
from rules.rulebook import Rulebook, rulebook_of
from rules.seeing import dark_since_ms
from rules.shelf import AWAKE_HOMES, Kept, Shelf, Timers, packed, unpacked
from rules.state import HomeState
from rules.suspension import on_registered
from rules.turns import PUT_OFF_MS, Turns
from rules.village import Village, troubles_of

SNAPSHOT_VERSION = 4
"""Raised when HomeState changes its meaning; an older snapshot is refused and the journal replayed instead."""


class Snapshot(msgspec.Struct, frozen=True):
    """All states at one point of the log."""

    version: int
    log_ms: int
    homes: dict[str, bytes]  # HomeState, packed
    village: Village = msgspec.field(default_factory=Village)
    is_deaf: bool = False
    deaf_from_ms: int | None = None


class Engine:
    """Applies a log to the homes of one partition; the same log gives the same findings with the same ids."""

    def __init__(self, rules: Rulebook | RuleParameters | None = None, *, awake: int = AWAKE_HOMES) -> None:
        self.rulebook = rulebook_of(rules)  # another may take its place; a home takes it up when it is set again
        self._homes = Shelf(awake, self._reschedule)
        self._timers = Timers(self._homes)
        self._waiting: dict[HomeId, Kept] = {}  # registered before the log began
        self._moved: dict[HomeId, Kept] = {}  # by readings, since their timers were set last
        self._village = Village()
        self._blind: set[HomeId] = set()
        self.log_ms = 0  # of the newest entry
        self.is_deaf = False  # the service itself hears nothing, as of the last tick; any thread may ask
        self.deaf_from_ms: int | None = None  # the first deaf tick of the stretch under way
        self.stalls = 0  # homes put off, each time

    def set_home(self, home: Home, parameters: RuleParameters | None = None) -> None:
        """Add a home, or give one that is known its new devices and limits; what it remembers stays.

        The limits are the rulebook's, or the given ones. Raises ConfigurationError, and nothing has changed, when
        the rulebook's cannot be used for this home.
        """
        known = self._homes.get(home.id)
        before = known or self._waiting.get(home.id)
        version = before.version if before else 0
        if parameters is None:
            parameters, version = self.rulebook.parameters_of(home), self.rulebook.stamp.version
        if known is None and self.log_ms == 0:
            self._waiting[home.id] = Kept(home, parameters, version)
        else:
            self._set(known or Kept(home, parameters), home, parameters, version)

    def home_ids(self) -> set[HomeId]:
        """Return the homes that were set and not removed."""
        return {kept.home.id for kept in self._homes} | self._waiting.keys()

    @property
    def blind_homes(self) -> int:
        """Return how many homes cannot be seen; this too any thread may ask while another works."""
        return len(self._homes) if self.is_deaf else len(self._blind)

    def remove_home(self, home_id: HomeId) -> None:
        """Forget a home and all it remembers."""
        self._blind.discard(home_id)
        self._homes.remove(home_id)
        self._moved.pop(home_id, None)
        self._waiting.pop(home_id, None)
        self._village.forget(home_id)

    def on_readings(self, log_ms: int, readings: Sequence[Reading]) -> tuple[Finding, ...]:
        """Apply one journal entry in event order; judges no deadline, so a backlog never pages for the past."""
        found = self._begun(log_ms)
        for reading in sorted(readings, key=_event_time):
            kept = self._homes.get(reading.home_id)
            if kept is None:
                continue
            rules = self._homes.wake(kept)
            state = rules.state
            was_away, before = state.is_away, troubles_of(state)
            findings = rules.apply(reading, log_ms)
            # Nearly always there is nothing to tell, and the home is seen as it was: no suspension begins by a reading.
            is_same = state.is_away is was_away and before == troubles_of(state) and state.coverage.from_ms is not None
            if findings or not is_same:
                found += self._told(kept, rules, findings, before, log_ms)
            kept.is_moved, self._moved[reading.home_id] = True, kept
        return tuple(found)

    def on_time(self, now_ms: int, *, is_deaf: bool = False) -> tuple[Finding, ...]:
        """Judge every deadline up to and including `now_ms`, in the order they fall due.

        `is_deaf` says that the service itself hears nothing: nothing that rests on silence is judged from `now_ms` on
        until it is called without.
        """
        found = self._begun(now_ms)
        self._set_timers()
        if is_deaf != self.is_deaf:
            found += self._turned(now_ms, is_deaf=is_deaf)
        turns = Turns()
        while (kept := self._timers.first()) is not None and kept.due_ms is not None and kept.due_ms <= now_ms:
            if turns.is_circle(kept.home.id, kept.due_ms):
                self.stalls += 1
                self._timers.set(kept, now_ms + PUT_OFF_MS)
                continue
            rules = self._homes.wake(kept)
            deadline = rules.next_deadline()
            if deadline is not None:
                before = troubles_of(rules.state)
                found.extend(self._told(kept, rules, rules.fire(deadline), before, deadline.due_ms))
            kept.is_moved = True
            self._reschedule(kept, rules)
        return self._held(tuple(found))  # an incident explains its first homes too: it began with the last of them

    def next_deadline_ms(self) -> int | None:
        """Return the earliest deadline of all homes."""
        self._set_timers()
        kept = self._timers.first()
        return None if kept is None else kept.due_ms

    def snapshot(self) -> bytes:
        """Return all states as bytes."""
        states = {str(kept.home.id): packed(kept.rules.state) if kept.rules else kept.packed for kept in self._homes}
        deaf = self.is_deaf, self.deaf_from_ms
        return msgspec.msgpack.encode(Snapshot(SNAPSHOT_VERSION, self.log_ms, states, self._village, *deaf))

    def restore(self, data: bytes) -> bool:
        """Take a snapshot up for the homes that are set; False (nothing taken) when it is of another version."""
        try:
            snapshot = msgspec.msgpack.decode(data, type=Snapshot)
            if snapshot.version != SNAPSHOT_VERSION:
                return False
            for state in snapshot.homes.values():
                unpacked(state)
        except (msgspec.DecodeError, zlib.error, struct.error):
            return False
        self.is_deaf, self.deaf_from_ms = snapshot.is_deaf, snapshot.deaf_from_ms
        self._begin(snapshot.log_ms)
        self._village = snapshot.village
        for kept in list(self._homes):
            if data := snapshot.homes.pop(kept.home.id, b""):
                self._lay(kept, data)
        return True

    def home_status(self, home_id: HomeId) -> HomeStatus:
        """Return what is known of a home; raises NotFoundError."""
        kept = self._waiting.get(home_id) or self._homes.get(home_id)
        if kept is None:
            raise NotFoundError(f"no home {home_id}")
        self._set_timers()
        is_waiting = home_id in self._waiting
        rules = HomeRules(kept.home, kept.parameters, HomeState(0)) if is_waiting else self._homes.wake(kept)
        state = rules.state
        last = state.signs[-1] if state.signs else None
        findings = [held.finding for held in state.open.values() if not held.is_weakly_cleared]
        silent = [key for key in state.open if key.startswith(FindingKind.DEVICE_SILENT)]
        standing = standing_of(state, rules.home, rules.parameters, self.log_ms)
        return HomeStatus(
            mode=standing.mode,
            mode_since_ms=standing.since_ms,
            mode_reason=standing.reason,
            mode_until_ms=standing.until_ms,
            is_away=state.is_away,
            is_blind=state.is_blind,
            away_since_ms=state.away_since_ms,
            blind_since_ms=dark_since_ms(state, rules.home, rules.parameters) if state.is_blind else None,
            last_sign_at_ms=last.at_ms if last else None,
            last_sign_device=last.device_id if last else None,
            last_sign_grade=last.grade if last else "",
            next_deadline_ms=kept.due_ms,
            silent_devices=tuple(DeviceId(key.removeprefix(f"{FindingKind.DEVICE_SILENT} ")) for key in silent),
            open_kinds=tuple(dict.fromkeys(finding.kind for finding in findings)),
            rules_version=kept.version,
        )

    def rules_of(self, home_id: HomeId) -> HomeRules:
        """Return a home's rules and state, for those who replay and explain; raises NotFoundError."""
        kept = self._homes.get(home_id)
        if kept is None:
            raise NotFoundError(f"no home {home_id}")
        return self._homes.wake(kept)

    def coverage(self, home_id: HomeId) -> tuple[DayCoverage, ...]:
        """Return how long a home was seen on each of the last days, oldest first; raises NotFoundError."""
        rules = self.rules_of(home_id)
        return days_of(rules.state, rules.home, self.log_ms, rules.view.tz)

    def _turned(self, now_ms: int, *, is_deaf: bool) -> list[Finding]:
        """Let every home go dark at once, or go on: some seconds for a county, not for every lost moment."""
        self.is_deaf, self.deaf_from_ms = is_deaf, now_ms if is_deaf else None
        found: list[Finding] = []
        for kept in sorted(self._homes, key=lambda one: one.home.id):
            rules = self._homes.wake(kept)
            before = troubles_of(rules.state)
            found += self._told(kept, rules, rules.fire(deafness.turn(now_ms, is_deaf=is_deaf)), before, now_ms)
            self._reschedule(kept, rules)
        return found

    def _told(
        self, kept: Kept, rules: HomeRules, findings: tuple[Finding, ...], before: tuple[bool, bool], at_ms: int
    ) -> tuple[Finding, ...]:
        """Return what a home says with what it makes of its village; keep count of what was seen."""
        follow(rules.state, at_ms, rules.view.tz)
        found = stamped(findings, kept.version) if findings and kept.version else findings
        is_same = before == troubles_of(rules.state)
        if not is_same:
            self._count(rules.home.id, rules.state)
        # The village first: a home that goes dark and says so in one moment is explained by the incident it joins.
        of_village = () if is_same else self._village.follow(rules.home, before, rules.state, at_ms)
        return self._held(found) + of_village

    def _count(self, home_id: HomeId, state: HomeState) -> None:
        if troubles_of(state)[0]:
            self._blind.add(home_id)
        else:
            self._blind.discard(home_id)

    def _held(self, found: tuple[Finding, ...]) -> tuple[Finding, ...]:
        """Return findings with the incident that explains each, if one does."""
        if not found or not self._village.incidents:
            return found
        homes = ((finding, self._homes.get(finding.home_id)) for finding in found)
        return tuple(
            finding if kept is None or finding.held_by is not None else self._village.held(finding, kept.home)
            for finding, kept in homes
        )

    def _begun(self, log_ms: int) -> list[Finding]:
        """Begin an entry; a deaf stretch before which the service did not run has ended with the one before."""
        is_over = self.is_deaf and log_ms - self.log_ms > deafness.PAUSE_MS
        found = self._turned(self.log_ms, is_deaf=False) if is_over else []
        self._begin(log_ms)
        return found

    def _begin(self, log_ms: int) -> None:
        self.log_ms = max(self.log_ms, log_ms)
        if self._waiting and self.log_ms:
            waiting, self._waiting = self._waiting, {}
            for kept in waiting.values():
                self._set(kept, kept.home, kept.parameters, kept.version)

    def _set(self, kept: Kept, home: Home, parameters: RuleParameters, version: int) -> None:
        is_known = self._homes.get(home.id) is not None
        state, before = (self._homes.wake(kept).state, kept.home) if is_known else (HomeState(self.log_ms), None)
        on_registered(state, home, before, self.log_ms)
        note_removed(state, home, before, self.log_ms)
        kept.home, kept.parameters, kept.version = home, parameters, version
        rules = self._homes.keep(kept, state)
        if self.is_deaf:
            rules.fire(deafness.turn(self.log_ms, is_deaf=True))
        self._reschedule(kept, rules)

    def _lay(self, kept: Kept, data: bytes) -> None:
        """Let a home go on from a packed state, asleep."""
        state = unpacked(data)
        on_registered(state, kept.home, None, self.log_ms)
        note_removed(state, kept.home, None, self.log_ms)
        rules = HomeRules(kept.home, kept.parameters, state)
        self._count(kept.home.id, state)
        self._homes.lay(kept, packed(state))
        self._reschedule(kept, rules)

    def _set_timers(self) -> None:
        """Set the timers of the homes that readings have moved; as dear as a reading, so entries share it."""
        moved, self._moved = self._moved, {}
        for kept in moved.values():
            if kept.is_moved:  # whoever has gone to sleep meanwhile has set the timer before
                self._reschedule(kept, self._homes.wake(kept))

    def _reschedule(self, kept: Kept, rules: HomeRules) -> None:
        deadline = rules.next_deadline()
        self._timers.set(kept, None if deadline is None else deadline.due_ms)


_event_time = attrgetter("observed_at_ms")
