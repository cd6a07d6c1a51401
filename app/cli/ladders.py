"""Commands about ladders: ladder explain, ladder check; they read, ring nobody, and change nothing."""

import difflib
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from alerts.ladder_book import LadderBook
from alerts.ladder_file import built_in_ladders
from alerts.ladder_plan import How, Plan, PlannedStep, Reach, Rung, plan_of
from alerts.situation import RESIDENT, ROLE_WORDS, Situation
from api.masking import masked_name
from app.cli.options import Config, DataDir, local_minute_ms, settings_of
from app.files import DataFiles
from app.ladder_files import read_ladders
from app.lines import Lines
from app.settings import Settings
from app.situations import situation_of
from core.clock import SystemClock
from core.errors import NotFoundError
from core.localtime import from_ms, zone
from core.text import Bilingual
from registry.homes import Contact, Home
from registry.people import Person
from rules.findings import FindingKind, Priority
from rules.raising import usual_priority
from store.truth.database import Unit

ladder_app = typer.Typer(help="Ladders: who is rung when, in which order", no_args_is_help=True)
NO_CHANNEL = Bilingual("没有可用的通道", "no channel is set up for this number")


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.add_typer(ladder_app, name="ladder")


@ladder_app.command("explain")
def explain(
    person: Annotated[str, typer.Argument(help="The person's or the home's id: shouwang registry list")],
    finding: Annotated[FindingKind, typer.Option(help="The kind of finding")] = FindingKind.INACTIVITY,
    at: Annotated[str, typer.Option("--at", help='A minute of local time: "2026-03-02 02:00"; left out: now')] = "",
    priority: Annotated[int | None, typer.Option(min=0, max=3, help="0 to 3; left out: the kind's own")] = None,
    config: Config = None,
    data_dir: DataDir = None,
) -> None:
    """Print who would be rung when, by which channel, from which table, and who is left out and why; rings nobody."""
    settings = settings_of(config, data_dir)
    truth = DataFiles(settings.data_dir).open_truth()
    try:
        with truth.view() as unit:
            home = _home_of(unit, person)
            now_ms = local_minute_ms(at, home.zone_name, where="--at") if at else SystemClock().now_ms()
            silences = [
                one for one in unit.silences.list() if one.ended_at_ms is None and one.is_about(home.id, home.area)
            ]
            situation = msgspec.structs.replace(situation_of(unit, None, home, now_ms), silences=tuple(silences))
            resident = None if home.person_id is None else unit.people.person(home.person_id)
    finally:
        truth.close()
    with _reach_of(settings, resident) as reach:
        plan = plan_of(
            _book_of(settings),
            situation,
            priority=usual_priority(finding) if priority is None else Priority(priority),
            kind=finding,
            reach=reach,
            now_ms=now_ms,
        )
    _print_plan(plan, situation, resident, now_ms)


@ladder_app.command("check")
def check(
    file: Annotated[Path, typer.Argument(help="The town's ladders: ladders.toml")],
    config: Config = None,
    data_dir: DataDir = None,
) -> None:
    """Say whether a file of ladders can be used, what each table changes, and which are for nobody registered."""
    book = read_ladders(file)
    stamp = book.stamp
    print(f"ok  ladders v{stamp.version} since {stamp.changed_at} by {stamp.changed_by}: {stamp.why}")
    print(f"    夜间 night {book.night[0]:%H:%M}-{book.night[1]:%H:%M}")
    for entry in book.entries:
        if not entry.is_built_in:
            steps = "" if entry.patch.steps is None else f"{len(entry.patch.steps)} steps "
            print(f"  {entry.name:36s}{steps}" + ", ".join(_fields(entry.patch)))
    for told in _for_nobody(book, settings_of(config, data_dir)):
        print(f"  ! {told}")


def _for_nobody(book: LadderBook, settings: Settings) -> list[Bilingual]:
    """Return what is wrong with tables for people and areas that are not registered; nothing before the first home."""
    homes = DataFiles(settings.data_dir).homes()
    people, areas = {home.person_id or "" for home in homes}, {f"{home.area}/" for home in homes}
    told: list[Bilingual] = []
    for scope in dict.fromkeys(entry.scope for entry in book.entries if homes):
        if scope.person and scope.person not in people:
            near = difflib.get_close_matches(scope.person, people, 1)
            meant = Bilingual(f"，是不是 {near[0]}", f"; is {near[0]} meant") if near else Bilingual("", "")
            told.append(
                Bilingual(
                    f"[person.{scope.person}] 没有登记这个人（写编号，不写姓名）{meant.zh}",
                    f"nobody is registered as {scope.person} (write the id, not a name){meant.en}: "
                    "shouwang registry list",
                )
            )
        if scope.area and not any(area.startswith(f"{scope.area}/") for area in areas):
            told.append(
                Bilingual(f'[area."{scope.area}"] 没有登记的家庭', f"no home is registered in the area {scope.area}")
            )
    return told


def _fields(patch: object) -> list[str]:
    names = ("ack_deadline_s", "loop_from", "loop_after_s", "rounds")
    return [f"{name} {getattr(patch, name)}" for name in names if getattr(patch, name) is not None]


def _book_of(settings: Settings) -> LadderBook:
    return read_ladders(settings.file_named_by("ladders_file")) if settings.ladders_file else built_in_ladders()


def _home_of(unit: Unit, person_or_home: str) -> Home:
    for home in unit.people.homes():
        if person_or_home in {home.id, home.person_id}:
            return home
    known = [one for home in unit.people.homes() for one in (home.person_id, home.id) if one]
    near = "".join(f"; is {one} meant?" for one in difflib.get_close_matches(person_or_home, known, 1))
    raise NotFoundError(f"没有这个人或家庭 / no person and no home {person_or_home}{near}; see: shouwang registry list")


@contextmanager
def _reach_of(settings: Settings, resident: Person | None) -> Generator[Callable[[Contact | None, How], Reach]]:
    """Give what says by which channel the dispatcher would reach somebody first, if all providers are well."""
    lines = Lines(settings, settings.base_url)
    channels = {channel.name: channel for channel in lines.channels}

    def reach(who: Contact | None, how: How) -> Reach:
        number = who.phone if who is not None else "" if resident is None else resident.phone
        refusal = NO_CHANNEL
        for name in lines.routes.channels(number, is_call=how == "call"):
            if name in channels:
                refused = channels[name].refuses(number)
                if refused is None:
                    return Reach(name)
                refusal = refused
        return Reach("", refusal)

    try:
        yield reach
    finally:
        lines.close()


def _print_plan(plan: Plan, situation: Situation, resident: Person | None, now_ms: int) -> None:
    print(f"阶梯 ladder: {plan.policy}")
    for field, source in plan.sources.items():
        print(f"    {field:16s}{source}")
    end = "直到有人接手 until a human owns it" if plan.rounds == 0 else f"{plan.rounds} 轮 rounds, then every 4 h"
    print(f"    接手后 {plan.ack_deadline_s // 60} 分钟内报告 an owner reports within {plan.ack_deadline_s // 60} min")
    for one in plan.silenced:
        print(f"  ! 静默中，暂不通知 nobody is told: {_both(one.reason)}；{_both(one.ends_with)}")
    tz = zone(situation.zone_name)
    shown_round = -1
    for step in plan.steps:
        if step.round != shown_round:
            shown_round = step.round
            print(f"第 {step.round + 1} 轮 round {step.round + 1}" + ("" if step.round == 0 else f"（{end}）"))
        _print_step(
            step, resident, offset_s=(step.at_ms - now_ms) // 1000, local=f"{from_ms(step.at_ms, tz):%m-%d %H:%M:%S}"
        )
    if not any(step.is_taken for step in plan.steps):
        print("  ! 没有可呼叫的人：警报留在值班台 nobody can be reached: the alert stays on the board")


def _print_step(step: PlannedStep, resident: Person | None, *, offset_s: int, local: str) -> None:
    stage = "询问本人 ask the resident" if step.stage == "resident" else "通知他人 tell others"
    passed = "" if step.is_taken else "  → 无人可呼，跳过 reaches nobody: passed over"
    print(f"  {local}  +{offset_s // 60}:{offset_s % 60:02d}  {stage}{passed}")
    for rung in step.rungs:
        how = "呼叫 call" if rung.how == "call" else "短信 sms"
        said = f"{how} {rung.target} = {_who(rung, resident)}"
        if rung.skipped is None:
            print(f"      {said}  [{rung.channel}]")
        else:
            print(f"    - {said}  跳过 skipped: {_both(rung.skipped)}")


def _who(rung: Rung, resident: Person | None) -> str:
    if rung.who is not None:
        return f"{masked_name(rung.who.name)} {_both(ROLE_WORDS[rung.who.role])}".strip()
    if rung.target in {"resident", "all"}:
        return f"{masked_name('' if resident is None else resident.name)} {_both(RESIDENT)}".strip()
    return "无 nobody"


def _both(text: Bilingual) -> str:
    return f"{text.zh} {text.en}"
