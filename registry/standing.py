"""How a person stands on a day: in the ledger or not, suspended, refusing, of which tier; judged from dated facts."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from enum import StrEnum

import msgspec

from core.months import HALF_YEAR, months_later
from core.text import Bilingual
from registry.people import Person, Tier, TierDecision, tier_of
from registry.standing_facts import ABSENCE_WORDS, ENDINGS, VISITING, FactKind, StandingFact, in_force

_DAY = timedelta(days=1)


class Status(StrEnum):
    """How somebody stands on a day, as the return lists it."""

    ACTIVE = "active"
    NOT_YET = "not_yet"
    SUSPENDED = "suspended"  # 不计/异动
    REFUSED = "refused"  # 自愿拒绝
    ENDED = "ended"


STATUS_WORDS = {
    Status.ACTIVE: Bilingual("在册", "in the ledger"),
    Status.NOT_YET: Bilingual("尚未建档", "not in the ledger yet"),
    Status.SUSPENDED: Bilingual("不计/异动", "suspended: not counted"),
    Status.REFUSED: Bilingual("自愿拒绝", "refused of their own will"),
    Status.ENDED: Bilingual("服务终止", "service ended"),
}


class Spell(msgspec.Struct, frozen=True, gc=False):
    """Some days in a row, both ends included; None: open on that side. `why` is shown to people."""

    from_date: date | None
    until_date: date | None
    why: Bilingual
    excuses: bool = True  # a suspension without evidence and an unsigned refusal excuse nothing
    status: Status = Status.ACTIVE

    def holds(self, day: date) -> bool:
        """Return whether the day lies in it."""
        return (self.from_date is None or self.from_date <= day) and (self.until_date is None or day <= self.until_date)

    def touches(self, from_date: date, until_date: date) -> bool:
        """Return whether any of some days, both ends included, lies in it."""
        begins_in_time = self.from_date is None or self.from_date <= until_date
        return begins_in_time and (self.until_date is None or from_date <= self.until_date)


class TierChange(msgspec.Struct, frozen=True, gc=False):
    """From a day on: another tier, set by a person or by what changed in the person's record."""

    on: date
    was: Tier | None
    tier: Tier
    reason: Bilingual
    is_override: bool


class Standing(msgspec.Struct, frozen=True, gc=False):
    """One person with their history; every question takes the day."""

    person: Person
    periods: tuple[Spell, ...]  # in the ledger; `until_date` is the last day, on which a service ended or they died
    absences: tuple[Spell, ...] = ()
    refusals: tuple[Spell, ...] = ()
    tiers: tuple[TierChange, ...] = ()

    def status_on(self, day: date) -> Status:
        """Return how the person stands; a suspension shows before a refusal."""
        if not any(period.holds(day) for period in self.periods):
            has_begun = any(one.from_date is None or one.from_date <= day for one in self.periods)
            return Status.ENDED if has_begun else Status.NOT_YET
        spell = next((one for one in (*self.absences, *self.refusals) if one.holds(day)), None)
        return Status.ACTIVE if spell is None else spell.status

    def period_at(self, day: date) -> Spell | None:
        """Return the stretch in the ledger that goes on beyond the day; None when it ended by then or is to come."""
        for one in self.periods:
            if (one.until_date is None or one.until_date > day) and (one.from_date is None or one.from_date <= day):
                return one
        return None

    def excuse_of(self, from_date: date, until_date: date) -> Spell | None:
        """Return why at least half of the days (both ends included) are excused; None when they are not."""
        spells = [one for one in (*self.absences, *self.refusals) if one.excuses and one.touches(from_date, until_date)]
        if not spells:
            return None
        days = [from_date + _DAY * number for number in range((until_date - from_date).days + 1)]
        excused = [next((one for one in spells if one.holds(day)), None) for day in days]
        named = [one for one in excused if one is not None]
        return named[-1] if 2 * len(named) >= len(days) else None

    def tier_on(self, day: date) -> TierDecision:
        """Return the tier of that day and why."""
        if not self.tiers:
            return tier_of(self.person, day)
        before = [change for change in self.tiers if change.on <= day]
        after = next((change for change in self.tiers if change.on > day), None)
        if before and (before[-1].is_override or after is not None):
            return TierDecision(before[-1].tier, before[-1].reason)
        if not before and after is not None and after.was is not None:
            why = Bilingual(f"{after.on} 变更前", f"before the change of {after.on}")
            return TierDecision(after.was, why)
        return tier_of(self.person, day)

    def re_ask_on(self, day: date) -> date | None:
        """Return when somebody who refuses visits on that day is to be asked again."""
        spell = next((one for one in reversed(self.refusals) if one.holds(day)), None)
        return None if spell is None or spell.until_date is None else spell.until_date + _DAY


def standing_of(person: Person, facts: Sequence[StandingFact] = ()) -> Standing:
    """Return how a person stands by their facts; without facts by the registry's own dates."""
    if not facts:
        return Standing(person, (_own_period(person),))
    told = in_force(list(facts))
    return Standing(
        person,
        tuple(_periods(person, told)),
        absences=tuple(_absences(told)),
        refusals=tuple(_refusals(told)),
        tiers=tuple(_tier_changes(told)),
    )


def standings_of(people: Iterable[Person], facts: Iterable[StandingFact]) -> list[Standing]:
    """Return how each person stands."""
    theirs: dict[str, list[StandingFact]] = {}
    for fact in facts:
        theirs.setdefault(fact.person_id, []).append(fact)
    return [standing_of(person, theirs.get(person.id, ())) for person in people]


_IN_LEDGER = Bilingual("在册", "in the ledger")


def _own_period(person: Person) -> Spell:
    return Spell(person.active_from, person.active_until, _IN_LEDGER)


def _periods(person: Person, facts: list[StandingFact]) -> Iterator[Spell]:
    told = [fact for fact in facts if fact.kind in {FactKind.ACTIVATED, *ENDINGS}]
    if not any(fact.kind is FactKind.ACTIVATED for fact in told):
        ends = [fact.on for fact in told] + ([person.active_until] if person.active_until else [])
        yield Spell(person.active_from, min(ends, default=None), _IN_LEDGER)
        return
    begun: date | None = person.active_from
    is_open = told[0].kind in ENDINGS  # active by the registry's own date before the first fact
    for fact in told:
        if fact.kind is FactKind.ACTIVATED:
            begun, is_open = (begun, True) if is_open else (fact.on, True)
        elif is_open:
            yield Spell(begun, fact.on, _IN_LEDGER)
            is_open = False
    if is_open:
        yield Spell(begun, None, _IN_LEDGER)


def _absences(facts: list[StandingFact]) -> Iterator[Spell]:
    told = [fact for fact in facts if fact.kind in {FactKind.SUSPENDED, FactKind.RESUMED}]
    for place, fact in enumerate(told):
        if fact.kind is FactKind.RESUMED or fact.absence is None:
            continue
        later = told[place + 1 :]  # of one day the one that was written later: home again that day leaves no day away
        home_again = next((one.on - _DAY for one in later if one.kind is FactKind.RESUMED), None)
        if home_again is not None and home_again < fact.on:
            continue
        ends = [end for end in (fact.until, home_again) if end is not None]
        words = ABSENCE_WORDS[fact.absence]
        lacking = "" if fact.evidence else "（缺凭据，仍须探访）"
        why = Bilingual(
            f"不计/异动：{words.zh}{lacking}",
            f"suspended: {words.en}{'' if fact.evidence else ' (without evidence: still due)'}",
        )
        yield Spell(fact.on, min(ends, default=None), why, bool(fact.evidence), Status.SUSPENDED)


def _refusals(facts: list[StandingFact]) -> Iterator[Spell]:
    """Yield refusals, each for half a year: then it is asked again, and until somebody has asked, the duty is back."""
    told = [f for f in facts if f.kind in {FactKind.REFUSED, FactKind.AGREED} and f.purpose == VISITING]
    for place, fact in enumerate(told):
        if fact.kind is FactKind.AGREED:
            continue
        last = months_later(fact.on, HALF_YEAR) - _DAY
        following = told[place + 1].on - _DAY if place + 1 < len(told) else last
        signed = "" if fact.is_signed else "（未签字，仍须探访）"
        why = Bilingual(f"自愿拒绝{signed}", f"refused{'' if fact.is_signed else ' (not signed: still due)'}")
        yield Spell(fact.on, min(last, following), why, fact.is_signed, Status.REFUSED)


def _tier_changes(facts: list[StandingFact]) -> Iterator[TierChange]:
    for fact in facts:
        if fact.kind is FactKind.TIER_CHANGED and fact.tier is not None:
            why = Bilingual(f"{fact.on} 变更：{fact.reason}", f"changed on {fact.on}: {fact.reason}")
            yield TierChange(fact.on, fact.was, fact.tier, why, fact.is_override)
