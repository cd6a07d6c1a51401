"""Where a channel may send to: without live calls nothing leaves this machine."""

import ipaddress
from urllib.parse import SplitResult, urlsplit

from core.errors import ConfigurationError


def is_loopback(url: str) -> bool:
    """Return whether the URL's host is this machine; a name other than localhost is not, whatever it resolves to."""
    host = split(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_plain_url(url: str) -> bool:
    """Return whether it is http(s)://host[:port][/path] and nothing in which two URL parsers may see two hosts."""
    parts = split(url)
    is_odd = bool(parts.query or parts.fragment or "@" in parts.netloc or "\\" in url)
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and not is_odd


def split(url: str) -> SplitResult:
    """Return the URL's parts; all empty for what is no URL."""
    try:
        return urlsplit(url)
    except ValueError:
        return SplitResult("", "", "", "", "")


def check_gate(setting: str, url: str, *, live_calls: bool) -> None:
    """Raise ConfigurationError when the address is another machine's and live calls are off."""
    if not live_calls and ("\\" in url or not is_loopback(url)):
        raise ConfigurationError(
            "live_calls is false and this is not an address of this machine",
            where=setting,
            remedy="set live_calls = true to reach others, or name a stand-in on 127.0.0.1",
        )
