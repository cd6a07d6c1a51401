"""Commands about silences: silence add, list, end; a running service takes them up at once."""

from typing import Annotated

import typer

from alerts.messages import KIND_WORDS
from alerts.silences import Silence
from app.areas import check_area
from app.cli.clerks import clerk_or_operator
from app.cli.options import Config, DataDir, Who, at_terminal, local_minute_ms, settings_of
from app.cli.records import desk_on
from app.opened import clock_of, opened_truth
from core.errors import NotFoundError
from core.ids import HomeId, derived_id
from core.localtime import from_ms, zone
from rules.findings import FindingKind

silence_app = typer.Typer(help="Silences: nobody is told for a while; never of a life hazard", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.add_typer(silence_app, name="silence")


@silence_app.command("add")
def add(
    until: Annotated[str, typer.Option(help='When it ends, local time: "2026-03-02 14:00"')],
    reason: Annotated[str, typer.Option(help="Why; it stands in the story of every alert it holds")],
    home: Annotated[str, typer.Option(help="One home, 14 days at most")] = "",
    area: Annotated[str, typer.Option(help="An area and all below it, 24 h at most")] = "",
    finding: Annotated[list[FindingKind] | None, typer.Option(help="A kind of finding; left out: all kinds")] = None,
    start: Annotated[str, typer.Option("--from", help="When it begins, local time; left out: now")] = "",
    account: Who = "",
    config: Config = None,
    data_dir: DataDir = None,
) -> None:
    """Silence a home, an area or a kind of finding for a while; what still holds at its end is told then."""
    settings = settings_of(config, data_dir)
    now_ms = clock_of(settings).now_ms()
    author = account or at_terminal()
    silence = Silence(
        id=derived_id("silence", home, area, *sorted(finding or ()), now_ms, author)[:8],
        home_id=home,
        area=area.strip("/"),
        kinds=tuple(dict.fromkeys(finding or ())),
        from_ms=local_minute_ms(start, settings.zone, where="--from") if start else now_ms,
        until_ms=local_minute_ms(until, settings.zone, where="--until"),
        author=author,
        reason=reason,
    )
    with opened_truth(settings) as truth:
        clerk_or_operator(truth, account)
        with truth.view() as unit:
            check_area(unit, silence.area, "--area")
            if home and unit.people.home(HomeId(home)) is None:
                raise NotFoundError(f"no home {home}; see: shouwang registry list")
        going_on = desk_on(truth, settings).silence(silence)
    print(_line(silence, settings.zone))
    for alert in going_on:
        print(f"  ! 已在呼叫，静默不会停止它 its calls have begun and go on: shouwang alerts ack {alert.id}")


@silence_app.command("list")
def list_silences(
    config: Config = None,
    data_dir: DataDir = None,
    everything: Annotated[bool, typer.Option("--all", help="Those that are over too")] = False,
) -> None:
    """List silences with author, reason and end."""
    settings = settings_of(config, data_dir)
    now_ms = clock_of(settings).now_ms()
    with opened_truth(settings) as truth, truth.view() as unit:
        found = unit.silences.list()
    shown = [one for one in found if everything or (one.ended_at_ms is None and now_ms < one.until_ms)]
    for silence in shown:
        print(_line(silence, settings.zone))
    print(f"{len(shown)} silences")


@silence_app.command("end")
def end(
    silence_id: str,
    config: Config = None,
    data_dir: DataDir = None,
    account: Who = "",
) -> None:
    """End a silence before its time; what it held and still holds is told at once."""
    settings = settings_of(config, data_dir)
    with opened_truth(settings) as truth:
        over = desk_on(truth, settings).end_silence(silence_id, clerk_or_operator(truth, account))
    print(_line(over, settings.zone))


def _line(silence: Silence, zone_name: str) -> str:
    tz = zone(zone_name)
    begin, until = (f"{from_ms(at_ms, tz):%m-%d %H:%M}" for at_ms in (silence.from_ms, silence.until_ms))
    whom = f"home {silence.home_id}" if silence.home_id else f"area {silence.area}" if silence.area else "everybody"
    kinds = [f"{kind} {KIND_WORDS[kind].zh}" for kind in silence.kinds]
    over = "" if silence.ended_at_ms is None else f"  已结束 ended {from_ms(silence.ended_at_ms, tz):%m-%d %H:%M}"
    about = f"{whom}  {', '.join(kinds) or 'all kinds'}"
    return f"{silence.id}  {begin}..{until}  {about}  {silence.author}: {silence.reason}{over}"
