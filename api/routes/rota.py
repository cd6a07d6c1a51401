"""The duty rota for calendars of the staff; changes nothing."""

from fastapi import APIRouter, Depends, Response

from api.services import Given, signed_in

router = APIRouter(prefix="/api/v1", tags=["operations"], dependencies=[Depends(signed_in)])

CALENDAR_MEDIA_TYPE = "text/calendar; charset=utf-8"


@router.get(
    "/rota.ics",
    summary="The duty rota as a calendar",
    response_class=Response,
    responses={200: {"content": {"text/calendar": {"schema": {"type": "string"}}}}},
)
async def get_rota(given: Given) -> Response:
    """Return who is on duty from a week ago for two months, RFC 5545; staff names, no phones, gaps as events."""
    return Response(await given.console.rota_calendar(), media_type=CALENDAR_MEDIA_TYPE)
