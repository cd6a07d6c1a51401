"""Every contact with the people of a made-up township, good and bad records alike; what each counts for is not said."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

import msgspec

from core.ids import AlertId, VisitId, derived_id
from core.localtime import DAY_MS, HOUR_MS, MINUTE_MS, local_date, to_ms
from core.months import months_later
from device_sim.township import Plan, Resident, happens
from registry.people import Person, Tier, tier_of
from visits.annex2 import (
    Annex2,
    Condition,
    HouseholdChange,
    Illness,
    Need,
    Safety,
    VisitedSignature,
    VisitKind,
)
from visits.classing import class_of_entry
from visits.credit import ContactMade, Incident, Reached, visit_of
from visits.model import ContactClass, Met, Visit
from visits.policy import CountingPolicy
from visits.recording import NUMBERED

_DAY = timedelta(days=1)
_KINDS = (VisitKind.HOME, VisitKind.PHONE, VisitKind.PHONE, VisitKind.VIDEO, VisitKind.OTHER)
_WORKER = "account:worker"


def visits_to(resident: Resident, plan: Plan, policy: CountingPolicy, zone: ZoneInfo) -> list[Visit]:
    """Return all records of one person in the order they were signed, their numbers given in that order."""
    random = Random(f"{plan.seed}:{resident.person.id}")  # noqa: S311 - a made-up township
    made: dict[str, Visit] = {}
    for number in range(plan.months):
        month = months_later(plan.first_month, number)
        for visit in _month_of_visits(random, resident.person, month, policy, zone):
            made.setdefault(visit.id, visit)
    return list(_numbered(sorted(made.values(), key=lambda one: (one.signed_at_ms or 0, one.id))))


def _numbered(visits: list[Visit]) -> Iterator[Visit]:
    last = 0
    for visit in visits:
        bears = visit.signed_at_ms is not None and visit.contact_class in NUMBERED
        last += bears
        yield msgspec.structs.replace(visit, number=last if bears else 0)


def _month_of_visits(
    random: Random, person: Person, month: date, policy: CountingPolicy, zone: ZoneInfo
) -> Iterator[Visit]:
    last = months_later(month, 1) - _DAY
    if tier_of(person, month).tier is Tier.KEY:
        for first, until in ((month, month.replace(day=15)), (month.replace(day=16), last)):
            for _ in range(random.choices([0, 1, 2], [15, 70, 15])[0]):
                kind = VisitKind.HOME if happens(random, 90) else VisitKind.PHONE
                yield from _recorded(random, person, _moment(random, first, until, zone), kind, zone)
    else:
        for _ in range(random.choices([0, 1, 2], [12, 70, 18])[0]):
            yield from _recorded(random, person, _moment(random, month, last, zone), random.choice(_KINDS), zone)
    if happens(random, 15):
        yield _alerted(random, person, _moment(random, month, last, zone), policy, zone)
    if happens(random, 5):
        yield _monitored(random, person, last, zone)


def _moment(random: Random, first: date, until: date, zone: ZoneInfo) -> int:
    day = first + _DAY * random.randint(0, (until - first).days)
    is_at_night = happens(random, 10)  # around midnight is where dates go wrong
    hour, minute = (random.choice([0, 23]) if is_at_night else random.randint(8, 19)), random.randint(0, 59)
    return to_ms(datetime.combine(day, time(hour, minute), zone))


def _recorded(random: Random, person: Person, begun_ms: int, kind: VisitKind, zone: ZoneInfo) -> Iterator[Visit]:
    met = random.choices(list(Met), [90, 5, 5])[0]
    is_late = happens(random, 8)
    entered_ms = begun_ms + (DAY_MS * random.randint(6, 20) if is_late else HOUR_MS * random.randint(1, 40))
    is_signed, is_approved = happens(random, 98), happens(random, 50)
    row = Visit(
        id=VisitId(derived_id("township", person.id, begun_ms, kind)),
        person_id=person.id,
        contact_class=class_of_entry(kind, met),
        started_at_ms=begun_ms,
        local_date=local_date(begun_ms, zone),
        visitor=_WORKER,
        is_registered_visitor=happens(random, 97),
        is_form_complete=happens(random, 97),
        is_drill=happens(random, 1),
        area=person.area,
        is_draft=not is_signed,
        entered_at_ms=entered_ms,
        entered_on=local_date(entered_ms, zone),
        entered_by=_WORKER,
        signed_by=_WORKER if is_signed else "",
        signed_at_ms=entered_ms if is_signed else None,
        reviewed_by=_WORKER if is_signed and kind is VisitKind.REMOTE_MONITORING else "",
        approved_by="account:supervisor" if is_late and is_approved else "",
        approved_at_ms=entered_ms + DAY_MS if is_late and is_approved else None,
        met=met,
        form=_form(random, kind, local_date(begun_ms, zone)),
    )
    yield row
    if happens(random, 3):  # told a second time: within half an hour it is the same visit
        begun_again_ms = begun_ms + random.choice([1, 29, 30, 31, 45]) * MINUTE_MS
        yield msgspec.structs.replace(
            row,
            id=VisitId(derived_id("again", row.id)),
            started_at_ms=begun_again_ms,
            local_date=local_date(begun_again_ms, zone),
            is_form_complete=happens(random, 50),
            merged_into=row.id if happens(random, 30) else None,
        )


def _alerted(random: Random, person: Person, opened_ms: int, policy: CountingPolicy, zone: ZoneInfo) -> Visit:
    contacts = [
        ContactMade(
            reached=random.choice(list(Reached)),
            at_ms=opened_ms + MINUTE_MS * random.randint(1, 90),
            by=random.choice([_WORKER, "contact:child", ""]),
            is_registered_visitor=happens(random, 70),
            is_form_complete=happens(random, 70),
        )
        for _ in range(random.randint(0, 4))
    ]
    incident = Incident(
        alert_id=AlertId(derived_id("alert", person.id, opened_ms)),
        person_id=person.id,
        opened_at_ms=opened_ms,
        contacts=tuple(contacts),
        is_drill=happens(random, 5),
    )
    row = visit_of(incident, person, policy, zone)
    signed_ms = row.started_at_ms + HOUR_MS * random.choice([1, 20, 72, 73, 200])
    if happens(random, 20):
        return msgspec.structs.replace(row, credits=(), policy_version="")
    needs_review = row.contact_class is ContactClass.C4A_REMOTE_CONFIRMED_CALL
    return msgspec.structs.replace(
        row,
        credits=(),
        policy_version="",
        signed_by=_WORKER,
        signed_at_ms=signed_ms,
        reviewed_by=_WORKER if needs_review else "",
        reviewed_at_ms=signed_ms if needs_review else None,
    )


def _monitored(random: Random, person: Person, last: date, zone: ZoneInfo) -> Visit:
    ended_ms = to_ms(datetime.combine(last, time(23, 59), zone))
    signed_ms = ended_ms + HOUR_MS * random.choice([9, 30, 90])
    return Visit(
        id=VisitId(derived_id("monitored", person.id, last.isoformat())),
        person_id=person.id,
        contact_class=ContactClass.C4B_REMOTE_CONFIRMED_MONTH,
        started_at_ms=ended_ms,
        local_date=last,
        is_form_complete=True,
        area=person.area,
        signed_by=_WORKER,
        signed_at_ms=signed_ms,
        reviewed_by=_WORKER,
        reviewed_at_ms=signed_ms,
        form=Annex2(kind=VisitKind.REMOTE_MONITORING, visited_signature=VisitedSignature.REMOTE),
    )


def _form(random: Random, kind: VisitKind, on: date) -> Annex2:
    if kind is not VisitKind.HOME:
        return Annex2(
            kind=kind,
            other_method="路遇" if kind is VisitKind.OTHER else "",
            expression=Condition.UNCHANGED,
            visitor_signature=_WORKER,
            recorder_signature=_WORKER,
            visited_signature=VisitedSignature.REMOTE,
            filled_on=on,
        )
    poor = happens(random, 3)
    return Annex2(
        kind=kind,
        household=HouseholdChange.UNCHANGED,
        expression=Condition.UNCHANGED,
        movement=Condition.POOR if poor else Condition.UNCHANGED,
        illness=Illness.UNCHANGED,
        mood=random.choice([Condition.UNCHANGED, Condition.GOOD]),
        gas=Safety.UNSAFE if happens(random, 1) else Safety.SAFE,
        water_heating=Safety.SAFE,
        electricity=Safety.FAIRLY_SAFE,
        personal_hygiene=Condition.UNCHANGED,
        home_hygiene=Condition.UNCHANGED,
        indoors=Condition.UNCHANGED,
        needs=frozenset({random.choice(list(Need))}) if happens(random, 3) else frozenset(),
        visitor_signature=_WORKER,
        visited_signature=VisitedSignature.SIGNED,
        recorder_signature=_WORKER,
        filled_on=on,
        is_annex1_confirmed=happens(random, 10),
    )
