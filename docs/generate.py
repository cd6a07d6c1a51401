"""Writes into the documents what the code knows: settings, commands, metrics, rule limits, the life of an alert."""

import sys
from pathlib import Path
from typing import Any

import msgspec
from vocabulary import vocabulary

from app.cli import every_command
from app.environment import ENV_PREFIX
from app.metric_names import METRICS
from app.settings import Settings
from rules.limit_reasons import limit_reasons
from rules.parameters import RuleParameters

DOCS = Path(__file__).parent


def settings() -> str:
    """Return a heading for each setting."""
    parts = []
    for name, field in Settings.model_fields.items():
        default = f"`{field.default}`" if str(field.default) else "empty"
        parts.append(
            f"### `{name}`\n{field.description}. Default: {default}. Environment: `{ENV_PREFIX}{name.upper()}`."
        )
    return "\n\n".join(parts)


def commands() -> str:
    """Return a heading for each command, with its options."""
    return "\n\n".join(_commands(every_command(), "shouwang"))


def metrics() -> str:
    """Return a heading for each metric."""
    return "\n\n".join(f"### `{name}`\n{text}." for name, text in METRICS.items())


def limits() -> str:
    """Return a row for each limit of a rule."""
    reasons = limit_reasons()
    rows = [
        f"| `{field.name}` | {_shown(field.name, field.default)} | {reasons.get(field.name, '')} |"
        for field in msgspec.structs.fields(RuleParameters)
    ]
    return "\n".join(["| limit | default | why |", "|---|---|---|", *rows])


SECTIONS = {
    "operations.md": {"vocabulary": vocabulary, "settings": settings, "commands": commands, "metrics": metrics},
    "rules.md": {"limits": limits},
}


def written(text: str, sections: dict[str, Any]) -> str:
    """Return a page with its generated sections renewed."""
    for name, make in sections.items():
        begin, end = f"<!-- begin {name} -->", f"<!-- end {name} -->"
        if begin not in text or end not in text:
            raise SystemExit(f"the page has no section {name}")
        head, rest = text.split(begin)
        text = f"{head}{begin}\n{make()}\n{end}{rest.split(end)[1]}"
    return text


def _commands(command: Any, path: str) -> list[str]:  # noqa: ANN401  # click commands and groups alike
    if not hasattr(command, "commands"):
        options = ", ".join(
            f"`{max(parameter.opts, key=len)}`" for parameter in command.params if parameter.name != "help"
        )
        return [f"### `{path}`\n{(command.help or '').strip()} Takes: {options or 'nothing'}."]
    return [text for name, sub in command.commands.items() for text in _commands(sub, f"{path} {name}")]


def _shown(name: str, default: int) -> str:
    if not name.endswith("_ms"):
        return str(default)
    hours = default / 3_600_000
    return f"{hours:g} h" if hours >= 1 else f"{hours * 60:g} min"


def main() -> int:
    """Renew every page; with --check only say whether one differs."""
    differs = 0
    for name, sections in SECTIONS.items():
        page = DOCS / name
        text = page.read_text("utf-8")
        fresh = written(text, sections)
        differs += fresh != text
        if "--check" not in sys.argv:
            page.write_text(fresh, "utf-8")
    return int(differs and "--check" in sys.argv)


if __name__ == "__main__":
    sys.exit(main())
