"""What has been kept as long as the settings say: listed first, and only listed; a person is erased by two officers."""

from datetime import date, timedelta

import msgspec

from app.settings import Settings
from core.clock import Clock
from core.ids import PersonId
from core.localtime import local_date, zone
from core.months import months_later
from registry.standing import Status, standings_of
from store.truth.database import Truth, Unit
from store.truth.privacy import Erasure

MONTHS_OF_YEAR = 12


class Overdue(msgspec.Struct, frozen=True, kw_only=True):
    """What is past its time."""

    people: tuple[tuple[PersonId, date], ...]  # each with the last day of service
    held: tuple[PersonId, ...]  # of these, whom a legal hold keeps
    gathered: tuple[tuple[str, int], ...]  # lists, each with how many refused rows still say what they said


def overdue(truth: Truth, settings: Settings, clock: Clock) -> Overdue:
    """Return what is past its time today."""
    today = local_date(clock.now_ms(), zone(settings.zone))
    with truth.view() as unit:
        gone = {one.person_id for one in unit.privacy.erasures() if one.is_begun}
        holds = unit.privacy.holds()
        ended = [
            (person_id, last)
            for person_id, last in _ended(unit, today)
            if person_id not in gone and months_later(last, MONTHS_OF_YEAR * settings.retention_years) < today
        ]
        before_ms = clock.now_ms() - int(timedelta(days=settings.gathered_days).total_seconds()) * 1000
        gathered = unit.privacy.refused_rows(before_ms)
    return Overdue(
        people=tuple(one for one in ended if one[0] not in holds),
        held=tuple(person_id for person_id, _ in ended if person_id in holds),
        gathered=tuple(sorted(gathered.items())),
    )


def sweep(truth: Truth, found: Overdue, clock: Clock, *, by: str) -> tuple[int, int]:
    """Ask for the erasure of everybody past their time, and empty refused rows; return how many of each.

    People wait for a second officer; rows of lists that never became anybody need none.
    """
    now_ms, asked, emptied = clock.now_ms(), 0, 0
    with truth.transaction() as unit:
        for person_id, last in found.people:
            if unit.privacy.erasure_of(person_id) is None:
                reason = f"保存期满，服务终止于 {last} / kept long enough"
                unit.privacy.ask(Erasure(person_id=person_id, asked_by=by, asked_at_ms=now_ms, reason=reason))
                unit.audit.append(by, "erasure.asked", person_id, "", now_ms)
                asked += 1
        for gathering_id, _ in found.gathered:
            emptied += unit.privacy.empty_refused(gathering_id)
            unit.audit.append(by, "gathering.emptied", gathering_id, "", now_ms)
    return asked, emptied


def _ended(unit: Unit, today: date) -> list[tuple[PersonId, date]]:
    found: list[tuple[PersonId, date]] = []
    for standing in standings_of(unit.people.unnamed_persons(), unit.standing.all()):
        lasts = [one.until_date for one in standing.periods if one.until_date is not None]
        if standing.status_on(today) is Status.ENDED and lasts:
            found.append((standing.person.id, max(lasts)))
    return found
