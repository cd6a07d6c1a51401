"""What a monthly return says: the feed of records, the month before as it ended, this month so far, what is open."""

from collections.abc import Iterable, Sequence
from datetime import date

import msgspec

from core.ids import PersonId
from core.text import Bilingual
from registry.people import Tier
from registry.standing import Standing, Status
from visits.annex2 import method_words
from visits.counting import is_late_entry, why_not
from visits.eligibility import Eligibility
from visits.follow_ups import FollowUp
from visits.model import Visit
from visits.obligations import Due
from visits.policy import CountingPolicy
from visits.rate import Rate
from visits.special import SpecialPeriod


class ReturnRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One finalised record of the feed. Names and texts are personal."""

    visit_id: str
    version: int
    person_id: PersonId
    name: str
    number: int
    local_date: date
    method: str
    contact_class: str
    counts_for: tuple[str, ...]
    visitor: str
    is_late: bool  # 补录
    is_correction: bool  # an earlier version stood in an earlier return, perhaps
    reason: str
    needs: str
    why: str = ""  # of one that counts for nothing: why not


class PersonMonth(msgspec.Struct, frozen=True, kw_only=True):
    """How one person's month stands."""

    name: str
    area: str
    due: Due


class Absent(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody suspended (不计/异动) or refusing (自愿拒绝): a line of their own, never counted as visited."""

    person_id: PersonId
    name: str
    status: Status
    why: Bilingual
    re_ask_on: date | None


class RateFigure(msgspec.Struct, frozen=True):
    """月探访率 of a month."""

    contacted: int
    active: int


class ReturnContent(msgspec.Struct, frozen=True, kw_only=True):
    """A village's return as it is signed; the sheet, the page and the hash are made of this."""

    month: str
    area: str
    as_of: date
    policy_version: str
    records: tuple[ReturnRecord, ...]
    previous_month: str
    previous: tuple[PersonMonth, ...]
    previous_rate: RateFigure
    interim: tuple[PersonMonth, ...]
    interim_rate: RateFigure
    follow_ups: tuple[FollowUp, ...]
    benefits: tuple[Eligibility, ...]
    absent: tuple[Absent, ...]
    specials: tuple[SpecialPeriod, ...]


def record_of(visit: Visit, name: str, policy: CountingPolicy) -> ReturnRecord:
    """Return a record's line of the feed."""
    form = visit.form
    return ReturnRecord(
        visit_id=visit.id,
        version=visit.version,
        person_id=visit.person_id,
        name=name,
        number=visit.number,
        local_date=visit.local_date,
        method="" if form is None else method_words(form).zh,
        contact_class=visit.contact_class.value,
        counts_for=tuple(credit.obligation.value for credit in visit.credits if credit.counts),
        visitor=visit.visitor,
        is_late=is_late_entry(visit, policy),
        is_correction=bool(visit.change_reason),
        reason=visit.change_reason,
        needs="" if form is None else form.needs_text,
        why=why_not(visit),
    )


def absent_of(standings: Iterable[Standing], names: dict[PersonId, str], on: date) -> tuple[Absent, ...]:
    """Return who is suspended or refuses on a day."""
    found: list[Absent] = []
    for standing in standings:
        status = standing.status_on(on)
        if status not in {Status.SUSPENDED, Status.REFUSED}:
            continue
        spell = next(one for one in (*standing.absences, *standing.refusals) if one.holds(on))
        person_id = standing.person.id
        found.append(
            Absent(
                person_id=person_id,
                name=names.get(person_id, ""),
                status=status,
                why=spell.why,
                re_ask_on=standing.re_ask_on(on),
            )
        )
    return tuple(found)


def people_of(rows: Sequence[tuple[Standing, Due]], names: dict[PersonId, str]) -> tuple[PersonMonth, ...]:
    """Return everybody's month, key people first."""
    ordered = sorted(rows, key=lambda row: (row[1].tier is not Tier.KEY, row[0].person.area, row[1].person_id))
    return tuple(
        PersonMonth(name=names.get(due.person_id, ""), area=standing.person.area, due=due) for standing, due in ordered
    )


def figure_of(rate: Rate) -> RateFigure:
    """Return the rate's two numbers."""
    return RateFigure(rate.contacted, rate.active)
