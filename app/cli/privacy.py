"""Commands of privacy: report, export, erase, confirm, hold, release, sweep, requests; each asks for an officer."""

import hashlib
from pathlib import Path
from typing import Annotated

import typer

from app.cli.officers import Officer, officer_of
from app.cli.options import Config, DataDir, check_writable, settings_of
from app.files import DataFiles
from app.opened import clock_of, opened_truth
from app.privacy.copying import write_copy
from app.privacy.document import docx_of, markdown_of
from app.privacy.erasure import Eraser, Outcome
from app.privacy.report import report_of
from app.privacy.retention import overdue, sweep
from app.settings import Settings
from core.errors import ConfigurationError
from core.ids import PersonId
from core.localtime import from_ms, zone
from store.truth.database import Truth

privacy_app = typer.Typer(help="Privacy: report, a person's copy, erasure, holds, retention", no_args_is_help=True)

Person = Annotated[str, typer.Argument(help="The person's id")]
Reason = Annotated[str, typer.Option(help="Why; kept with the act")]


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.add_typer(privacy_app, name="privacy")


@privacy_app.command("report")
def report(
    account: Officer,
    out: Annotated[Path, typer.Option(help="A file that ends in .md or .docx")],
    config: Config = None,
    data_dir: DataDir = None,
) -> None:
    """Write the impact assessment as the settings and the data are now; it names nobody."""
    if out.suffix not in {".md", ".docx"}:
        raise ConfigurationError("it is neither .md nor .docx", where=f"--out {out}", remedy="name such a file")
    check_writable(out, where="--out")
    settings = settings_of(config, data_dir)
    with opened_truth(settings) as truth:
        by, clock = officer_of(truth, account), clock_of(settings)
        sections = report_of(truth, settings, clock, overdue(truth, settings, clock), by=by)
        content = markdown_of(sections) if out.suffix == ".md" else docx_of(sections)
        out.write_bytes(content)
        with truth.transaction() as unit:
            digest = hashlib.sha256(content).hexdigest()
            unit.audit.append(by, "privacy.reported", "privacy", out.name, clock.now_ms(), digest=digest)
    print(f"{out}: {len(sections)} sections")


@privacy_app.command("export")
def export(
    person: Person,
    account: Officer,
    out: Annotated[Path, typer.Option(help="A .zip that is not there yet")],
    config: Config = None,
    data_dir: DataDir = None,
) -> None:
    """Write everything that is kept about a person into one archive, readable by its owner only."""
    settings = settings_of(config, data_dir)
    with opened_truth(settings) as truth:
        by, files = officer_of(truth, account, person), DataFiles(settings.data_dir)
        clock = clock_of(settings)
        told = write_copy(truth, files, clock, PersonId(person), by=by, out=out, zone_name=settings.zone)
    print(f"{out}: {sum(told.rows.values())} rows of {len(told.rows)} tables, sha256 {told.sha256}")
    for one in told.left_out:
        print(f"left out: {one}")


@privacy_app.command("erase")
def erase(
    person: Person,
    account: Officer,
    reason: Reason,
    config: Config = None,
    data_dir: DataDir = None,
    ask: Annotated[bool, typer.Option("--ask", help="Ask for it; without this it is a dry run")] = False,
) -> None:
    """Show what an erasure would empty; with --ask, ask for it: another officer confirms."""
    settings = settings_of(config, data_dir)
    with opened_truth(settings) as truth:
        by, eraser = officer_of(truth, account, person), _eraser(truth, settings)
        _print(eraser.dry_run(PersonId(person)), "would be emptied")
        if ask:
            eraser.ask(PersonId(person), reason, by)
            print(f"asked for; another officer: shouwang privacy confirm {person} --as NAME, with the service stopped")
        else:
            refusal = eraser.refusal(PersonId(person))
            print(f"! 现在不得删除 / would be refused now: {refusal}" if refusal else "with --ask it is asked for")
            print("什么都没有改动 / nothing was changed")


@privacy_app.command("confirm")
def confirm(person: Person, account: Officer, config: Config = None, data_dir: DataDir = None) -> None:
    """Carry out an erasure that another officer asked for; the service is stopped meanwhile. It cannot be undone."""
    settings = settings_of(config, data_dir)
    files = DataFiles(settings.data_dir)
    files.lock()
    try:
        with opened_truth(settings) as truth:
            by = officer_of(truth, account, person)
            outcome = _eraser(truth, settings).carry_out(PersonId(person), by)
    finally:
        files.unlock()
    _print(outcome, "emptied")
    if not outcome.emptied:
        print("erased already; the files are written anew, and searched unless they were before")
    print("back-ups made before still hold the person: docs/privacy.md, Back-ups")
    if outcome.found_in_files:
        raise typer.Exit(1)


@privacy_app.command("requests")
def requests(account: Officer, config: Config = None, data_dir: DataDir = None) -> None:
    """List erasures asked for and carried out, and legal holds."""
    settings = settings_of(config, data_dir)
    tz = zone(settings.zone)
    with opened_truth(settings) as truth:
        officer_of(truth, account)
        with truth.view() as unit:
            erasures, holds = unit.privacy.erasures(), unit.privacy.holds()
    for one in erasures:
        asked = f"{from_ms(one.asked_at_ms, tz):%Y-%m-%d} {one.asked_by}"
        begun = f"begun by {one.done_by}, not ended: confirm again" if one.is_begun else "waits"
        done = begun if one.done_at_ms is None else f"done {from_ms(one.done_at_ms, tz):%Y-%m-%d} {one.done_by}"
        print(f"{one.person_id}  asked {asked}  {done}  {one.reason}".rstrip())
    for held in holds.values():
        print(f"{held.person_id}  held {from_ms(held.at_ms, tz):%Y-%m-%d} {held.by}  {held.reason}")
    print(f"{len(erasures)} erasures, {len(holds)} holds")


@privacy_app.command("hold")
def hold(person: Person, account: Officer, reason: Reason, config: Config = None, data_dir: DataDir = None) -> None:
    """Forbid a person's erasure until the hold is released."""
    settings = settings_of(config, data_dir)
    with opened_truth(settings) as truth:
        by = officer_of(truth, account, person)
        _eraser(truth, settings).hold(PersonId(person), reason, by)
    print(f"{person} is held")


@privacy_app.command("release")
def release(person: Person, account: Officer, config: Config = None, data_dir: DataDir = None) -> None:
    """Lift a hold, and withdraw an erasure that was asked for and not carried out."""
    settings = settings_of(config, data_dir)
    with opened_truth(settings) as truth:
        by = officer_of(truth, account, person)
        lifted, withdrawn = _eraser(truth, settings).release(PersonId(person), by)
    print(f"{person}: hold {'lifted' if lifted else 'none'}, request {'withdrawn' if withdrawn else 'none'}")


@privacy_app.command("sweep")
def sweep_command(
    account: Officer,
    config: Config = None,
    data_dir: DataDir = None,
    do: Annotated[
        bool, typer.Option("--do", help="Ask for the erasures and empty the rows; without it only list")
    ] = False,
) -> None:
    """List what is past its time by the settings; with --do, ask for erasures and empty refused rows of lists."""
    settings = settings_of(config, data_dir)
    with opened_truth(settings) as truth:
        by, clock = officer_of(truth, account), clock_of(settings)
        found = overdue(truth, settings, clock)
        for person_id, last in found.people:
            print(f"{person_id}  service ended {last}")
        for person_id in found.held:
            print(f"{person_id}  held")
        for gathering_id, count in found.gathered:
            print(f"{gathering_id}  {count} refused rows")
        asked, emptied = sweep(truth, found, clock, by=by) if do else (0, 0)
    print(f"{len(found.people)} people, {len(found.gathered)} lists past their time")
    if do:
        print(f"{asked} erasures asked for: another officer confirms each; {emptied} rows emptied")


def _eraser(truth: Truth, settings: Settings) -> Eraser:
    return Eraser(truth, DataFiles(settings.data_dir), clock_of(settings), settings.zone)


def _print(outcome: Outcome, word: str) -> None:
    for name, count in outcome.emptied.items():
        print(f"{name}: {count} {word}")
    for one in outcome.named_elsewhere:
        print(f"named in a record of somebody else, left as it is: {one}")
    if outcome.home_stays:
        print("somebody else lives in the home: its sensors, readings and alerts stay")
    if outcome.watching_ends:
        print("nobody watches the home any more: its sensors are taken out of the register, take them down")
    for one in outcome.found_in_files:
        print(f"still in clear in {one}: remove it by hand")
