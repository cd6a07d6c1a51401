"""The service's looks at itself take their time on threads of their own: no page and no pressed key waits for them."""

import asyncio
import threading

import pytest

from app.service import Service
from app.settings import Settings
from app.threads import CONSOLE_THREADS
from core.errors import NotFoundError


class LongLook:
    """A look that takes as long as it is let."""

    def __init__(self) -> None:
        self.goes_on = threading.Event()

    def look(self, _now_ms: int) -> None:
        assert self.goes_on.wait(60)


def test_a_pressed_key_is_taken_while_every_look_takes_long(tmp_path):
    settings = Settings(data_dir=tmp_path / "data", mqtt_port=0, http_port=0, ack_wait_s=1)

    async def story():
        service, long = Service(settings), LongLook()
        await service.start()
        try:
            for _ in range(CONSOLE_THREADS):
                service.watches.add_sheets(long)
            looks = [asyncio.create_task(one.run()) for one in service.watches.rounds[-CONSOLE_THREADS:]]
            await service.clock.sleep_until_ms(service.clock.now_ms() + 10)
            with pytest.raises(NotFoundError):  # of an attempt that nobody made
                await asyncio.wait_for(service.console.press("no attempt", "1", "account:zhang", version=None), 20)
        finally:
            long.goes_on.set()
            for look in looks:
                look.cancel()
            await service.stop()

    asyncio.run(asyncio.wait_for(story(), 100))
