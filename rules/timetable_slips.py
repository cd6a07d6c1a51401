"""What is wrong with the shape of a user's timetable, and what to write instead; reads no file."""

from collections.abc import Sequence

from pydantic_core import ErrorDetails

from core.toml_source import TomlSource
from registry.homes import DeviceRole
from rules.limit_values import nearest

_SHOWN = "docs/rules.md shows a timetable"
_SHAPES = {
    "list_type": 'write a list: ["09:00 kitchen motion"]',
    "string_type": "write text in quotes",
    "dict_type": "write a table",
}


def note(source: TomlSource, first: ErrorDetails, known: Sequence[str]) -> None:
    """Note what is wrong with the shape of a timetable; `known` are the names that mean something in one."""
    path = tuple(step for step in first["loc"] if step not in {"[key]", "str", "list[str]"})
    name = str(path[-1]) if path else ""
    match first["type"]:
        case "limit":
            context = first.get("ctx", {})
            source.note(context["what"], path, context["remedy"])
        case "extra_forbidden":
            source.note(f"{name} means nothing here", path, nearest(name, known, _SHOWN))
        case "missing":
            source.note(f"{name} is missing", path, f"add {name}; {_SHOWN}")
        case shape if shape in _SHAPES:
            field = next((str(step) for step in reversed(path) if isinstance(step, str)), "")
            source.note(f"{field}: {_SHAPES[shape]}", path, _SHOWN)
        case "enum":
            source.note(f"there is no such {name}", path, f"use one of {', '.join(DeviceRole)}")
        case _:
            source.note(f"{name}: {first['msg']}", path, _SHOWN)
