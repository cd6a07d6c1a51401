"""How the Twilio SDK reaches its API: always with a time limit, never logging a number, off the event loop."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar, cast
from urllib.parse import urlsplit

import requests
from twilio.http import HttpClient
from twilio.http.response import Response
from twilio.rest import Client

from alerts.channels.twilio_reach import CallbackReach
from alerts.channels.twilio_settings import TwilioSettings
from alerts.ports import Traits

MAX_CONCURRENT_REQUESTS = 8
"""Twilio starts one call a second for an account; four slow answers at once already mean that it is in trouble, and
the other four are kept for life hazards."""

RESERVED_FOR_P0 = 4

_SILENT = logging.getLogger(f"{__name__}.sdk")  # the SDK logs whole URLs, and a list's URL holds a phone number
_SILENT.disabled = True

Answer = TypeVar("Answer")


def _names_no_request(record: logging.LogRecord) -> bool:
    return "/2010-04-01/Accounts/" not in record.getMessage()


logging.getLogger("urllib3.connectionpool").addFilter(_names_no_request)  # at DEBUG it logs the same URLs


class BoundedHttpClient(HttpClient):
    """The SDK's transport, with `api_base` in place of Twilio's host when it is set; raises requests' own errors.

    Each request opens its own connection. A kept one that the other side has closed fails after the POST was written,
    and nobody could tell whether a phone is about to ring. The SDK's own client also hands its answer over through an
    attribute, so two threads may get each other's; this one shares nothing.
    """

    def __init__(self, *, api_base: str, timeout_s: float, use_environment: bool) -> None:
        super().__init__(_SILENT, is_async=False, timeout=timeout_s)
        self._api_base = api_base.rstrip("/")
        self._timeout_s = timeout_s
        self._use_environment = use_environment

    def request(  # noqa: PLR0917 - the SDK's own signature
        self,
        method: str,
        uri: str,
        params: dict[str, object] | None = None,
        data: dict[str, object] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,  # noqa: FBT001, FBT002, ARG002 - the SDK's own signature; never followed
    ) -> Response:
        """Send one request and return its answer, whatever its status."""
        with requests.Session() as session:
            session.trust_env = self._use_environment
            answer = session.request(
                method.upper(),
                self._address(uri),
                params=cast("Mapping[str, str] | None", params),  # the SDK's lists take plain values
                data=data,
                headers=headers,
                auth=auth,
                timeout=timeout or self._timeout_s,
                allow_redirects=False,
            )
            return Response(answer.status_code, answer.text, answer.headers)

    def _address(self, uri: str) -> str:
        if not self._api_base:
            return uri
        parts = urlsplit(uri)
        query = f"?{parts.query}" if parts.query else ""
        return f"{self._api_base}{parts.path}{query}"


class TwilioApi:
    """The SDK's client and the threads it blocks; one for all channels of an account."""

    def __init__(self, settings: TwilioSettings) -> None:
        self.settings = settings
        self.reach = CallbackReach(settings.public_base_url)
        self._client = Client(
            settings.account_sid,
            settings.auth_token,
            http_client=BoundedHttpClient(
                api_base=settings.api_base,
                timeout_s=settings.request_timeout_s,
                use_environment=not settings.is_stand_in,  # a proxy must not stand between us and our own machine
            ),
            environment={"TWILIO_EDGE": ""},  # settings come from us; what the shell exports must not redirect calls
        )
        self._threads = ThreadPoolExecutor(MAX_CONCURRENT_REQUESTS, thread_name_prefix="twilio")

    def traits(self, per_s: float | None) -> Traits:
        """Return what the dispatcher knows of a channel of this account."""
        return Traits(
            provider="twilio",
            per_s=per_s,
            requests_at_once=MAX_CONCURRENT_REQUESTS,
            reserved_for_p0=RESERVED_FOR_P0,
        )

    async def run(self, ask: Callable[[Client], Answer]) -> Answer:
        """Return what `ask` returns for the SDK's client, from a thread; raises what the SDK and requests raise."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, ask, self._client)

    def close(self) -> None:
        """Let running requests end within their time limit and take no new one."""
        self._threads.shutdown(wait=False, cancel_futures=True)
