"""The command that says why a home rang at a minute, or why it did not: rules why."""

from typing import Annotated, Literal

import typer

from app.cli.options import Config, DataDir, local_minute_ms, settings_of
from app.cli.rulebooks import rulebook_of_settings
from app.files import DataFiles
from core.errors import NotFoundError
from core.ids import HomeId
from core.text import Bilingual
from registry.homes import Home
from rules.engine import Engine
from rules.explaining import Explanation, explain
from rules.rulebook import Rulebook
from store.journal import Journal

READ_ENTRIES = 512
_HEADINGS = {
    "state": Bilingual("状态", "State"),
    "signs": Bilingual("最近的生命迹象", "Last signs of life"),
    "silence": Bilingual("无活动", "Silence"),
    "open": Bilingual("成立的发现", "What holds"),
    "waiting": Bilingual("若再无动静", "If nothing happens"),
}


def add_to(rules_app: typer.Typer) -> None:
    """Register the command."""
    rules_app.command()(why)


def why(
    home: Annotated[str, typer.Argument(help="The home's id: shouwang registry list")],
    at: Annotated[str, typer.Option("--at", help='A minute of local time: "2026-03-02 14:00"')],
    language: Annotated[Literal["zh", "en", "both"], typer.Option(help="zh, en or both")] = "both",
    config: Config = None,
    data_dir: DataDir = None,
) -> None:
    """Say for any minute why a home rang or did not: evidence, grades, limit, and what would have come next."""
    settings = settings_of(config, data_dir)
    files = DataFiles(settings.data_dir)
    truth = files.open_truth()
    try:
        with truth.view() as unit:
            found = next((one for one in unit.people.homes() if one.id == home), None)
    finally:
        truth.close()
    if found is None:
        raise NotFoundError(f"no home {home}; see: shouwang registry list")
    if not files.journal.exists():
        raise NotFoundError("no journal here: nothing was ever received")
    journal = Journal(files.journal)
    try:
        explanation = explain_at(
            journal, found, local_minute_ms(at, found.zone_name, where="--at"), rulebook_of_settings(settings)
        )
    finally:
        journal.close()
    _print(explanation, language)


def explain_at(journal: Journal, home: Home, at_ms: int, rules: Rulebook | None = None) -> Explanation:
    """Replay what the journal holds of a home up to a moment, deadlines included, and explain that moment."""
    engine = Engine(rules)
    engine.set_home(home)
    seq = 0
    while entries := journal.read(seq, READ_ENTRIES):
        for entry in entries:
            if entry.log_time_ms > at_ms:
                engine.on_time(at_ms)
                return explain(engine.rules_of(home.id), at_ms)
            own = [reading for reading in entry.readings if reading.home_id == home.id]
            engine.on_readings(entry.log_time_ms, own)
            if entry.is_tick:
                engine.on_time(entry.log_time_ms)
        seq = entries[-1].seq
    engine.on_time(at_ms)
    return explain(engine.rules_of(HomeId(home.id)), at_ms)


def _print(explanation: Explanation, language: str) -> None:
    for name, heading in _HEADINGS.items():
        lines: tuple[Bilingual, ...] = getattr(explanation, name)
        print(_told(heading, language))
        for line in lines or (Bilingual("无", "nothing"),):
            print(f"    {_told(line, language)}")


def _told(text: Bilingual, language: str) -> str:
    if language == "both":
        return f"{text.zh} · {text.en}"
    return text.zh if language == "zh" else text.en
