"""The daily test alarm of a person who does not exist: when it is due, when it rang, when it failed; raises nothing."""

from collections.abc import Sequence
from datetime import date, datetime, time

import msgspec

from alerts.model import Attempt, AttemptState, PlaceCall, TraceLine
from core.ids import DeviceId, HomeId, PersonId
from core.localtime import instant_of, local_date, zone
from registry.homes import Device, DeviceRole, Home, Suspension, SuspensionReason
from registry.people import Category, Person

CANARY_HOME = HomeId("canary")
CANARY_PERSON = PersonId("canary")
CANARY_TOPIC = "care/canary/sos/event"

RING_LIMIT_MS = 120_000
"""A P0's first call takes seconds and a provider's retry one minute: after two the path is broken."""

_NEVER = date(1970, 1, 1)
_RANG = frozenset(
    f"attempt_{state.value}"
    for state in (AttemptState.RINGING, AttemptState.ANSWERED, AttemptState.BUSY, AttemptState.NO_ANSWER)
) | {"key_pressed"}
"""Words of an alert's story that only a phone which was really tried leads to."""

_SHOWN = "console"


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """The last test alarm."""

    day: date
    raised_at_ms: int
    rang_at_ms: int | None = None
    has_failed: bool = False

    @property
    def is_open(self) -> bool:
        """Return whether it is still waited for."""
        return self.rang_at_ms is None and not self.has_failed

    @property
    def ring_ms(self) -> int | None:
        """Return the time from alarm to ring."""
        return None if self.rang_at_ms is None else self.rang_at_ms - self.raised_at_ms


def canary_person(phone: str) -> Person:
    """Return the person: rung at the sink number, owed no visit at any time."""
    return Person(
        id=CANARY_PERSON,
        home_id=CANARY_HOME,
        area="canary",
        categories=frozenset({Category.ALONE}),
        active_until=_NEVER,
        phone=phone,
    )


def canary_home(zone_name: str) -> Home:
    """Return the home: one SOS button, nobody watched over; only a hazard is ever told of it."""
    button = Device(
        id=DeviceId("canary/sos"), home_id=CANARY_HOME, address="care/canary/sos", role=DeviceRole.SOS_BUTTON
    )
    nobody = Suspension(from_ms=0, until_ms=None, reason=SuspensionReason.OTHER, author="canary")
    return Home(
        id=CANARY_HOME,
        person_id=CANARY_PERSON,
        area="canary",
        devices=(button,),
        zone_name=zone_name,
        suspensions=(nobody,),
    )


def is_due(last: Run | None, at: time, now_ms: int, zone_name: str) -> bool:
    """Return whether today's alarm is to be raised now: its time has come, and today has had none."""
    tz = zone(zone_name)
    today = local_date(now_ms, tz)
    if last is not None and last.day >= today:
        return False
    return now_ms >= instant_of(datetime.combine(today, at), tz)


def rang_at_ms(attempts: Sequence[Attempt], trace: Sequence[TraceLine]) -> int | None:
    """Return when the sink's phone first rang; without real calls, when the board showed the call."""
    rang = [line.at_ms for line in trace if line.what in _RANG and line.who == "resident"]
    rang += [
        one.submitted_at_ms
        for one in attempts
        if isinstance(one.effect, PlaceCall) and one.channel == _SHOWN and one.submitted_at_ms is not None
    ]
    return min(rang, default=None)


def judged(run: Run, rang_ms: int | None, now_ms: int) -> Run:
    """Return the run as it stands: rung in time, failed, or still waited for."""
    limit_ms = run.raised_at_ms + RING_LIMIT_MS
    if rang_ms is not None and rang_ms <= limit_ms:
        return msgspec.structs.replace(run, rang_at_ms=rang_ms)
    return msgspec.structs.replace(run, has_failed=now_ms > limit_ms)
