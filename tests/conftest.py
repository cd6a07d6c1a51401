"""What all tests share: the few that take a minute or more begin first, so that at the end no core waits for one."""

import pytest


@pytest.hookimpl(trylast=True)  # after the order has been shuffled
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Bring the marked ones to the front; everything else stays in its random order."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)
