"""A watch: one companion rule of a home, stateless, over its own part of the state; the host raises and clears."""

from collections.abc import Iterable
from functools import cached_property
from zoneinfo import ZoneInfo

import msgspec

from core.events import Metric, Reading, Value
from core.ids import DeviceId
from core.localtime import zone
from core.text import Bilingual
from registry.homes import Device, DeviceRole, Home
from rules.deadlines import Deadline, open_key
from rules.findings import FindingKind
from rules.grading import LATE, Grade
from rules.habits.memory import Memory
from rules.inactivity import Silence, meters_of
from rules.parameters import RuleParameters
from rules.seeing import sees_only_doors, sight_of, unseen_until_ms
from rules.state import HomeState, Sign


class Change(msgspec.Struct, gc=False):
    """One reading as the rules see it; replays (retained, cached) never come this far."""

    reading: Reading
    device: Device
    previous: Value | None  # what the device showed before by event time; None: never heard
    previous_ms: int | None  # when
    is_newest: bool  # False: a late reading, behind one that is known
    grade: Grade
    is_sign: bool  # a sign of life that the home has taken as one (no stray blip while away, not older than the last)
    log_ms: int

    def not_before_ms(self, parameters: RuleParameters) -> int:
        """Return when what a late reading says may be told: its backlog may go on to say that it is over."""
        return self.log_ms + parameters.late_settle_ms if self.reading.flags & LATE else 0


class Clear(msgspec.Struct, frozen=True):
    """The finding of this kind and detail no longer holds, when it is open; otherwise nothing."""

    kind: FindingKind
    detail: str = ""
    sign: Sign | None = None
    clears_alert: bool = True  # False: shown as ended, but an alert stays for a human
    why: Bilingual | None = None  # None: the words of its kind


Effect = Deadline | Clear
"""A Deadline among the effects is raised as a finding now, once per open kind and detail."""


class View:
    """What a watch may know of its home; it writes only its own part of `state`."""

    def __init__(self, home: Home, parameters: RuleParameters, state: HomeState) -> None:
        self.home = home
        self.parameters = parameters
        self.state = state
        self.tz: ZoneInfo = zone(home.zone_name)
        self.sight = sight_of(home, state)  # the devices that can show the person now
        judged = home if self.sight is home else meters_of(self.sight)
        self.silence = Silence(judged, parameters, state.habits, self.tz)
        self.devices: dict[DeviceId, Device] = {device.id: device for device in home.devices}
        self._roles = frozenset(device.role for device in home.devices)

    def anew(self) -> "View":
        """Return the view as it is now that a pet was found to reach the last motion sensor, or no longer does."""
        if not self.state.reach.reached and self.sight is self.home:
            return self
        sight = sight_of(self.home, self.state)
        if len(sight.devices) == len(self.sight.devices):
            return self
        if len(sight.devices) < len(self.sight.devices):
            self.state.habits = Memory()  # learned with rooms that can no longer be seen
        return View(self.home, self.parameters, self.state)

    def has_role(self, *roles: DeviceRole) -> bool:
        """Return whether the home has a device of one of these roles."""
        return not self._roles.isdisjoint(roles)

    def is_open(self, kind: FindingKind, detail: str = "") -> bool:
        """Return whether a finding of this kind and detail holds."""
        return open_key(kind, detail) in self.state.open

    @cached_property
    def sees_only_doors(self) -> bool:
        """Return whether nothing but the ways out can show the person now."""
        return sees_only_doors(self.sight)

    @property
    def holds_nothing(self) -> bool:
        """Return whether nothing is open or kept back, as nearly always: there is nothing to clear."""
        return not self.state.open and not self.state.suspension.kept

    def is_watched_since(self, from_ms: int) -> bool:
        """Return whether the home was seen and somebody watched over in it from a moment until now: a day to learn."""
        home = self.state
        is_held = home.is_blind or home.suspension.is_suspended or home.suspension.is_tested
        return not is_held and max(unseen_until_ms(home, self.parameters), home.watched_from_ms or 0) <= from_ms


class Watch:
    """One rule. A subclass names its readings, moves its state on them, and yields what it waits for."""

    name: str = ""
    metrics: frozenset[Metric] = frozenset()
    hears_signs: bool = False  # True: every taken sign of life reaches it too, whatever its metric
    needs_sign: bool = False  # True: a reading that is no sign of life says nothing to it
    roles: frozenset[DeviceRole] | None = None  # devices of other roles say nothing to it; None: all may
    follows_absences: bool = False  # True: what is no sign of life says nothing to it in a settled home (sources.py)

    def on_change(self, change: Change, view: View) -> tuple[Effect, ...]:
        """Take a reading of one of `metrics`, or a sign of life when it hears signs."""
        _ = change, view
        return ()

    def deadlines(self, view: View) -> Iterable[Deadline]:
        """Yield what it waits for now, each with `watch` = its name; none that is open already."""
        _ = view
        return ()

    def on_due(self, deadline: Deadline, view: View) -> tuple[Effect, ...]:
        """Let one of its deadlines come true; by default it is raised as a finding."""
        _ = view
        return (deadline,)
