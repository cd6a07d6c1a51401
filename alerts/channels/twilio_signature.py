"""Whether a callback really is Twilio's; refuses to believe the address that the request gives for itself."""

# pyright: reportUnknownMemberType=false
# (this part of the SDK has no types)

import hmac
from collections.abc import Mapping
from urllib.parse import urlsplit

from twilio.request_validator import RequestValidator

from alerts.channels.twilio_settings import TwilioSettings

SIGNATURE_HEADER = "X-Twilio-Signature"

_DEFAULT_PORT = {"https": 443, "http": 80}


def is_signed(
    settings: TwilioSettings, path_and_query: str, form: Mapping[str, str], signature: str, /, *, prefix: str = ""
) -> bool:
    """Return whether the signature fits our public address, the path with its query, and the form's fields.

    Either token is accepted, so that tokens can be rotated without losing a callback. All comparisons take the same
    time, whatever is wrong. `prefix` is a path the proxy has stripped before the request reached us.
    """
    if not settings.public_base_url:
        return False  # nobody was given an address to sign
    url = f"{settings.public_base_url.rstrip('/')}{prefix}{path_and_query}"
    given = signature.encode()
    fits = False
    for token in settings.tokens:
        validator = RequestValidator(token)
        for candidate in _with_and_without_port(url):
            expected = validator.compute_signature(candidate, dict(form))
            fits |= hmac.compare_digest(str(expected).encode(), given)
    return fits


def _with_and_without_port(url: str) -> tuple[str, str]:
    # Twilio signs the address with its port or without, depending on the port and the scheme
    parts = urlsplit(url)
    host = f"[{parts.hostname}]" if parts.hostname and ":" in parts.hostname else parts.hostname or ""
    port = parts.port or _DEFAULT_PORT.get(parts.scheme, 443)
    return (parts._replace(netloc=host).geturl(), parts._replace(netloc=f"{host}:{port}").geturl())
