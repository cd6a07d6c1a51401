"""The channels that the settings make, in no order (routes say the order), and what closes with them."""

import logging
from collections.abc import Callable

from alerts.channels.addresses import is_loopback
from alerts.channels.console import Console
from alerts.channels.twilio_http import TwilioApi
from alerts.channels.twilio_sms import TwilioSms
from alerts.channels.twilio_voice import TwilioVoice
from alerts.channels.webhook import Webhook
from alerts.ports import Channel
from alerts.routing import Routes, built_in_routes, parse_routes
from app.adapters import aliyun_account, twilio_settings, webhook_settings
from app.settings import Settings
from core.errors import ConfigurationError

_log = logging.getLogger(__name__)


class Lines:
    """All ways out of the house; one per service. Raises ConfigurationError for settings that can never work."""

    def __init__(self, settings: Settings, base_url: str) -> None:
        self.routes = routes(settings)
        self.channels: list[Channel] = [Console()]
        self._closing: list[Callable[[], None]] = []
        account = twilio_settings(settings, base_url)
        self.twilio = None if account is None else TwilioApi(account)
        if self.twilio is not None:
            self.channels += [TwilioVoice(self.twilio), TwilioSms(self.twilio)]
            self._closing.append(self.twilio.close)
        if settings.aliyun_access_key_id and _may_reach(settings, settings.aliyun_api_base, "aliyun"):
            self._add_aliyun(settings)
        if settings.webhook_url and _may_reach(settings, settings.webhook_url, "webhook"):
            self.channels.append(Webhook(webhook_settings(settings)))
        if settings.apprise_urls and settings.live_calls:
            self._add_apprise(settings)

    def close(self) -> None:
        """Let running requests end within their time limits."""
        for close in self._closing:
            close()

    def _add_aliyun(self, settings: Settings) -> None:
        # the vendor's SDK takes long to load: only where it is used
        from alerts.channels.aliyun_api import AliyunApi  # noqa: PLC0415
        from alerts.channels.aliyun_sms import AliyunSms  # noqa: PLC0415
        from alerts.channels.aliyun_voice import AliyunVoice  # noqa: PLC0415

        api = AliyunApi(aliyun_account(settings))
        self._closing.append(api.close)
        if api.settings.has_voice:
            self.channels.append(AliyunVoice(api))
        if api.settings.has_sms:
            self.channels.append(AliyunSms(api))

    def _add_apprise(self, settings: Settings) -> None:
        # it takes long to load: only where it is used
        from alerts.channels.apprise_inform import AppriseInform, AppriseSettings  # noqa: PLC0415

        urls = tuple(settings.apprise_urls.split())
        self.channels.append(AppriseInform(AppriseSettings(urls=urls, live_calls=settings.live_calls)))


def routes(settings: Settings) -> Routes:
    """Return the routes in force; raises ConfigurationError with the file, what is wrong and the remedy."""
    if not settings.routes_file:
        return built_in_routes()
    path = settings.file_named_by("routes_file")
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"routes_file cannot be read: {error}", where=str(path), remedy="name a readable TOML file, or none"
        ) from error
    return parse_routes(text, where=str(path))


def _may_reach(settings: Settings, url: str, what: str) -> bool:
    if settings.live_calls or is_loopback(url):
        return True
    _log.warning("live_calls is false: %s is set up and is not used", what)
    return False
