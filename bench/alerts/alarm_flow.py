"""Readings and pressed buttons by MQTT, from a process of its own: what flows beside the alarms of bench/alerts.

Run as `alarm_flow.py FOLDER SPECIFICATION`: FOLDER is the service's data directory, the specification a JSON object of
the type Flow. Writes a line "time home" for each pressed button, and at the end how many readings were sent.
"""

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from alarm_town import name_of
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from app.running import running_service
from core.clock import SystemClock

PACK = 10
"""Readings in one message, as a gateway sends them (design/scale: 10 to 50)."""

IN_FLIGHT = 1_000
"""Messages a gateway of a town may have on their way: two seconds of the flow."""


class Flow(msgspec.Struct, frozen=True, kw_only=True):
    """What is sent: so many readings a second, and buttons from a moment on, so far apart."""

    seconds: float
    readings_per_s: int = 0
    reading_homes: tuple[int, int] = (0, 1)  # numbers of homes, the second excluded
    buttons: tuple[int, int] = (0, 0)
    buttons_after_s: float = 0.0
    button_every_s: float = 1.0


def events_of(flow: Flow) -> Iterator[tuple[float, str, list[dict[str, Any]] | None]]:
    """Yield (seconds from the start, topic, records or None for a button) in the order of their times."""
    messages = int(flow.seconds * flow.readings_per_s / PACK)
    first, until = flow.reading_homes
    packs: list[tuple[float, str, list[dict[str, Any]] | None]] = []
    for number in range(messages):
        home, at_s = name_of(first + number % (until - first)), number * PACK / flow.readings_per_s
        if number // (until - first) % 2:
            records: list[dict[str, Any]] = [{"motion": bool(place % 2)} for place in range(PACK)]
            packs.append((at_s, f"care/{home}/pir/event", records))
        else:
            packs.append((at_s, f"care/{home}/power/event", [{"power": 90.0 + place} for place in range(PACK)]))
    presses = [
        (flow.buttons_after_s + place * flow.button_every_s, f"care/{name_of(number)}/sos/event", None)
        for place, number in enumerate(range(*flow.buttons))
    ]
    yield from sorted([*packs, *presses], key=lambda event: event[0])


async def send(folder: Path, flow: Flow) -> None:
    """Send all of it at its times; a message that is late goes at once."""
    service, clock = running_service(folder), SystemClock()
    client = Client(CallbackAPIVersion.VERSION2, client_id="bench-flow")
    client.username_pw_set(service.simulator_username, service.simulator_password)
    client.max_inflight_messages_set(IN_FLIGHT)
    client.max_queued_messages_set(0)
    client.connect(service.mqtt_host, service.mqtt_port)
    client.loop_start()
    start_ms, sent, info = clock.now_ms(), 0, None
    for number, (at_s, topic, records) in enumerate(events_of(flow)):
        if start_ms + at_s * 1000 > clock.now_ms():
            await clock.sleep_until_ms(start_ms + int(at_s * 1000))
        now_ms = clock.now_ms()
        if records is None:
            print(now_ms, topic.split("/")[1], flush=True)
        told = records or [{"sos": True}]
        stamped = [{"ts": now_ms - len(told) + place + 1, "seq": number} | record for place, record in enumerate(told)]
        info = client.publish(topic, msgspec.json.encode(stamped), qos=1)
        sent += len(told)
    if info is not None:
        info.wait_for_publish(30)
    print("sent", sent, round((clock.now_ms() - start_ms) / 1000, 1), flush=True)
    client.disconnect()
    client.loop_stop()


if __name__ == "__main__" and len(sys.argv) == 3:
    asyncio.run(send(Path(sys.argv[1]), msgspec.json.decode(sys.argv[2], type=Flow)))
