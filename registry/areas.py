"""The tree of areas as data: town, village (or community), grid; refuses an area whose parent nobody listed."""

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum

import msgspec

from core.errors import ConfigurationError

_PART = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


class AreaKind(StrEnum):
    """How deep an area lies."""

    TOWN = "town"  # 乡镇（街道）
    VILLAGE = "village"  # 村（社区）
    GRID = "grid"  # 网格


_KINDS = tuple(AreaKind)


class Area(msgspec.Struct, frozen=True):
    """One area: its path ("shuren/qiaotou/g3") and its name as people write it."""

    path: str
    name: str

    @property
    def kind(self) -> AreaKind:
        """Return the level that the path's depth gives."""
        return _KINDS[self.path.count("/")]

    @property
    def parent(self) -> str:
        """Return the path above, "" for a town."""
        return self.path.rpartition("/")[0]


class AreaTree:
    """All areas of a registry."""

    def __init__(self, areas: Iterable[Area] = ()) -> None:
        self.areas: Mapping[str, Area] = {area.path: area for area in sorted(areas, key=lambda one: one.path)}

    def name(self, path: str) -> str:
        """Return an area's own name, its path when nobody named it."""
        return self.areas[path].name if path in self.areas else path

    def full_name(self, path: str) -> str:
        """Return the names from the town down, e.g. 树人镇 桥头村 第三网格."""
        parts = path.split("/")
        return " ".join(self.name("/".join(parts[: depth + 1])) for depth in range(len(parts)))

    def shown(self, path: str) -> str:
        """Return the full name of an area that somebody named; any other path as it is."""
        return self.full_name(path) if path in self.areas else path

    def find(self, village: str, grid: str = "") -> Area | None:
        """Return the area by the names people write (a grid, else its village); None when none or several fit."""
        villages = [one for one in self.areas.values() if one.kind is AreaKind.VILLAGE and _same(one, village)]
        if len(villages) != 1:
            return None
        if not grid:
            return villages[0]
        found = [one for one in self.areas.values() if one.parent == villages[0].path and _same(one, grid)]
        return found[0] if len(found) == 1 else None

    def by_path(self, text: str) -> Area | None:
        """Return the area of a path."""
        return self.areas.get(text.strip().strip("/"))

    def grids(self, within: str = "") -> list[Area]:
        """Return the grids of an area, or all."""
        return [one for one in self.areas.values() if one.kind is AreaKind.GRID and is_within(one.path, within)]


def is_village(path: str) -> bool:
    """Return whether a path is one of a village: town/village, each part written as an area is."""
    parts = path.split("/")
    return len(parts) == len((AreaKind.TOWN, AreaKind.VILLAGE)) and all(_PART.fullmatch(part) for part in parts)


def is_within(path: str, area: str) -> bool:
    """Return whether an area is another or lies below it; everything lies below ""."""
    return not area or path == area or path.startswith(f"{area}/")


def checked_tree(areas: Iterable[Area], *, where: str) -> AreaTree:
    """Return the tree; raises ConfigurationError naming the area that is wrong."""
    tree = AreaTree(areas)
    for area in tree.areas.values():
        parts = area.path.split("/")
        if len(parts) > len(_KINDS) or not all(_PART.fullmatch(part) for part in parts):
            what = f"{area.path!r} is no area"
            raise ConfigurationError(what, where=where, remedy="write town/village/grid in a-z, 0-9, - and _")
        if area.parent and area.parent not in tree.areas:
            raise ConfigurationError(f"{area.path} stands below nothing", where=where, remedy=f"list {area.parent} too")
        if not area.name.strip():
            raise ConfigurationError(f"{area.path} has no name", where=where, remedy="write its name")
    return tree


def _same(area: Area, text: str) -> bool:
    return _short(area.name) == _short(text) or area.path.rpartition("/")[2] == text.strip().lower()


def _short(name: str) -> str:
    bare = re.sub(r"\s", "", name)
    return re.sub(r"(村委会|居委会|村民委员会|居民委员会|社区|村|网格)$", "", bare)
