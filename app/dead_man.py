"""Tells an external watchdog that the service is well, each minute; silent when it is not, so that others are rung."""

import logging
from collections.abc import Awaitable, Callable

import httpx

from core.clock import Clock

PING_EVERY_MS = 60_000
"""Three missed pings are the three minutes after which the watchdog is to ring somebody (design: dead man)."""

TIMEOUT_S = 10.0
"""A watchdog that takes longer is not reached; the next ping is fifty seconds away."""

_log = logging.getLogger(__name__)
logging.getLogger("httpx").setLevel(logging.WARNING)  # at INFO it logs whole addresses, and this one holds a secret


class DeadMan:
    """One task. `problems` says what is wrong; the URL may hold a secret and is never logged."""

    def __init__(
        self, url: str, problems: Callable[[], Awaitable[list[str]]], *, clock: Clock, client: httpx.AsyncClient
    ) -> None:
        self._url = url
        self._problems = problems
        self._clock = clock
        self._client = client
        self.pings = 0
        self.withheld = 0
        self.unreached = 0
        self._notice = ""

    async def run(self) -> None:
        """Ping until cancelled."""
        while True:
            now_ms = self._clock.now_ms()
            await self.beat()
            await self._clock.sleep_until_ms(now_ms + PING_EVERY_MS)

    async def beat(self) -> None:
        """Ping once, or withhold the ping when something is wrong or cannot even be asked."""
        try:
            problems = await self._problems()
        except Exception:  # noqa: BLE001  # one beat ends here: a service that cannot say how it is, is not well
            _log.exception("the service could not say how it is")
            problems = ["the service could not say how it is"]
        if problems:
            self.withheld += 1
            _log.error("the watchdog is not told that all is well: %s", "; ".join(problems))
            return
        try:
            answer = await self._client.get(self._url, timeout=TIMEOUT_S)
            is_taken = answer.is_success
            why = f"HTTP {answer.status_code}"
        except Exception as error:  # noqa: BLE001  # one beat ends here: an address that is none must not end the service
            is_taken, why = False, type(error).__name__
        self.pings += is_taken
        self.unreached += not is_taken
        self._notice = "" if is_taken else f"外部看门狗没有应答 the external watchdog does not answer: {why}"
        if not is_taken:
            _log.warning("the external watchdog was not reached: %s", why)

    def notices(self) -> list[str]:
        """Return that the watchdog does not answer, until it does."""
        return [self._notice] if self._notice else []
