"""What a phone provider that signs nothing pushes to us; a secret in the address tells it from a stranger."""

from fastapi import APIRouter, Request

from api.problems import ProblemCode, RefusedError
from api.services import Given

router = APIRouter(prefix="/callbacks/aliyun/{token}", tags=["callbacks"])


@router.post("/voice", summary="How calls went, and which keys were pressed")
async def post_voice_reports(request: Request, given: Given, token: str) -> dict[str, int | str]:
    """Take a batch of call reports; order and repeats do not matter. The answer is the one the provider asks for."""
    if given.reports is None or not given.reports.is_known(token):
        raise RefusedError(ProblemCode.BAD_SIGNATURE)
    try:
        await given.reports.take(await request.body())
    except ValueError as error:
        raise RefusedError(ProblemCode.BAD_REQUEST) from error
    return {"code": 0, "msg": "OK"}
