"""Commands about the duty rota: rota import, show, who, ical; who is rung as `duty`, and when nobody is."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from alerts.service_findings import gap_sentence
from app.cli.clerks import clerk_or_operator
from app.cli.options import Config, DataDir, Who, settings_of
from app.files import DataFiles
from app.kept_file import read_text
from app.opened import clock_of, opened_truth
from app.settings import Settings
from core.errors import ConfigurationError
from core.localtime import DAY_MS, from_ms, instant_of, zone
from core.text import Bilingual
from registry.rota import Rota, Span, Spell, on_duty, spells
from registry.rota_file import parse_rota
from registry.rota_gaps import gaps
from registry.rota_ical import ical

rota_app = typer.Typer(help="The duty rota: who is on duty, and when nobody is", no_args_is_help=True)
Days = Annotated[int, typer.Option(min=1, max=366, help="How many days from now")]


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.add_typer(rota_app, name="rota")


@rota_app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="rota.toml: staff, lines with shifts, leaves, swaps, covers")],
    config: Config = None,
    data_dir: DataDir = None,
    account: Who = "",
) -> None:
    """Put a duty rota in force in place of the one before; a running service takes it up at once."""
    settings = settings_of(config, data_dir)
    rota = parse_rota(read_text(file), where=str(file))
    now_ms = clock_of(settings).now_ms()
    truth = DataFiles(settings.data_dir).open_truth()
    try:
        by = clerk_or_operator(truth, account)
        with truth.transaction() as unit:
            version = unit.rota.put(rota, at_ms=now_ms, by=by.removeprefix("account:"))
    finally:
        truth.close()
    print(f"rota v{version}: {len(rota.staff)} staff, {len(rota.lines)} lines")
    _print_gaps(rota, Span(now_ms, now_ms + 14 * DAY_MS))


@rota_app.command()
def show(config: Config = None, data_dir: DataDir = None, days: Days = 14) -> None:
    """List who holds each line from now on, hand-over by hand-over, and every gap."""
    settings = settings_of(config, data_dir)
    rota, now_ms = _rota(settings), clock_of(settings).now_ms()
    within = Span(now_ms, now_ms + days * DAY_MS)
    for line in rota.lines:
        print(f"{line.name}  {line.role}  ({rota.zone_name})")
        for spell in spells(rota, line, within):
            print(f"    {_when(rota, spell.span)}  {spell.shift or '-':10s} {_who(rota, spell)}")
    _print_gaps(rota, within)


@rota_app.command()
def who(
    config: Config = None,
    data_dir: DataDir = None,
    at: Annotated[
        str, typer.Option(help='Local time of the rota, "2026-03-02 12:00", or "12:00" of today; left out: now')
    ] = "",
) -> None:
    """Say who is on duty at a moment."""
    settings = settings_of(config, data_dir)
    rota = _rota(settings)
    now_ms = clock_of(settings).now_ms()
    at_ms = _instant(at, rota, now_ms) if at else now_ms
    print(f"{from_ms(at_ms, zone(rota.zone_name)):%Y-%m-%d %H:%M} {rota.zone_name}")
    for spell in on_duty(rota, at_ms):
        print(f"    {spell.line}  {spell.role}  {spell.shift or '-'}  {_who(rota, spell)}")


@rota_app.command("ical")
def ical_text(config: Config = None, data_dir: DataDir = None, days: Days = 60) -> None:
    """Print the rota as an iCalendar file, for calendars of the staff."""
    settings = settings_of(config, data_dir)
    now_ms = clock_of(settings).now_ms()
    print(ical(_rota(settings), Span(now_ms, now_ms + days * DAY_MS), now_ms=now_ms), end="")


def _rota(settings: Settings) -> Rota:
    with opened_truth(settings) as truth, truth.view() as unit:
        rota = unit.rota.current()
    if not rota.lines:
        raise ConfigurationError(
            "还没有值班表，无人按班次值班 there is no rota yet: nobody is on duty by it",
            where=f"data_dir {settings.data_dir}",
            remedy="按 docs/operations.md 的“Duty rota”写 rota.toml，再执行 "
            "write rota.toml as docs/operations.md shows under Duty rota, then: shouwang rota import rota.toml",
        )
    return rota


def _print_gaps(rota: Rota, within: Span) -> None:
    found = gaps(rota, within)
    for gap in found:
        print(f"! {gap_sentence(gap, rota.zone_name)}")
    print(f"{len(found)} gaps")


def _who(rota: Rota, spell: Spell) -> str:
    member = rota.member(spell.staff)
    return "无人 nobody" if member is None else f"{member.id} {member.name}".rstrip()


def _when(rota: Rota, span: Span) -> str:
    tz = zone(rota.zone_name)
    return f"{from_ms(span.from_ms, tz):%m-%d %a %H:%M} – {from_ms(span.until_ms, tz):%m-%d %a %H:%M}"


def _instant(text: str, rota: Rota, now_ms: int) -> int:
    tz = zone(rota.zone_name)
    today = f"{from_ms(now_ms, tz):%Y-%m-%d} {text}" if ":" in text and "-" not in text else text
    try:
        wall = datetime.fromisoformat(today)
    except ValueError as error:
        raise ConfigurationError(
            str(Bilingual(f"{text!r} 不是时间", f"{text!r} is no time")),
            where="--at",
            remedy=str(Bilingual('写成 "2026-03-02 12:00"，或今天的 "12:00"', 'write "2026-03-02 12:00", or "12:00"')),
        ) from error
    if wall.tzinfo is not None:
        raise ConfigurationError("it is in the rota's own time", where="--at", remedy="leave the offset out")
    return instant_of(wall, tz)
