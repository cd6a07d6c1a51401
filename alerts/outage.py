"""Whom a village's incident is about, by risk: who is looked for first when a village is in the dark; pure."""

from collections.abc import Iterable

import msgspec

from core.ids import AlertId, HomeId
from rules.findings import Priority


class Affected(msgspec.Struct, frozen=True, kw_only=True):
    """One alert of a home that an incident explains. `since_ms` is when its home was last seen, UTC ms."""

    home_id: HomeId
    alert_id: AlertId
    priority: Priority
    is_open: bool
    is_held: bool  # nobody has been told of it
    is_key_person: bool
    since_ms: int


def by_risk(found: Iterable[Affected]) -> list[Affected]:
    """Return one alert of each home, the home at the greatest risk first; what has ended stands last.

    Key persons before others, then the gravest alert, then whoever has not been seen for longest.
    """
    homes: dict[HomeId, Affected] = {}
    for one in sorted(found, key=_of_home):
        homes.setdefault(one.home_id, one)
    return sorted(homes.values(), key=_risk)


def _of_home(one: Affected) -> tuple[bool, Priority, int, str]:
    return (not one.is_open, one.priority, one.since_ms, one.alert_id)


def _risk(one: Affected) -> tuple[bool, bool, Priority, int, str]:
    return (not one.is_open, not one.is_key_person, one.priority, one.since_ms, one.home_id)
