"""Commands of what stands beside visits: follow-ups, facts of standing, special periods."""

from datetime import date
from typing import Annotated

import msgspec
import typer

from app.cli.clerks import clerk_of, clerk_or_operator
from app.cli.options import Config, DataDir, PersonOption, Who, Whose, person_named, settings_of
from app.ledger_due import special_periods, standing_on
from app.matters import Matters
from app.opened import opened_book
from core.errors import ConfigurationError
from core.ids import VisitId
from registry.people import Tier
from registry.standing import STATUS_WORDS
from registry.standing_facts import FACT_WORDS, VISITING, Absence, FactId, FactKind, StandingFact, in_force
from visits.follow_ups import FollowUp, FollowUpId, FollowUpKind, Step, is_overdue
from visits.special import SpecialKind, SpecialPeriod, WarningLevel

follow_ups_app = typer.Typer(help="Hazards, urgent needs and referrals until they are closed", no_args_is_help=True)
standing_app = typer.Typer(help="Dated facts of a person: suspended, refused, died, moved, tier", no_args_is_help=True)
special_app = typer.Typer(help="Special periods: festivals and extreme weather", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.add_typer(follow_ups_app, name="follow-ups")
    app.add_typer(standing_app, name="standing")
    app.add_typer(special_app, name="special")


@follow_ups_app.command("list")
def follow_ups_list(
    config: Config = None,
    data_dir: DataDir = None,
    area: Annotated[str, typer.Option(help="A town, village or grid")] = "",
) -> None:
    """List the open ones, the one due first first."""
    with opened_book(settings_of(config, data_dir)) as book, book.truth.view() as unit:
        found, today = unit.follow_ups.open_in(area), book.today()
    for one in found:
        print(f"{'! ' if is_overdue(one, today) else ''}{_line(one)}")
    print(f"{len(found)} open, {sum(is_overdue(one, today) for one in found)} overdue")


@follow_ups_app.command("open")
def follow_ups_open(
    kind: Annotated[FollowUpKind, typer.Option(help="What it is")],
    what: Annotated[str, typer.Option(help="In your words")],
    whose: Whose = "",
    person: PersonOption = "",
    config: Config = None,
    data_dir: DataDir = None,
    referred_to: Annotated[str, typer.Option(help="Of a referral: to whom")] = "",
    account: Who = "",
) -> None:
    """Open one by hand."""
    with opened_book(settings_of(config, data_dir)) as book:
        by = clerk_of(book.truth, account)
        row = Matters(book).open(person_named(whose, person), kind, what, by=by, referred_to=referred_to)
    print(_line(row))


@follow_ups_app.command("step")
def follow_ups_step(
    follow_up_id: str,
    step: Annotated[Step, typer.Option(help="What was done")],
    config: Config = None,
    data_dir: DataDir = None,
    text: Annotated[str, typer.Option(help="The outcome, or what was done")] = "",
    on: Annotated[str, typer.Option(help="Which day; left out: today")] = "",
    visit: Annotated[str, typer.Option(help="Of a welfare check: the record of the home visit")] = "",
    account: Who = "",
) -> None:
    """Take one a step further; closing needs an outcome."""
    with opened_book(settings_of(config, data_dir)) as book:
        day = _day(on, "--on") if on else book.today()
        row = Matters(book).step(
            FollowUpId(follow_up_id),
            step,
            on=day,
            by=clerk_of(book.truth, account),
            text=text,
            visit_id=VisitId(visit) if visit else None,
        )
    print(_line(row))


@standing_app.command("show")
def standing_show(
    whose: Whose = "", person: PersonOption = "", config: Config = None, data_dir: DataDir = None
) -> None:
    """Show how a person stands today, by which facts."""
    named = person_named(whose, person)
    with opened_book(settings_of(config, data_dir)) as book, book.truth.view() as unit:
        found = unit.people.person(named)
        if found is None:
            raise ConfigurationError(
                f"there is no person {named}", where="the argument", remedy="shouwang registry list"
            )
        facts, standing, today = unit.standing.of(found.id), standing_on(unit, found), book.today()
    tier = standing.tier_on(today)
    print(f"{found.id}  {STATUS_WORDS[standing.status_on(today)]}  {tier.tier}  {tier.reason}")
    kept = {fact.id for fact in in_force(facts)}
    for fact in sorted(facts, key=lambda one: (one.on, one.recorded_at_ms)):
        until = f"..{fact.until}" if fact.until else ""
        gone = "" if fact.id in kept or fact.kind is FactKind.VOIDED else "  (已更正 voided)"
        print(f"    {fact.id}  {fact.on}{until}  {FACT_WORDS[fact.kind]}  {fact.reason or fact.evidence}{gone}")


@standing_app.command("tell")
def standing_tell(
    kind: Annotated[FactKind, typer.Option(help="What happened")],
    on: Annotated[str, typer.Option(help="From which day, e.g. 2024-02-03")],
    whose: Whose = "",
    person: PersonOption = "",
    config: Config = None,
    data_dir: DataDir = None,
    until: Annotated[str, typer.Option(help="Of a suspension: its last day")] = "",
    absence: Annotated[Absence | None, typer.Option(help="Of a suspension: why")] = None,
    evidence: Annotated[str, typer.Option(help="Of a suspension: without it nothing is excused")] = "",
    purpose: Annotated[str, typer.Option(help="Of a refusal: visiting, sensors, calls, family_light")] = VISITING,
    signed: Annotated[bool, typer.Option("--signed", help="Of a refusal: it is signed")] = False,
    was: Annotated[Tier | None, typer.Option(help="Of a tier: the one before")] = None,
    tier: Annotated[Tier | None, typer.Option(help="Of a tier: the one from then on")] = None,
    reason: Annotated[str, typer.Option(help="Why")] = "",
    area: Annotated[str, typer.Option(help="Of a move: the new grid")] = "",
    voids: Annotated[str, typer.Option(help="The fact that was wrong")] = "",
    account: Who = "",
) -> None:
    """Add a fact; a wrong one is voided by another, none is ever changed."""
    fact = StandingFact(
        id=FactId(""),
        person_id=person_named(whose, person),
        kind=kind,
        on=_day(on, "--on"),
        until=_day(until, "--until") if until else None,
        absence=absence,
        evidence=evidence,
        purpose=purpose,
        is_signed=signed,
        was=was,
        tier=tier,
        is_override=kind is FactKind.TIER_CHANGED,
        reason=reason,
        area=area,
        voids=FactId(voids) if voids else None,
    )
    with opened_book(settings_of(config, data_dir)) as book:
        told = book.tell(fact, clerk_of(book.truth, account))
    print(f"{told.id}  {told.on}  {FACT_WORDS[told.kind]}")


@special_app.command("list")
def special_list(
    year: Annotated[int, typer.Argument(min=2000, max=2099)], config: Config = None, data_dir: DataDir = None
) -> None:
    """List a year's festivals and entered periods."""
    with opened_book(settings_of(config, data_dir)) as book, book.truth.view() as unit:
        found = special_periods(unit, date(year, 1, 1), date(year, 12, 31))
    for one in sorted(found, key=lambda period: period.from_date):
        print(f"{one.from_date}..{one.until_date}  {one.words}  {one.area or '*'}  {'' if one.is_open else '(shut)'}")


@special_app.command("add")
def special_add(
    period_id: Annotated[str, typer.Argument(help="Its name, e.g. storm-2024-07; the same name again changes it")],
    from_date: Annotated[str, typer.Option("--from", help="First day")],
    until_date: Annotated[str, typer.Option("--until", help="Last day")],
    config: Config = None,
    data_dir: DataDir = None,
    kind: Annotated[SpecialKind, typer.Option(help="What it is")] = SpecialKind.WEATHER,
    level: Annotated[WarningLevel | None, typer.Option(help="Of a warning; orange and red open it")] = None,
    area: Annotated[str, typer.Option(help="Where; left out: everywhere")] = "",
    title: Annotated[str, typer.Option(help="In the issuer's words")] = "",
    withdraw: Annotated[bool, typer.Option("--withdraw", help="It does not hold any more")] = False,
    account: Who = "",
) -> None:
    """Enter a special period: one contact more is recommended to everybody there."""
    period = SpecialPeriod(
        id=period_id,
        kind=kind,
        from_date=_day(from_date, "--from"),
        until_date=_day(until_date, "--until"),
        area=area,
        title=title,
        level=level,
        is_withdrawn=withdraw,
    )
    with opened_book(settings_of(config, data_dir)) as book:
        source = clerk_or_operator(book.truth, account)
        Matters(book).put_period(msgspec.structs.replace(period, source=source))
    print(f"{period.id}  {period.from_date}..{period.until_date}  {period.words}")


def _line(row: FollowUp) -> str:
    return f"{row.id}  {row.kind}  {row.state}  due {row.due_on}  {row.person_id}  {row.what}  {row.outcome}".rstrip()


def _day(text: str, where: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ConfigurationError(f"{text!r} is no day", where=where, remedy="write it as 2024-02-03") from error
