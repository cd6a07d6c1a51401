"""Brings the network's callbacks to the service, signed as Twilio signs them; loses none while the service restarts."""

import asyncio
import base64
import hashlib
import hmac
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Mapping

import httpx
import msgspec

log = logging.getLogger(__name__)

RETRY_EVERY_S = 0.5
"""A restarted service answers within seconds; asking more often would only fill its log."""

RETRIES = 60
"""Half a minute of real time; after that status callbacks wait for the next advance and a call is given up."""

REQUEST_TIMEOUT_S = 10.0
"""Twilio gives a webhook 15 s; a service on the same machine that needs 10 is stuck."""

MOST_WAITING = 10_000
"""Callbacks kept for a service that is down; a village's worst day makes a few hundred."""

MOST_REFUSED = 1_000
"""Refused callbacks kept for a look; each one is a defect, and the first ones tell it."""


class Callback(msgspec.Struct, frozen=True):
    """One POST to the service."""

    url: str
    form: dict[str, str]


async def real_pause() -> None:
    """Wait in real time: a service that is down restarts in real time, however fast simulated time runs."""
    await asyncio.sleep(RETRY_EVERY_S)


def signature(token: str, url: str, form: Mapping[str, str]) -> str:
    """Return X-Twilio-Signature: HMAC-SHA1 over the URL and the sorted fields, in base64."""
    text = url + "".join(name + form[name] for name in sorted(form))
    digest = hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


class CallbackPost:
    """The way to one service. `waiting` holds what it has not taken, oldest first."""

    def __init__(
        self,
        token: str,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        pause: Callable[[], Awaitable[None]] = real_pause,
    ) -> None:
        self._token = token
        self._pause = pause
        self._transport = transport
        self._client: httpx.AsyncClient | None = None
        self.waiting: deque[Callback] = deque(maxlen=MOST_WAITING)
        self.refused: deque[tuple[Callback, int]] = deque(maxlen=MOST_REFUSED)
        self.delivered = 0

    async def tell(self, callback: Callback) -> None:
        """Deliver a status callback after those that still wait; keep it when the service stays down."""
        self.waiting.append(callback)
        await self.tell_waiting()

    async def tell_waiting(self) -> bool:
        """Deliver what waits, oldest first; return whether everything went."""
        while self.waiting:
            if await self._answer(self.waiting[0]) is None:
                return False
            self.waiting.popleft()
        return True

    async def ask(self, callback: Callback) -> str | None:
        """Return the TwiML the service answers with; None when it stays down or refuses."""
        await self.tell_waiting()
        answer = await self._answer(callback)
        return answer.text if answer is not None and answer.is_success else None

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def _answer(self, callback: Callback) -> httpx.Response | None:
        answer: httpx.Response | None = None
        for trial in range(RETRIES):
            if trial:
                await self._pause()
            answer = await self._post(callback)
            if answer is not None and not answer.is_server_error:
                break
        if answer is None:
            log.warning("the service stayed down for %s tries", RETRIES)
        elif answer.is_success:
            self.delivered += 1
        else:  # a service that is up and says no must not hold up what comes behind
            self.refused.append((callback, answer.status_code))
            log.warning("the service refused a callback with %s", answer.status_code)
        return answer

    async def _post(self, callback: Callback) -> httpx.Response | None:
        if self._client is None:
            # the environment's proxies must not stand between two processes of one machine
            self._client = httpx.AsyncClient(transport=self._transport, timeout=REQUEST_TIMEOUT_S, trust_env=False)
        signed = {"X-Twilio-Signature": signature(self._token, callback.url, callback.form)}
        try:
            return await self._client.post(callback.url, data=callback.form, headers=signed)
        except httpx.TransportError as error:
            log.debug("the service did not take a callback: %s", type(error).__name__)
            return None
