"""What all tests share: no example is timed, and the few that take a minute or more begin first, so that at the end no core waits for one."""

import pytest
from hypothesis import HealthCheck, settings

# An example may take as long as it takes: a busy machine is slow, not wrong.
settings.register_profile("patient", settings.default, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


@pytest.hookimpl(trylast=True)  # after the order has been shuffled
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Bring the marked ones to the front; everything else stays in its random order."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)
