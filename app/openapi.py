"""The API's description without a running service: the routes are the same, nothing behind them is called."""

from typing import Any, cast

from prometheus_client import CollectorRegistry

from api.application import create_app
from api.ports import Accounts, Console, PhoneCallbacks
from core.clock import Clock


def description(clock: Clock) -> dict[str, Any]:
    """Return the OpenAPI document."""
    nothing = cast("Any", None)  # describing routes calls none of them
    app = create_app(
        cast("Console", nothing),
        cast("Accounts", nothing),
        cast("PhoneCallbacks", nothing),
        CollectorRegistry(),
        now_ms=clock.now_ms,
    )
    return app.openapi()
