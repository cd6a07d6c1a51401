"""Areas as people write them, for every page: 树人镇 桥头村 where a record keeps shuren/qiaotou; decides nothing."""

from api.registry_ports import Register
from registry.areas import AreaTree


class Places:
    """The tree of areas as it stood when the page was asked for; a path that nobody named stays a path."""

    def __init__(self) -> None:
        self._tree = AreaTree()

    async def refresh(self, register: Register | None) -> None:
        """Read the tree again; where no register is kept, paths are shown."""
        if register is not None:
            self._tree = await register.areas()

    def __call__(self, path: str) -> str:
        """Return the full name of an area, or its path."""
        return self._tree.shown(path)
