"""The rota's calendar over HTTP: for staff who are logged in, in the type that calendars expect."""

import asyncio

from api_console import Desk


def test_the_calendar_is_given_to_staff_in_the_type_that_calendars_expect():
    async def story():
        desk = Desk()
        async with desk.program() as program:
            answer = await program.get("/api/v1/rota.ics")
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/calendar; charset=utf-8")
        assert answer.text.startswith("BEGIN:VCALENDAR\r\n")
        async with desk.client() as client:
            assert (await client.get("/api/v1/rota.ics")).status_code == 401

    asyncio.run(asyncio.wait_for(story(), 60))
