"""The command that says why a home rang at a minute, or why it did not: rules why."""

from typing import Annotated, Literal

import typer

from app.cli.options import Config, DataDir, local_minute_ms, settings_of
from app.cli.rulebooks import registered_home, rulebook_of_settings
from app.files import DataFiles
from app.hindsight import explain_at
from core.clock import SystemClock
from core.errors import ConfigurationError, NotFoundError
from core.localtime import DAY_MS, from_ms, zone
from core.text import Bilingual
from rules.explaining import Explanation
from store.journal import Journal

LONGEST_PAST_END_MS = DAY_MS
"""A service that runs writes at least its nightly lessons; later than this nobody was listening."""

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
    at: Annotated[str, typer.Option("--at", help='A minute of local time: "2026-03-02 14:00"; default: now')] = "",
    language: Annotated[Literal["zh", "en", "both"], typer.Option(help="zh, en or both")] = "both",
    config: Config = None,
    data_dir: DataDir = None,
) -> None:
    """Say for any minute why a home rang or did not: evidence, grades, limit, and what would have come next."""
    settings = settings_of(config, data_dir)
    found = registered_home(settings, home)
    at_ms = local_minute_ms(at, found.zone_name, where="--at") if at else SystemClock().now_ms()
    rulebook = rulebook_of_settings(settings)
    files = DataFiles(settings.data_dir)
    if not files.journal.exists():
        raise NotFoundError("no journal here: nothing was ever received")
    journal = Journal(files.journal)
    try:
        _check_known(journal.last()[1], at_ms, found.zone_name)
        explanation = explain_at(journal, found, at_ms, rulebook)
    finally:
        journal.close()
    _print(explanation, language)


def _check_known(last_ms: int, at_ms: int, zone_name: str) -> None:
    if last_ms and at_ms > last_ms + LONGEST_PAST_END_MS:
        last = f"{from_ms(last_ms, zone(zone_name)):%Y-%m-%d %H:%M}"
        raise ConfigurationError(
            f"the journal ends on {last}, nothing is known of later days", where="--at", remedy="name an earlier minute"
        )


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
