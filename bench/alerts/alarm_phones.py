"""A phone provider for the load of alarms: the stand-in in a process and a time of its own; writes down every request.

Run as `alarm_phones.py PORT CALLBACK_BASE FILE`: it answers on the port, brings its callbacks to the service, and adds
a line "time number" to the file for each call or text it was asked for. Nobody picks up.
"""

import asyncio
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from core.clock import SystemClock
from device_sim.phone_records import Call, Text
from device_sim.phone_requests import PhoneAccount, Refusal
from device_sim.phone_server import PhoneServer
from device_sim.phones import PhoneNetwork

SID, TOKEN, FROM = "AC" + "0" * 32, "bench-token", "+85212345678"
STEP_MS = 50
"""How often the network's time is moved on: a callback comes so late at most."""


class WatchedNetwork(PhoneNetwork):
    """The network, with the moment of every request."""

    clock = SystemClock()
    asked: IO[str]

    def make_call(self, form: Mapping[str, str], events: list[str]) -> Call | Refusal:
        """Take a request to make a call."""
        self._note(form)
        return super().make_call(form, events)

    def make_text(self, form: Mapping[str, str]) -> Text | Refusal:
        """Take a request to send a text."""
        self._note(form, " text")
        return super().make_text(form)

    def _note(self, form: Mapping[str, str], what: str = "") -> None:
        self.asked.write(f"{self.clock.now_ms()} {form['To']}{what}\n")
        self.asked.flush()


async def serve(port: int, callback_base: str, file: Path) -> None:
    """Be the provider until killed."""
    clock = SystemClock()
    account = PhoneAccount(account_sid=SID, auth_token=TOKEN, from_number=FROM, callback_base=callback_base)
    phones = WatchedNetwork(account, now_ms=clock.now_ms())
    with file.open("a") as phones.asked:
        await PhoneServer(phones, port=port).start()
        while True:
            now_ms = clock.now_ms()
            await phones.advance_to(now_ms)
            await clock.sleep_until_ms(now_ms + STEP_MS)


if __name__ == "__main__" and len(sys.argv) == 4:
    asyncio.run(serve(int(sys.argv[1]), sys.argv[2], Path(sys.argv[3])))
