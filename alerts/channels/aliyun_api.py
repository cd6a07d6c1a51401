"""Aliyun's SDK with time limits, off the event loop; no request is ever repeated by the SDK itself."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar
from urllib.parse import urlsplit

from alibabacloud_dysmsapi20170525.client import Client as SmsClient
from alibabacloud_dyvmsapi20170525.client import Client as VoiceClient
from alibabacloud_tea_openapi.utils_models import Config
from darabonba.runtime import RuntimeOptions

from alerts.channels.aliyun_settings import SMS_ENDPOINT, VOICE_ENDPOINT, AliyunSettings
from alerts.ports import Traits

MAX_CONCURRENT_REQUESTS = 8
RESERVED_FOR_P0 = 4
"""Four slow answers at once already mean that the provider is in trouble; the other four are kept for life hazards."""

Answer = TypeVar("Answer")


class AliyunApi:
    """The clients of one account and the threads they block."""

    def __init__(self, settings: AliyunSettings) -> None:
        self.settings = settings
        limit_ms = int(settings.request_timeout_s * 1000)
        self.runtime = RuntimeOptions(read_timeout=limit_ms, connect_timeout=limit_ms, autoretry=False)
        self.voice = VoiceClient(_config(settings, VOICE_ENDPOINT))
        self.sms = SmsClient(_config(settings, SMS_ENDPOINT))
        self._threads = ThreadPoolExecutor(MAX_CONCURRENT_REQUESTS, thread_name_prefix="aliyun")

    def traits(self, base: Traits) -> Traits:
        """Return a channel's traits with the account's connections."""
        return Traits(
            provider="aliyun",
            per_s=base.per_s,
            number_limits=base.number_limits,
            requests_at_once=MAX_CONCURRENT_REQUESTS,
            reserved_for_p0=RESERVED_FOR_P0,
        )

    async def run(self, ask: Callable[[], Answer]) -> Answer:
        """Return what `ask` returns, from a thread; raises what the SDK raises."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, ask)

    def close(self) -> None:
        """Let running requests end within their time limit and take no new one."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _config(settings: AliyunSettings, endpoint: str) -> Config:
    parts = urlsplit(settings.api_base)
    return Config(
        access_key_id=settings.access_key_id,
        access_key_secret=settings.access_key_secret,
        endpoint=parts.netloc or endpoint,
        protocol=parts.scheme.upper() or "HTTPS",
    )
