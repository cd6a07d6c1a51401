"""What the phone provider calls back for; refuses whatever it did not sign."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from api.problem_codes import ProblemCode, RefusedError
from api.routes.parameters import Id
from api.services import Given

router = APIRouter(prefix="/callbacks/twilio/{attempt_id}", tags=["callbacks"])

SIGNATURE_HEADER = "X-Twilio-Signature"

MAX_FORM_FIELDS = 200
"""The provider sends about thirty."""


async def signed_form(request: Request, given: Given) -> dict[str, str]:
    """Return the form when the provider signed it; raises RefusedError(bad_signature)."""
    async with request.form(max_files=0, max_fields=MAX_FORM_FIELDS) as data:
        form = {name: value for name, value in data.multi_items() if isinstance(value, str)}
    query = request.url.query
    path_with_query = f"{request.url.path}?{query}" if query else request.url.path
    if not given.callbacks.is_signed(path_with_query, form, request.headers.get(SIGNATURE_HEADER, "")):
        raise RefusedError(ProblemCode.BAD_SIGNATURE)
    return form


SignedForm = Annotated[dict[str, str], Depends(signed_form)]


def xml(text: str) -> Response:
    """Return an answer that the provider reads as a call's script."""
    return Response(text, media_type="application/xml")


@router.post("/twiml", summary="What a call says first", response_class=Response)
async def post_twiml(given: Given, attempt_id: Id, form: SignedForm) -> Response:
    """Return the script a call begins with."""
    return xml(await given.callbacks.twiml(attempt_id, form))


@router.post("/gather", summary="A key was pressed", response_class=Response)
async def post_gather(
    given: Given, attempt_id: Id, form: SignedForm, said: str = "", told: Annotated[str, Query(max_length=9)] = ""
) -> Response:
    """Take the pressed key and return what the call says next; `said` is the key that this one confirms.

    `told` is the version of the alert that the script was read at.
    """
    ours = {"said": said[:1], "told": told}
    return xml(await given.callbacks.gather(attempt_id, form | {name: value for name, value in ours.items() if value}))


@router.post("/status", status_code=204, summary="A call's status changed")
async def post_status(given: Given, attempt_id: Id, form: SignedForm) -> None:
    """Take one call status; order and repeats do not matter."""
    await given.callbacks.status(attempt_id, form)


@router.post("/sms-status", status_code=204, summary="A message's status changed")
async def post_sms_status(given: Given, attempt_id: Id, form: SignedForm) -> None:
    """Take one message status; order and repeats do not matter."""
    await given.callbacks.sms_status(attempt_id, form)
