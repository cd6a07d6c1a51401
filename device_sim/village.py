"""A village of twelve made-up homes that live from one seed, one of them in an emergency; pure, nobody is real."""

from collections.abc import Iterator
from heapq import merge

import msgspec

from alerts.model import Outcome
from core.ids import HomeId
from core.localtime import DAY_MS, DEFAULT_ZONE_NAME, HOUR_MS, MINUTE_MS, local_date, zone
from device_sim.activities import Activity, ActivityKind, dice, life, routine_of, spliced
from device_sim.messages import SimEvent, SimMessage, messages_of
from device_sim.meters import Meters
from device_sim.registration import Registration
from device_sim.resident import signals_of
from device_sim.villagers import FALLEN_HOME, HOME_IDS, STILL_HOME, villager

DEMO_START_MS = 1_772_402_400_000
"""2026-03-02 06:00 in Shanghai, a Monday: people get up, the day's rules hold from seven."""

BEFORE_MS = 45 * MINUTE_MS
"""A scenario finds its person at home for this long before it begins."""

HOSPITAL_MS = 3 * HOUR_MS
"""Back the same day, before any rule may wonder where the person is."""

RESCUE_MS = 12 * MINUTE_MS

STILL_MS = 5 * HOUR_MS + 15 * MINUTE_MS
"""A little longer than the daytime limit of the inactivity rule: it must ring before the person stirs."""


class Scenario(msgspec.Struct, frozen=True, kw_only=True):
    """What goes wrong, in minutes after the start; None leaves it out.

    The still home's five hours must lie between 07:00 and 22:00 for the daytime limit to apply.
    """

    fall_minute: int | None = 210  # h07 falls in the bathroom, the tap runs on
    rescue_after_minutes: int = 50  # helpers are there: the alert needs 31, calls and the way the rest
    still_minute: int | None = 120  # h03 sits without a move


class PhoneHabit(msgspec.Struct, frozen=True):
    """What happens when a number is rung; `answers_after_s` None: nobody ever answers."""

    phone: str  # E.164
    answers_after_s: int | None = None
    presses: str = ""


def village(seed: int) -> list[Registration]:
    """Return the twelve registrations of a seed."""
    return [villager(home_id, seed) for home_id in HOME_IDS]


def village_events(
    seed: int, start_ms: int, until_ms: int | None = None, scenario: Scenario | None = None
) -> Iterator[SimMessage]:
    """Yield what all homes say from `start_ms` until just before `until_ms` (None: for ever), in order of time."""
    specials = scenario_of(scenario or Scenario(), start_ms)
    homes = [home_events(home_id, seed, start_ms, specials.get(home_id, ())) for home_id in HOME_IDS]
    for message in messages_of(merge(*homes, key=lambda event: event.at_ms)):
        if until_ms is not None and message.at_ms >= until_ms:
            return
        yield message


def home_events(home_id: HomeId, seed: int, start_ms: int, specials: tuple[Activity, ...] = ()) -> Iterator[SimEvent]:
    """Yield what one home's devices observe from `start_ms` on, for ever."""
    home_seed = f"{seed}/{home_id}"
    tz = zone(DEFAULT_ZONE_NAME)
    first_day = local_date(start_ms - DAY_MS, tz)  # so that the night before the start is slept, too
    activities = spliced(life(routine_of(dice(home_seed)), home_seed, first_day, tz), specials)
    signals = (signal for activity in activities for signal in signals_of(activity, home_seed))
    yield from Meters(home_id, home_seed, start_ms).events(signals)


def scenario_of(scenario: Scenario, start_ms: int) -> dict[HomeId, tuple[Activity, ...]]:
    """Return the special activities of each home that the scenario touches."""
    found: dict[HomeId, tuple[Activity, ...]] = {}
    if scenario.fall_minute is not None:
        fall_ms = start_ms + scenario.fall_minute * MINUTE_MS
        rescue_ms = fall_ms + scenario.rescue_after_minutes * MINUTE_MS
        found[FALLEN_HOME] = _in_a_row(
            (ActivityKind.SIT, fall_ms - BEFORE_MS),
            (ActivityKind.FALLEN, fall_ms),
            (ActivityKind.RESCUE, rescue_ms),
            (ActivityKind.OUT, rescue_ms + RESCUE_MS),
            end_ms=rescue_ms + RESCUE_MS + HOSPITAL_MS,
        )
    if scenario.still_minute is not None:
        still_ms = start_ms + scenario.still_minute * MINUTE_MS
        found[STILL_HOME] = _in_a_row(
            (ActivityKind.SIT, still_ms - BEFORE_MS), (ActivityKind.STILL, still_ms), end_ms=still_ms + STILL_MS
        )
    return found


def village_phones(seed: int) -> tuple[PhoneHabit, ...]:
    """Return how each phone of the village behaves: the one who fell cannot answer, her first contact can."""
    habits: dict[str, PhoneHabit] = {}
    for registration in village(seed):
        phone = registration.person.phone
        is_fallen = registration.home.id == FALLEN_HOME
        habits[phone] = PhoneHabit(phone) if is_fallen else PhoneHabit(phone, 9, "1")
        for contact in registration.contacts:
            habits[contact.phone] = PhoneHabit(contact.phone, 12, "1")
    return tuple(habits.values())


def village_outcomes() -> dict[HomeId, Outcome]:
    """Return how the scenario's alerts end; every other alert ends well."""
    return {FALLEN_HOME: Outcome.TAKEN_TO_HOSPITAL}


def _in_a_row(*steps: tuple[ActivityKind, int], end_ms: int) -> tuple[Activity, ...]:
    ends = [start_ms for _, start_ms in steps[1:]] + [end_ms]
    return tuple(Activity(kind, start_ms, end) for (kind, start_ms), end in zip(steps, ends, strict=True))
