"""Which areas and workers there are, by the homes and people that are registered; refuses one that is none."""

import difflib
from collections.abc import Iterable

from core.errors import ConfigurationError, NotFoundError
from core.ids import ContactId
from registry.homes import ContactRole, Home
from store.truth.database import Unit


def known_areas(unit: Unit) -> set[str]:
    """Return the areas of all homes and every area above one, e.g. shuren, shuren/qiaotou, shuren/qiaotou/g3."""
    return _with_those_above(home.area for home in unit.people.homes())


def nearest_to_new(unit: Unit, home: Home) -> str | None:
    """Return the nearest known area of a home's that no other home, no account and no tree of areas has.

    None where it is known, where it is everywhere, and where there is no other area yet.
    """
    granted = (one.area for name in unit.accounts.names() for one in unit.accounts.grants(name))
    others = (one.area for one in unit.people.homes() if one.id != home.id)
    known = _with_those_above([*others, *granted, *unit.entries.areas().areas])
    return None if not home.area or not known or home.area in known else _nearest(home.area, known)


def check_area(unit: Unit, area: str, where: str) -> None:
    """Raise ConfigurationError for an area where nobody lives, with the nearest name; without homes any will do."""
    known = known_areas(unit)
    if not area or not known or area in known:
        return
    raise ConfigurationError(
        f"没有这个区域 there is no area {area!r}",
        where=where,
        remedy=f"是不是 did you mean {_nearest(area, known)}? 全部区域见 all areas: shouwang registry list",
    )


def check_worker(unit: Unit, worker: str, where: str) -> None:
    """Raise ConfigurationError for a contact id that no grid worker has, with the nearest; without any, any will do."""
    known = _workers(unit)
    if not known or _is_worker(unit, worker):
        return
    raise ConfigurationError(
        f"没有这个探访员 there is no worker {worker!r}",
        where=where,
        remedy=f"是不是 did you mean {_nearest(worker, known)}? 写联系人编号 write a contact id, as /due names them",
    )


def check_board(unit: Unit, area: str, worker: str) -> None:
    """Raise NotFoundError for a board of no area or worker that there is: it would read as nothing to do.

    It names none that there is: who asks may see a part of them only.
    """
    if area and (areas := known_areas(unit)) and area not in areas:
        raise NotFoundError(f"没有这个区域 {area} / there is no area {area}")
    if not _is_worker(unit, worker) and _workers(unit):
        raise NotFoundError(f"没有这个探访员 {worker} / there is no worker {worker}")


def _with_those_above(areas: Iterable[str]) -> set[str]:
    found: set[str] = set()
    for area in areas:
        parts = area.split("/") if area else []
        found.update("/".join(parts[:count]) for count in range(1, len(parts) + 1))
    return found


def _is_worker(unit: Unit, worker: str) -> bool:
    """Return whether a contact id is a grid worker's; empty chooses none. Who has several people has several ids."""
    found = unit.people.contact(ContactId(worker)) if worker else None
    return not worker or (found is not None and found.role is ContactRole.GRID_WORKER)


def _workers(unit: Unit) -> set[str]:
    return {one.id for one in unit.people.contacts_of_area("", {ContactRole.GRID_WORKER})}


def _nearest(text: str, known: set[str]) -> str:
    return difflib.get_close_matches(text, known, n=1, cutoff=0.0)[0]
