"""How long this home may be silent: by its own habits and a budget of false alarms, or by a fixed limit."""

from functools import cached_property, partial
from zoneinfo import ZoneInfo

import msgspec

from core.localtime import DAY_MS, MINUTE_MS, from_ms
from core.rest_days import is_rest_day
from registry.homes import DeviceRole, Home
from rules import fixed_limits, night_guard
from rules.habits import observing
from rules.habits.expected import ExpectedClock
from rules.habits.learning import Budget, Lesson, expected_clock, learn
from rules.habits.memory import LONGEST_GAP_MS, Memory
from rules.parameters import RuleParameters
from rules.seeing import SIGNLESS
from rules.used_up import NOTHING_USED, UsedUp

METERS = frozenset({DeviceRole.WATER_METER, DeviceRole.POWER_METER})
RESUMED_FLOOR_MS = 5 * MINUTE_MS
"""A silence that a dark stretch only interrupted has lasted before: a gateway that comes and goes must not begin the
floor anew each time. What it kept meanwhile comes in within this time. It counts seen time and is given once in an hour
of it: where every window is shorter the call still comes."""

LEARNING_DAYS = 14
"""Shown as "learning day n of 14": until then the habits of people in general have a say."""


class SilenceLimits(msgspec.Struct, frozen=True):
    """What holds for a home: how its habits are judged, and the bounds whatever they say; ms."""

    budget: Budget
    is_personal: bool
    floor_ms: int
    cap_ms: int
    second_after_ms: int
    longest_ms: int  # a longer silence is a journey, no habit
    is_metered: bool  # nothing but meters sees the home: a reading that is missing may hide a sign


def sees_only_meters(home: Home) -> bool:
    """Return whether nothing but meters could show a sign of life: the home is then judged slowly."""
    roles = {device.role for device in home.devices} - SIGNLESS
    return bool(roles) and roles <= METERS


def meters_of(home: Home) -> Home:
    """Return a home whose rooms cannot be seen as its meters alone, if it has any: as slow as they are."""
    meters = tuple(device for device in home.devices if device.role in METERS)
    return msgspec.structs.replace(home, devices=meters) if meters else home


def limits_of(home: Home, parameters: RuleParameters) -> SilenceLimits:
    """Return the bounds and the budget of a home."""
    p = parameters
    is_metered = sees_only_meters(home)
    if is_metered:
        budget = Budget(
            p.budget_first_meter_per_30d, p.budget_second_per_30d, p.even_share_meter, p.prior_limit_meter, p.prior_days
        )
        cap_ms = longest_ms = p.inactivity_cap_meter_ms  # rings at the cap whatever is learned: nothing to learn above
    else:
        budget = Budget(p.budget_first_per_30d, p.budget_second_per_30d, p.even_share, p.prior_limit, p.prior_days)
        cap_ms, longest_ms = p.inactivity_cap_ms, LONGEST_GAP_MS
    return SilenceLimits(
        budget,
        bool(p.inactivity_personal),
        p.inactivity_floor_ms,
        cap_ms,
        p.second_stage_ms,
        longest_ms,
        is_metered,
    )


class Silence:
    """Judges one home's silence; what it learns lies in the home's Memory, so that a snapshot holds it."""

    def __init__(self, home: Home, parameters: RuleParameters, memory: Memory, tz: ZoneInfo) -> None:
        self.limits = limits_of(home, parameters)
        self._parameters = parameters
        self._memory = memory
        self._tz = tz
        self._is_rest = partial(is_rest_day, zone_name=home.zone_name)

    @property
    def learning_day(self) -> int:
        """Return the day of learning, 1 to LEARNING_DAYS; more when the home's own habits decide."""
        return int(self._memory.days_learned) + 1

    @property
    def limit(self) -> float:
        """Return the expected active half hours that the first stage lets pass."""
        return self._memory.limit or self.limits.budget.prior_limit

    def used(self, from_at_ms: int, until_ms: int) -> UsedUp:
        """Return what a silence that was seen throughout used up."""
        from_wall_ms, until_ms = self._wall(from_at_ms), max(until_ms, from_at_ms)
        missed = self._clock.between(from_wall_ms, from_wall_ms + until_ms - from_at_ms)
        fixed = fixed_limits.used_share(from_at_ms, until_ms, self._tz, self._parameters)
        return UsedUp(missed, fixed, until_ms - from_at_ms)

    def due_ms(self, from_at_ms: int, used: UsedUp = NOTHING_USED, *, is_degraded: bool = False) -> int:
        """Return when a silence seen since `from_at_ms`, with so much used before, calls for the first stage.

        A home that lacks a witness it was learned with (`is_degraded`) is not judged sooner than by the fixed limits.
        """
        resumed_ms = max(RESUMED_FLOOR_MS - used.resumed_ms, 0) if used.seen_ms else 0
        cap_ms = from_at_ms + max(self.limits.cap_ms - used.seen_ms, resumed_ms)
        is_learning = not self.limits.is_metered and self._memory.days_learned < self._parameters.fallback_days
        fixed_ms = 0
        if is_learning or is_degraded or not self.limits.is_personal:  # most homes are past asking for it
            fixed_ms = fixed_limits.deadline_ms(from_at_ms, used.fixed, self._tz, self._parameters)
        if not self.limits.is_personal:
            return min(max(fixed_ms, from_at_ms + resumed_ms), cap_ms)
        floor_ms = from_at_ms + max(self.limits.floor_ms - used.seen_ms, resumed_ms)
        due_ms = max(self._personal_ms(from_at_ms, used.expected), floor_ms)
        if is_learning:
            due_ms = min(due_ms, max(fixed_ms, from_at_ms + resumed_ms))
        if is_degraded:
            due_ms = max(due_ms, fixed_ms)
        graver_ms = partial(self._personal_ms, from_at_ms, used.expected)
        return min(night_guard.held_until_ms(due_ms, graver_ms, self._tz, self._parameters), cap_ms)

    def _personal_ms(self, from_at_ms: int, used: float, times: float = 1.0) -> int:
        memory = self._memory
        limit = self.limit * times
        from_wall_ms = self._wall(from_at_ms)
        lasting_ms = self._clock.reach_ms(from_wall_ms, limit - used) - from_wall_ms
        limit_second = memory.limit_second * times
        if limit_second > limit:  # the second stage's budget is the tighter one: its call must not come sooner
            second_ms = self._clock.reach_ms(from_wall_ms, limit_second - used) - from_wall_ms
            lasting_ms = max(lasting_ms, second_ms - self.limits.second_after_ms)
        return from_at_ms + lasting_ms

    def on_sign(self, at_ms: int) -> None:
        """Learn from a sign of life of somebody at home."""
        wall_ms = self._wall(at_ms)
        if wall_ms >= (self._memory.gap_from_ms or 0):
            observing.on_sign(self._memory, wall_ms, self._clock, self.limits.longest_ms)

    def pause(self, at_ms: int) -> None:
        """Stop learning from silence: the person left."""
        observing.pause(self._memory, self._wall(at_ms))

    def darken(self, at_ms: int) -> None:
        """Stop learning: the home cannot be seen."""
        observing.darken(self._memory, self._wall(at_ms))

    def lighten(self, at_ms: int) -> None:
        """Go on learning: the home can be seen again."""
        observing.lighten(self._memory, self._wall(at_ms))

    def on_alarm(self) -> None:
        """Note that the silence under way has rung; when it ends by a sign of life it counts against the budget."""
        self._memory.is_ringing = True

    def learn(self, at_ms: int, *, is_home_seen: bool) -> Lesson:
        """Take the night's lesson at local time `at_ms`."""
        wall_ms = self._wall(at_ms)
        if is_home_seen and self._memory.seen_until_ms is not None and wall_ms > self._memory.seen_until_ms:
            observing.mark_seen(self._memory, wall_ms)
        lesson = learn(self._memory, wall_ms // DAY_MS, self.limits.budget, self._is_rest)
        vars(self).pop("_clock", None)  # of the lesson before
        return lesson

    def relearn(self, at_ms: int) -> None:
        """Forget faster from here on: what the habits were learned with has changed, not the person."""
        self._memory.drift_until_day = max(self._memory.drift_until_day, self._wall(at_ms) // DAY_MS + LEARNING_DAYS)
        self._memory.drift_days = 0

    @cached_property
    def _clock(self) -> ExpectedClock:  # not every reading asks for it
        return expected_clock(self._memory, self.limits.budget.blend, self._is_rest)

    def _wall(self, at_ms: int) -> int:
        offset = from_ms(at_ms, self._tz).utcoffset()
        return at_ms if offset is None else at_ms + offset.days * DAY_MS + offset.seconds * 1000
