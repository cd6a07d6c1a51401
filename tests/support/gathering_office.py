"""A register that gathers lists: planned, taken, and why a row was refused."""

from register_kit import GRID, RegisterRoom

from app.gatherer import Gatherer
from registry.areas import Area, AreaTree
from registry.gathering import Source


class GatheringOffice(RegisterRoom):
    """One village and its grid."""

    def __init__(self, folder) -> None:
        super().__init__(folder)
        self.gatherer = Gatherer(self.truth, self.clock, "Asia/Shanghai")
        with self.truth.transaction() as unit:
            unit.entries.put_areas(
                AreaTree([Area("shuren", "树人镇"), Area("shuren/qiaotou", "桥头村"), Area(GRID, "第三网格")])
            )

    def plan(self, content, source=Source.GRID, mapping=None):
        return self.gatherer.plan(content, source, mapping, where="list")

    def take(self, content, source=Source.GRID):
        return self.gatherer.take(content, source, where="list", actor="account:zhang")

    def fates(self, content, source=Source.GRID):
        return [(one.row, one.fate.value) for one in self.plan(content, source).rows]

    def why(self, content):
        """Return each refused row's reasons, and hold that nothing else came of it."""
        plan = self.plan(content)
        return {
            one.row: "；".join(f"{p.field} {p.sentence.zh}" for p in one.problems) for one in plan.rows if one.problems
        }
