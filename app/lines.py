"""The channels that the settings make, in no order (routes say the order), and what closes with them."""

from pathlib import Path

from alerts.channels.console import Console
from alerts.channels.twilio_http import TwilioApi
from alerts.channels.twilio_sms import TwilioSms
from alerts.channels.twilio_voice import TwilioVoice
from alerts.ports import Channel
from alerts.routing import Routes, built_in_routes, parse_routes
from app.adapters import twilio_settings
from app.settings import Settings
from core.errors import ConfigurationError


class Lines:
    """All ways out of the house; one per service."""

    def __init__(self, settings: Settings, base_url: str) -> None:
        self.routes = routes(settings)
        account = twilio_settings(settings, base_url)
        self.twilio = None if account is None else TwilioApi(account)
        self.channels: list[Channel] = [Console()]
        if self.twilio is not None:
            self.channels += [TwilioVoice(self.twilio), TwilioSms(self.twilio)]

    def close(self) -> None:
        """Let running requests end within their time limits."""
        if self.twilio is not None:
            self.twilio.close()


def routes(settings: Settings) -> Routes:
    """Return the routes in force; raises ConfigurationError with the file, what is wrong and the remedy."""
    if not settings.routes_file:
        return built_in_routes()
    path = Path(settings.routes_file)
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"routes_file cannot be read: {error}", where=str(path), remedy="name a readable TOML file, or none"
        ) from error
    return parse_routes(text, where=str(path))
