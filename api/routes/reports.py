"""What a phone provider that signs nothing pushes to us; a secret in the address tells it from a stranger."""

from collections.abc import Awaitable, Callable

from fastapi import APIRouter, Request

from api.ports import CallReports
from api.problem_codes import ProblemCode, RefusedError
from api.services import Given, Services

router = APIRouter(prefix="/callbacks/aliyun/{token}", tags=["callbacks"])


@router.post("/voice", summary="How calls went, and which keys were pressed")
async def post_voice_reports(request: Request, given: Given, token: str) -> dict[str, int | str]:
    """Take a batch of call reports; order and repeats do not matter. The answer is the one the provider asks for."""
    return await _taken(_known(given, token).take, request)


@router.post("/sms", summary="Whether texts were delivered")
async def post_sms_reports(request: Request, given: Given, token: str) -> dict[str, int | str]:
    """Take a batch of reports about texts; order and repeats do not matter."""
    return await _taken(_known(given, token).take_texts, request)


def _known(given: Services, token: str) -> CallReports:
    if given.reports is None or not given.reports.is_known(token):
        raise RefusedError(ProblemCode.BAD_SIGNATURE)
    return given.reports


async def _taken(take: Callable[[bytes], Awaitable[None]], request: Request) -> dict[str, int | str]:
    try:
        await take(await request.body())
    except ValueError as error:
        raise RefusedError(ProblemCode.BAD_REQUEST) from error
    return {"code": 0, "msg": "OK"}
