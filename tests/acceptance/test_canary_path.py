"""Canary and dead man in a real service: the alarm takes the whole path, and a watchdog that is gone is shown."""

import asyncio

from app.service import Service
from app.settings import Settings


def test_the_test_alarm_goes_through_the_whole_path_and_its_time_is_kept(tmp_path):
    settings = Settings(
        data_dir=tmp_path / "data",
        mqtt_port=0,
        http_port=0,
        ack_wait_s=1,
        canary_at="00:00",
        canary_number="+8610000000000",
        dead_man_url="http://127.0.0.1:9/ping",  # nobody listens there
    )

    async def story():
        service = Service(settings)
        await service.start()
        try:
            while (last := service.watches.canary.last) is None or last.is_open:
                await service.clock.sleep_until_ms(service.clock.now_ms() + 100)
            await service.watches.dead_man.beat()  # the first, at the start, may have come before the broker
            return last, service.health.view(), service.watches.gauges(), service.watches.counters()
        finally:
            await service.stop()

    last, health, gauges, counters = asyncio.run(asyncio.wait_for(story(), 60))
    assert last.ring_ms is not None
    assert 0 <= last.ring_ms < 30_000
    assert health.canary_ring_ms == last.ring_ms
    assert gauges["shouwang_canary_ring_seconds"] == last.ring_ms / 1000
    assert counters["shouwang_dead_man_unreached_total"] >= 1
    assert ["watchdog" in notice for notice in health.notices] == [True]
