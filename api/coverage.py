"""How much of what lists named has been seen at home (R15): by grid, people and households; counts, reads nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

from api.registry_views import EntryRowView
from registry.areas import AreaTree, is_within


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """One grid, or all: who is done, who is left; a household is done when everybody of it is."""

    path: str
    name: str
    people: int
    households: int
    left: tuple[EntryRowView, ...]

    @property
    def people_done(self) -> int:
        """Return how many people are accounted for."""
        return self.people - len(self.left)

    @property
    def households_done(self) -> int:
        """Return how many households are whole."""
        return self.households - len({row.household for row in self.left})

    @property
    def percent(self) -> int:
        """Return people done of a hundred, rounded down: 100 is everybody."""
        return 100 * self.people_done // self.people if self.people else 100


def coverage(rows: Sequence[EntryRowView], path: str, name: str) -> Coverage:
    """Return the coverage of some rows."""
    return Coverage(
        path=path,
        name=name,
        people=len(rows),
        households=len({row.household for row in rows}),
        left=tuple(row for row in rows if row.is_wanted or (row.verified_on is None and not row.sought)),
    )


def by_grid(rows: Sequence[EntryRowView], tree: AreaTree, within: str) -> list[Coverage]:
    """Return each grid's coverage; a grid where nobody is registered is there too."""
    paths = {row.area for row in rows} | {grid.path for grid in tree.grids(within)}
    return [
        coverage([row for row in rows if row.area == path], path, tree.full_name(path))
        for path in sorted(path for path in paths if is_within(path, within))
    ]
