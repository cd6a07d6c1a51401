"""Commands of the register of people: registry areas, people, history, due, snapshot; ids and masked names only."""

import tomllib
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from api.masking import masked_name
from app.cli.options import Config, DataDir, at_terminal, settings_of
from app.cli.registry import registry_app
from app.files import DataFiles
from app.kept_file import read_text
from app.opened import clock_of, opened_truth
from app.register import Register
from core.errors import ConfigurationError
from core.localtime import from_ms, zone
from registry.areas import Area, checked_tree
from registry.changes import changes
from registry.entries import is_ended, is_waiting, needs_help_measure, obstacles
from registry.people import tier_of
from registry.refresh import STAGE_WORDS, DueStage, next_review, stage

InArea = Annotated[str, typer.Option("--area", help="town/village/grid; default: all")]


def add_to(app: typer.Typer) -> None:
    """Register the commands beside those of homes."""
    _ = app
    registry_app.command("areas")(areas)
    registry_app.command("people")(people)
    registry_app.command("history")(history)
    registry_app.command("due")(due)
    registry_app.command("snapshot")(snapshot)


def areas(
    file: Annotated[Path | None, typer.Argument(help='TOML: \\[areas] with "town/village/grid" = "name"')] = None,
    config: Config = None,
    data_dir: DataDir = None,
) -> None:
    """List the tree of areas, or replace it by a file's."""
    settings = settings_of(config, data_dir)
    if file is not None:
        tree = checked_tree(_areas_of(file), where=str(file))
        truth = DataFiles(settings.data_dir).open_truth()
        try:
            with truth.transaction() as unit:
                unit.entries.put_areas(tree)
                now_ms = clock_of(settings).now_ms()
                unit.audit.append(at_terminal(), "areas.replaced", "areas", file.name, now_ms)
        finally:
            truth.close()
    with opened_truth(settings) as truth, truth.view() as unit:
        known = unit.entries.areas()
    for one in known.areas.values():
        print(f"{one.path}  {one.kind}  {one.name}")
    print(f"{len(known.areas)} areas")


def people(config: Config = None, data_dir: DataDir = None, area: InArea = "") -> None:
    """List people with tier, service, what stands in its way, and their refresh; names are masked."""
    with _register(config, data_dir) as register:
        today, found = register.today(), register.all(area)
    for one in found:
        person = one.person
        state = "waiting" if is_waiting(person) else "ended" if is_ended(person, today) else "active"
        stands = f"v{one.entry.version}" if one.entry.version else "no entry"
        near = STAGE_WORDS[stage(one.entry.verified_on, today)]
        tier = tier_of(person, today).tier
        print(f"{person.id}  {masked_name(person.name)}  {person.area}  {tier}  {state}  {stands}  {near}")
        for sentence in obstacles(one, today):
            print(f"    ! {sentence}")
        if needs_help_measure(one):
            print("    ! 失能，尚无帮扶措施（R7） / incapacitated and no help measure (R7)")
    print(f"{len(found)} people")


def history(person_id: str, config: Config = None, data_dir: DataDir = None) -> None:
    """List the versions of one person's entry: who, when, why, which fields; what personal fields held is not shown."""
    settings = settings_of(config, data_dir)
    tz = zone(settings.zone)
    with _register(config, data_dir) as register:
        versions = register.versions(person_id, at_terminal())
        today = register.today()
    before = None
    for one in versions:
        marks = f"  [{', '.join(one.marks)}]" if one.marks else ""
        at = from_ms(one.at_ms, tz).strftime("%Y-%m-%d %H:%M:%S")
        print(f"v{one.version}  {at}  {one.actor}  {one.action}{marks}")
        for change in changes(before, one.filed, today):
            shown = "(…)" if change.is_personal else f"{change.old.zh or '—'} → {change.new.zh or '—'}"
            print(f"    {change.label}: {shown}")
        before = one.filed
    print(f"{len(versions)} versions")


def due(config: Config = None, data_dir: DataDir = None, area: InArea = "") -> None:
    """List whose entry is to be refreshed: overdue, within 7, 14 or 30 days, and never verified (R18)."""
    with _register(config, data_dir) as register:
        today = register.today()
        rows = [(stage(one.entry.verified_on, today), one) for one in register.all(area)]
    counts = dict.fromkeys(DueStage, 0)
    for near, one in sorted(rows, key=lambda row: list(DueStage).index(row[0])):
        counts[near] += 1
        if near is not DueStage.LATER:
            by = next_review(one.entry.verified_on)
            print(f"{STAGE_WORDS[near]}  {'—' if by is None else by}  {one.person.id}  {one.person.area}")
    print(", ".join(f"{near} {count}" for near, count in counts.items()))


def snapshot(config: Config = None, data_dir: DataDir = None) -> None:
    """Keep the ledger as it stands for the last 06-30 or 12-31, unless that is kept; list what is kept."""
    with _register(config, data_dir) as register:
        taken = register.take_due_snapshot(at_terminal())
        kept = register.snapshots()
    print("nothing was due" if taken is None else f"taken: {taken.day}")
    for one, is_whole in kept:
        print(f"{one.day}  {one.people} people  {one.sha256[:16]}  {'whole' if is_whole else 'CHANGED SINCE'}")


@contextmanager
def _register(config: Path | None, data_dir: Path | None) -> Generator[Register]:
    settings = settings_of(config, data_dir)
    with opened_truth(settings) as truth:
        yield Register(truth, clock_of(settings), settings.zone)


def _areas_of(file: Path) -> list[Area]:
    try:
        table = tomllib.loads(read_text(file)).get("areas", {})
    except tomllib.TOMLDecodeError as error:
        remedy = 'write [areas] and lines such as "shuren/qiaotou" = "桥头村"'
        raise ConfigurationError(f"cannot be read: {error}", where=str(file), remedy=remedy) from error
    return [Area(str(path), str(name)) for path, name in table.items()]
