"""The command that says why a home rang at a minute, or why it did not: rules why."""

from typing import Annotated, Literal

import typer

from app.cli.options import Config, DataDir, local_minute_ms, settings_of
from app.cli.rulebooks import rulebook_of_settings
from app.files import DataFiles
from app.hindsight import explain_at
from core.errors import NotFoundError
from core.text import Bilingual
from rules.explaining import Explanation
from store.journal import Journal

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
