"""Imported where processes are forked from: one request lets the application work out its routes, once for all.

What each route needs is worked out at its first request, which is a third of a second in every life of a service.
"""

import asyncio

import httpx
from prometheus_client import CollectorRegistry

from api.application import create_app


async def _asked_for_nothing() -> None:
    app = create_app(None, None, None, CollectorRegistry(), now_ms=lambda: 0)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        assert (await client.get("/nothing-there")).status_code == 404  # every route has been looked at


asyncio.run(_asked_for_nothing())
