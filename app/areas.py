"""Which areas there are: those of the homes that are registered, and all above them; refuses one that is none."""

import difflib

from core.errors import ConfigurationError
from store.truth.database import Unit


def known_areas(unit: Unit) -> set[str]:
    """Return the areas of all homes and every area above one, e.g. shuren, shuren/qiaotou, shuren/qiaotou/g3."""
    found: set[str] = set()
    for home in unit.people.homes():
        parts = home.area.split("/") if home.area else []
        found.update("/".join(parts[:count]) for count in range(1, len(parts) + 1))
    return found


def check_area(unit: Unit, area: str, where: str) -> None:
    """Raise ConfigurationError for an area where nobody lives, with the nearest name; without homes any will do."""
    known = known_areas(unit)
    if not area or not known or area in known:
        return
    near = difflib.get_close_matches(area, known, n=1, cutoff=0.0)
    raise ConfigurationError(
        f"没有这个区域 there is no area {area!r}",
        where=where,
        remedy=f"是不是 did you mean {near[0]}? 全部区域见 all areas: shouwang registry list",
    )
