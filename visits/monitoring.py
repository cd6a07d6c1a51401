"""A month of monitoring (C4b): which days were covered, whether they make a digest, and its unsigned record."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec

from core.errors import ConflictError
from core.ids import PersonId, VisitId, derived_id
from core.localtime import MINUTE_MS, instant_of
from core.text import Bilingual
from registry.people import Person
from visits.annex2 import Annex2, VisitedSignature, VisitKind
from visits.counting import credited
from visits.model import ContactClass, EvidenceLine, Visit
from visits.policy import CountingPolicy
from visits.windows import Window

DAY_MIN = 1440
COVERED_SHARE = 0.9
"""A day is covered when at least nine tenths of its minutes were seen (policy B3, C4b and case 20) ..."""

LEAST_LIFE_SIGNS = 1
"""... and somebody gave a sign of life."""

LEAST_DAYS = 20


class MonitoredDay(msgspec.Struct, frozen=True):
    """One local day: minutes seen (None: nothing would have noticed silence) and signs of life."""

    day: date
    seen_min: int | None
    life_signs: int
    length_min: int = DAY_MIN  # of a day on which clocks change: 1380 or 1500


def is_covered(day: MonitoredDay) -> bool:
    """Return whether the day was covered."""
    is_seen = day.seen_min is not None and day.seen_min >= COVERED_SHARE * day.length_min
    return is_seen and day.life_signs >= LEAST_LIFE_SIGNS


def covered_days(days: Iterable[MonitoredDay], month: Window) -> list[date]:
    """Return the covered days of a month, in order."""
    return sorted({one.day for one in days if month.holds(one.day) and is_covered(one)})


def is_monitored_month(visit: Visit) -> bool:
    """Return whether a record was made as that of a monitored month, whatever it was corrected to since."""
    return visit.id == _id_of(visit.person_id, visit.local_date.replace(day=1))


def monitored_month(
    person: Person, days: Iterable[MonitoredDay], month: Window, policy: CountingPolicy, zone: ZoneInfo
) -> Visit:
    """Return the record of a monitored month, unsigned: it counts only if the town lets it and staff sign it.

    Its date is the month's last day. Raises ConflictError when too few days were covered.
    """
    covered = covered_days(days, month)
    if len(covered) < LEAST_DAYS:
        found = len(covered)
        raise ConflictError(
            f"监测覆盖仅 {found} 天，不足 {LEAST_DAYS} 天 / only {found} days covered, {LEAST_DAYS} are needed"
        )
    midnight = month.until_date + timedelta(days=1)
    ended_ms = instant_of(datetime.combine(midnight, time()), zone)
    digest = Bilingual(
        f"本月监测覆盖 {len(covered)} 天（{covered[0]} 至 {covered[-1]}）",
        f"{len(covered)} days of the month were covered, {covered[0]} to {covered[-1]}",
    )
    visit = Visit(
        id=_id_of(person.id, month.from_date),
        person_id=person.id,
        contact_class=ContactClass.C4B_REMOTE_CONFIRMED_MONTH,
        started_at_ms=ended_ms - MINUTE_MS,
        local_date=month.until_date,
        is_form_complete=True,
        area=person.area,
        form=Annex2(kind=VisitKind.REMOTE_MONITORING, visited_signature=VisitedSignature.REMOTE),
        evidence=(EvidenceLine(ended_ms - MINUTE_MS, digest),),
        note=str(digest),
    )
    return credited(visit, person, policy)


def _id_of(person_id: PersonId, first: date) -> VisitId:
    return VisitId(derived_id("monitored", person_id, first.isoformat()))
