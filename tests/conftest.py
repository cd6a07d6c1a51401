"""What all tests share: what many begin with is made once, and the few that take a minute begin first."""

import pytest
from made_once import install


@pytest.hookimpl(trylast=True)  # after the order has been shuffled
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Bring the marked ones to the front, so that at the end no core waits for one; the rest keeps its random order."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


@pytest.fixture(scope="session", autouse=True)
def _what_many_begin_with_is_made_once() -> None:
    install()
