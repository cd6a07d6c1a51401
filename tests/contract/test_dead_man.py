"""The dead man pings a real local watchdog each minute of a driven clock, and is silent when anything is wrong."""

import asyncio
from contextlib import asynccontextmanager

import httpx
import pytest

from app import dead_man
from app.dead_man import PING_EVERY_MS, DeadMan
from app.settings import load_settings
from core.clock import ManualClock
from core.errors import ConfigurationError

SECRET = "/ping/9f8e7d"


class Watchdog:
    """An HTTP server that answers each ping with the next status of a list (the last for ever), or not at all."""

    def __init__(self, statuses=(200,)) -> None:
        self.statuses = list(statuses)
        self.heard: list[str] = []
        self.changed = asyncio.Event()

    @asynccontextmanager
    async def running(self):
        server = await asyncio.start_server(self._answer, "127.0.0.1", 0)
        async with server, httpx.AsyncClient(trust_env=False) as client:
            port = server.sockets[0].getsockname()[1]
            yield f"http://127.0.0.1:{port}{SECRET}", client

    async def pings(self, count):
        while len(self.heard) < count:
            self.changed.clear()
            await self.changed.wait()

    async def _answer(self, reader, writer):
        request = await reader.readuntil(b"\r\n\r\n")
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        head = f"HTTP/1.1 {status} X\r\nContent-Length: 0\r\nLocation: /elsewhere\r\nConnection: close\r\n\r\n"
        writer.write(head.encode())
        await writer.drain()
        writer.close()
        self.heard.append(request.decode().split("\r\n")[0])
        self.changed.set()


def run(story):
    return asyncio.run(asyncio.wait_for(story, 30))


async def well():
    return []


def test_it_pings_each_minute_and_no_sooner():
    async def story():
        dog, clock = Watchdog(), ManualClock(1_000)
        async with dog.running() as (url, client):
            task = asyncio.create_task(DeadMan(url, well, clock=clock, client=client).run())
            await dog.pings(1)
            for minute in range(1, 4):
                clock.advance_to_ms(1_000 + minute * PING_EVERY_MS - 1)
                await asyncio.sleep(0)
                assert len(dog.heard) == minute
                clock.advance_to_ms(1_000 + minute * PING_EVERY_MS)
                await dog.pings(minute + 1)
            task.cancel()
        assert dog.heard == [f"GET {SECRET} HTTP/1.1"] * 4

    run(story())


def test_it_is_silent_while_something_is_wrong_or_nobody_can_say(caplog):
    async def story():
        problems = ["no connection to the broker"]

        async def say():
            if problems == ["?"]:
                raise RuntimeError("the database is gone")
            return problems

        dog = Watchdog()
        async with dog.running() as (url, client):
            man = DeadMan(url, say, clock=ManualClock(1), client=client)
            await man.beat()
            problems[:] = ["?"]
            await man.beat()
            assert (dog.heard, man.withheld) == ([], 2)
            problems.clear()
            await man.beat()
            assert (len(dog.heard), man.pings, man.withheld) == (1, 1, 2)
        assert SECRET not in caplog.text
        assert "no connection to the broker" in caplog.text

    run(story())


@pytest.mark.parametrize("status", [302, 404, 500])
def test_a_watchdog_that_does_not_take_the_ping_is_said_on_the_board_until_it_does(status, caplog):
    async def story():
        dog = Watchdog([status, 200])
        async with dog.running() as (url, client):
            man = DeadMan(url, well, clock=ManualClock(1), client=client)
            await man.beat()
            assert (man.pings, man.unreached) == (0, 1)
            assert f"HTTP {status}" in man.notices()[0]
            await man.beat()
            assert (man.pings, man.notices()) == (1, [])
            assert len(dog.heard) == 2  # a redirect is not followed
        assert SECRET not in caplog.text

    run(story())


def test_a_watchdog_that_is_not_there_is_counted_and_the_next_ping_comes(caplog):
    async def story():
        dog = Watchdog()
        async with dog.running() as (url, client):
            gone = url
        async with httpx.AsyncClient(trust_env=False) as client:
            man = DeadMan(gone, well, clock=ManualClock(1), client=client)
            await man.beat()
            await man.beat()
        assert (man.pings, man.unreached) == (0, 2)
        assert "ConnectError" in man.notices()[0]
        assert SECRET not in caplog.text

    run(story())


@pytest.mark.parametrize("url", ["http://a b/9f8e7d", "http://[::1/9f8e7d", "http://127.0.0.1:99999/9f8e7d"])
def test_an_address_that_is_none_is_said_on_the_board_and_ends_nothing(url, caplog):
    async def story():
        async with httpx.AsyncClient(trust_env=False) as client:
            man = DeadMan(url, well, clock=ManualClock(1), client=client)
            await man.beat()
        assert (man.pings, man.unreached, len(man.notices())) == (0, 1, 1)
        assert "9f8e7d" not in caplog.text

    run(story())


def test_no_log_of_any_library_holds_the_address(caplog):
    async def story():
        dog = Watchdog()
        async with dog.running() as (url, client):
            await DeadMan(url, well, clock=ManualClock(1), client=client).beat()
        assert len(dog.heard) == 1
        assert "9f8e7d" not in caplog.text

    caplog.set_level("INFO")
    run(story())


def test_three_missed_pings_are_the_three_minutes_of_the_watchdog_and_a_ping_ends_before_the_next():
    assert 3 * PING_EVERY_MS == 180_000
    assert dead_man.TIMEOUT_S * 1000 < PING_EVERY_MS


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"dead_man_url": "ftp://x"}, "dead_man_url"),
        ({"canary_at": "ten"}, "time of day"),
        ({"canary_at": "10:00"}, "canary_number"),
        ({"canary_at": "10:00", "canary_number": "+8610000000000", "clock": "driven"}, "replay"),
    ],
)
def test_wrong_settings_of_canary_and_dead_man_are_refused(given, words):
    with pytest.raises(ConfigurationError, match=words):
        load_settings(None, {}, **given)
