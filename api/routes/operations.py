"""Whether the service lives, is ready and how it fares; shows no personal data without a login."""

from typing import Literal

from fastapi import APIRouter, Response
from prometheus_client import generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from api.services import Account, Given
from api.views import HealthView, View

router = APIRouter(tags=["operations"])


class AliveView(View):
    """The event loop answers."""

    status: Literal["alive"] = "alive"


class ReadyView(View):
    """Whether it can do its work, and what stops it."""

    is_ready: bool
    problems: list[str]


@router.get("/healthz", summary="Is the process alive")
async def get_healthz() -> AliveView:
    """Return 200 while the event loop turns; restart the process when this does not answer."""
    return AliveView()


@router.get("/readyz", summary="Can it do its work", responses={503: {"model": ReadyView, "description": "Not ready"}})
async def get_readyz(given: Given, response: Response) -> ReadyView:
    """Return 503 with reasons while it cannot do its work."""
    is_ready, problems = await given.console.is_ready()
    response.status_code = 200 if is_ready else 503
    return ReadyView(is_ready=is_ready, problems=problems)


@router.get("/metrics", summary="Prometheus metrics", response_class=Response)
async def get_metrics(given: Given) -> Response:
    """Return counts and times; no label carries personal data."""
    return Response(generate_latest(given.registry), media_type=CONTENT_TYPE_PLAIN_0_0_4)


@router.get("/api/v1/health", summary="How the service fares")
async def get_health(given: Given, account: Account) -> HealthView:  # noqa: ARG001 - it is here to be demanded
    """Return the service's own figures."""
    return await given.console.health()
