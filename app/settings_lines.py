"""Where in a settings file something stands; reads it line by line, as TOML itself keeps no lines."""

from collections.abc import Sequence


def line_of(place: Sequence[str | int], text: str) -> int:
    """Return the line of a setting, e.g. ("live_calls",) or, of the second table of a list, ("brokers", 1, "port").

    A key that a table does not have gives the table's own line; what is nowhere gives 1.
    """
    name, lines = str(place[0]) if place else "", text.splitlines()
    starts = [number for number, line in enumerate(lines, start=1) if _key_of(line) == name]
    if not starts:
        return 1
    if len(place) == 1 or not isinstance(place[1], int) or place[1] >= len(starts):
        return starts[0]
    start = starts[place[1]]
    for number, line in enumerate(lines[start:], start=start + 1):
        if line.lstrip().startswith("["):
            break
        if len(place) > 2 and _key_of(line) == str(place[2]):  # noqa: PLR2004 - name, table, key
            return number
    return start


def _key_of(line: str) -> str:
    return line.split("=", maxsplit=1)[0].split("#", maxsplit=1)[0].strip(" []\"'\t")
