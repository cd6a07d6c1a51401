"""Commands of the visit ledger: list, record, fill, show, sign, correct, approve, merge; each change bears a name."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Annotated

import msgspec
import typer

from api.wording import class_words, said
from app.cli.answers import answered
from app.cli.clerks import clerk_of
from app.cli.due import visits_due
from app.cli.options import (
    Config,
    DataDir,
    PersonOption,
    Who,
    Whose,
    begun_ms,
    person_named,
    settings_of,
)
from app.ledger_due import with_credits
from app.opened import opened_book, opened_truth
from core.errors import ConfigurationError
from core.ids import VisitId
from core.localtime import from_ms, zone
from core.text import Bilingual
from registry.annex1_check import FormError
from store.truth.database import Unit
from visits.annex2 import Annex2, VisitedSignature, VisitKind
from visits.annex2_lines import lines_of
from visits.counting import MERGED, is_likely_double
from visits.model import Met, Visit
from visits.recording import Entry, sign_problems

visits_app = typer.Typer(help="The visit ledger", no_args_is_help=True)
MANY = 100_000
_OTHER_OF_DAY = Bilingual(
    "同一人当日已有同一探访人的同类记录；若是同一次，请勿签字",
    "the same visitor has another such record of the day; if it is one visit, leave this one unsigned",
)
Answers = Annotated[
    list[str],
    typer.Option(
        "--set", help="An answer of annex 2, e.g. gas=safe or gas=安全; may be given often; --set help names all"
    ),
]


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    visits_app.command("due")(visits_due)
    app.add_typer(visits_app, name="visits")


@visits_app.command("list")
def visits_list(
    config: Config = None,
    data_dir: DataDir = None,
    limit: Annotated[int, typer.Option(help="How many, newest first")] = 50,
) -> None:
    """List the ledger: each record's id, for show and correct, and what it counts for and why."""
    settings = settings_of(config, data_dir)
    with opened_book(settings) as book, book.truth.view() as unit:
        visits = sorted(unit.visits.list(limit=MANY), key=lambda visit: visit.started_at_ms, reverse=True)
        shown = [with_credits(unit, visit, book.policy) for visit in visits[:limit]]
    for visit in shown:
        print(f"{visit.id}  {visit.local_date}  {visit.person_id}  {_class(visit)}  {visit.note}")
        if visit.merged_into is not None:
            print(f"    {MERGED}: {visit.merged_into}")
        _print_credits(visit)
    print(f"{len(visits)} contacts in the ledger")


@visits_app.command()
def record(
    kind: Annotated[VisitKind, typer.Option(help="How")],
    at: Annotated[str, typer.Option(help='When it began, local time, e.g. "2024-02-03 10:00"')],
    whose: Whose = "",
    person: PersonOption = "",
    config: Config = None,
    data_dir: DataDir = None,
    met: Annotated[Met, typer.Option(help="Whom it reached")] = Met.PERSON,
    answers: Answers = [],  # noqa: B006 - typer reads it, nobody changes it
    note: Annotated[str, typer.Option(help="In your words")] = "",
    account: Who = "",
) -> None:
    """Write a visit down as a draft; it counts once it is signed."""
    settings = settings_of(config, data_dir)
    person_id, started_at_ms = person_named(whose, person), begun_ms(at, settings.zone)
    with opened_book(settings) as book:
        by = clerk_of(book.truth, account)
        entry = Entry(
            person_id=person_id,
            started_at_ms=started_at_ms,
            form=answered(_unanswered(kind, by), answers),
            met=met,
            visitor=by,
            is_registered_visitor=True,  # accounts are the township's own staff
            note=note,
        )
        with _naming_options():
            kept = book.record(entry, by)
        _print_record(kept)
        with book.truth.view() as unit:
            others = unit.visits.list(kept.person_id, kept.local_date, kept.local_date)
    for other in others:
        if is_likely_double(kept, other):
            print(f"    ! {_OTHER_OF_DAY} {other.id} {from_ms(other.started_at_ms, zone(settings.zone)):%H:%M}")


@visits_app.command()
def fill(
    visit_id: str,
    config: Config = None,
    data_dir: DataDir = None,
    answers: Answers = [],  # noqa: B006 - typer reads it, nobody changes it
    note: Annotated[str, typer.Option(help="In your words; left out: as it was")] = "",
    account: Who = "",
) -> None:
    """Fill an unsigned record's form further, an alert's too; signatures that are missing are yours, as on the page."""
    with opened_book(settings_of(config, data_dir)) as book:
        by = clerk_of(book.truth, account)
        with book.truth.view() as unit:
            old = _visit(unit, visit_id)
        if old.form is None:
            raise ConfigurationError(f"record {visit_id} has no form", where="the argument", remedy="visits unsigned")
        form = _with_signatures(answered(old.form, answers), old, by)
        _print_record(book.fill(old.id, form, by, version=old.version, note=note.strip() or None))


@visits_app.command()
def show(visit_id: str, config: Config = None, data_dir: DataDir = None) -> None:
    """Show a record with its form and every version."""
    settings = settings_of(config, data_dir)
    with opened_truth(settings) as truth, truth.view() as unit:
        visit = _visit(unit, visit_id)
        versions = unit.visits.versions(visit.id)
    _print_record(visit)
    for line in lines_of(visit.form, number=visit.number, on=visit.local_date) if visit.form else ():
        print(f"    {line.label.zh}: {line.value}")
    for fact in visit.evidence:
        print(f"    {from_ms(fact.at_ms, zone(settings.zone)):%m-%d %H:%M} {fact.text}")
    for one in versions:
        print(f"    v{one.version} {one.changed_by} {one.change_reason}")


@visits_app.command()
def unsigned(
    config: Config = None,
    data_dir: DataDir = None,
    area: Annotated[str, typer.Option(help="A town, village or grid")] = "",
) -> None:
    """List the records that wait for a signature, oldest first."""
    with opened_truth(settings_of(config, data_dir)) as truth, truth.view() as unit:
        found = unit.visits.awaiting_signature(area, MANY)
    for visit in found:
        _print_record(visit)
    print(f"{len(found)} records to sign")


@visits_app.command()
def sign(visit_id: str, config: Config = None, data_dir: DataDir = None, account: Who = "") -> None:
    """Sign a record: it gets its number and never changes again."""
    with opened_book(settings_of(config, data_dir)) as book:
        _print_record(book.sign(VisitId(visit_id), clerk_of(book.truth, account)))


@visits_app.command()
def correct(
    visit_id: str,
    reason: Annotated[str, typer.Option(help="Why")],
    config: Config = None,
    data_dir: DataDir = None,
    at: Annotated[str, typer.Option(help="When it really began; left out: as it was")] = "",
    answers: Answers = [],  # noqa: B006 - typer reads it, nobody changes it
    account: Who = "",
) -> None:
    """Write the next version of a signed record; the old one stays readable."""
    settings = settings_of(config, data_dir)
    with opened_book(settings) as book:
        with book.truth.view() as unit:
            old = _visit(unit, visit_id)
        entry = Entry(
            person_id=old.person_id,
            started_at_ms=begun_ms(at, settings.zone) if at else old.started_at_ms,
            form=answered(old.form or Annex2(kind=VisitKind.OTHER), answers),
            met=old.met,
            visitor=old.visitor,
            is_registered_visitor=old.is_registered_visitor,
            is_drill=old.is_drill,
            trip_id=old.trip_id,
            proof=old.proof,
            note=old.note,
        )
        by = clerk_of(book.truth, account)
        with _naming_options():
            corrected = book.correct(old.id, entry, by, reason=reason, version=old.version)
        _print_record(corrected)


@visits_app.command()
def approve(visit_id: str, config: Config = None, data_dir: DataDir = None, account: Who = "") -> None:
    """Let a late entry (补录) count; somebody else than who wrote it down."""
    with opened_book(settings_of(config, data_dir)) as book:
        _print_record(book.approve(VisitId(visit_id), clerk_of(book.truth, account)))


@visits_app.command()
def merge(
    visit_id: str,
    into: str,
    reason: Annotated[str, typer.Option(help="Why")],
    config: Config = None,
    data_dir: DataDir = None,
    account: Who = "",
) -> None:
    """Merge a double entry into another record; it stays readable and counts for nothing."""
    with opened_book(settings_of(config, data_dir)) as book:
        _print_record(book.merge(VisitId(visit_id), VisitId(into), clerk_of(book.truth, account), reason=reason))


@contextmanager
def _naming_options() -> Generator[None]:
    """Name the option where a record's time is refused; raises ConfigurationError."""
    try:
        yield
    except FormError as error:
        (problem, *others) = error.problems
        if problem.field != "started_at" or others:
            raise
        remedy = '写已经开始的时间 / write when it began, e.g. "2024-02-03 10:00"'
        raise ConfigurationError(str(problem.sentence), where="--at", remedy=remedy) from error


def _with_signatures(form: Annex2, visit: Visit, by: str) -> Annex2:
    """Return the form as its page does: a visitor without an account stays the visitor, who types records it."""
    visitor = visit.visitor if visit.visitor.startswith("contact:") else by
    return msgspec.structs.replace(
        form,
        visitor_signature=form.visitor_signature or visitor,
        recorder_signature=form.recorder_signature or by,
        filled_on=form.filled_on or visit.local_date,
    )


def _unanswered(kind: VisitKind, by: str) -> Annex2:
    is_remote = kind is not VisitKind.HOME
    return Annex2(
        kind=kind,
        visitor_signature=by,
        recorder_signature=by,
        visited_signature=VisitedSignature.REMOTE if is_remote else VisitedSignature.MISSING,
    )


def _print_record(visit: Visit) -> None:
    state = "merged" if visit.merged_into else "signed" if visit.signed_at_ms else "unsigned"
    number = f"第 {visit.number} 次 " if visit.number else ""
    print(f"{visit.id} v{visit.version} {state}  {visit.person_id} {visit.local_date} {number}{_class(visit)}")
    _print_credits(visit)
    for problem in sign_problems(visit) if visit.signed_at_ms is None else ():
        print(f"    ! {problem}")


def _class(visit: Visit) -> str:
    return f"{visit.contact_class} {class_words(visit).zh}"


def _print_credits(visit: Visit) -> None:
    for credit in visit.credits:
        counts = Bilingual("计入", "counts") if credit.counts else Bilingual("不计入", "not")
        duty = f"{credit.obligation} {said('obligation', credit.obligation).zh}"
        print(f"    {duty}: {counts} ({credit.clause}) {credit.why}")


def _visit(unit: Unit, visit_id: str) -> Visit:
    visit = unit.visits.get(VisitId(visit_id))
    if visit is None:
        raise ConfigurationError(f"there is no record {visit_id}", where="the argument", remedy="shouwang visits list")
    return visit
