"""A register behind the pages, with two villages and clients to reach it; the roles of its clerk are a test's."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from api_console import Desk
from ledger_kit import FORM
from register_kit import GRID, RegisterRoom

from app.console_gathering import people_ports
from registry.areas import Area, AreaTree

SECRETS = ("王秀英", "高血压", "3组12号", "13800001234", FORM.id_number, "13900005678", "李梅")
"""What nobody may read of the person on file, and of the contact and child of some tests, without a reason."""

XIHE = "shuren/xihe/g1"
AREAS = (
    Area("shuren", "树人镇"),
    Area("shuren/qiaotou", "桥头村"),
    Area(GRID, "第三网格"),
    Area("shuren/xihe", "西河村"),
    Area(XIHE, "一网格"),
)


class PeopleTown:
    """A register and gathered lists, on a disk."""

    def __init__(self, folder) -> None:
        self.room = RegisterRoom(folder)
        self.threads = ThreadPoolExecutor(2)
        with self.room.truth.transaction() as unit:
            unit.entries.put_areas(AreaTree(AREAS))
        self.desk = Desk(**people_ports(self.room.truth, self.room.clock, "Asia/Shanghai", self.threads))

    def tell(self, story):
        """Return what a story with a clerk's browser gives."""
        return self._told(self.desk.clerk(), story)

    def ask(self, story):
        """Return what a story with a program gives."""
        return self._told(self.desk.program(), story)

    def close(self) -> None:
        self.threads.shutdown()
        self.room.close()

    def _told(self, opened, story):
        async def told():
            async with opened as client:
                return await story(client)

        return asyncio.run(asyncio.wait_for(told(), 60))
