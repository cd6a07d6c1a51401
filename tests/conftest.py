"""What all tests share: much is made once, no example is timed, and the few that take a minute begin first."""

import pytest
from hypothesis import HealthCheck, settings
from made_once import install

# An example may take as long as it takes: a busy machine is slow, not wrong.
settings.register_profile("search", settings.default, deadline=None, suppress_health_check=[HealthCheck.too_slow])
# And whether a change is green is no matter of luck: the same examples each time. `make test-all` looks for new ones.
settings.register_profile("gate", settings.get_profile("search"), derandomize=True)
settings.load_profile("gate")


@pytest.hookimpl(trylast=True)  # after the order has been shuffled
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Bring the marked ones to the front, so that at the end no core waits for one; the rest keeps its random order."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


@pytest.fixture(scope="session", autouse=True)
def _what_many_begin_with_is_made_once() -> None:
    install()
