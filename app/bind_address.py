"""Tells an address at which this machine cannot listen at all from a port that is taken; it keeps nothing open."""

import errno
import socket
from typing import Literal

from app.settings import Settings
from core.errors import ConfigurationError

Setting = Literal["mqtt_bind", "http_host"]


def check_bind(settings: Settings, setting: Setting) -> None:
    """Raise ConfigurationError, with file and line, where a setting is no address of this machine."""
    host: str = getattr(settings, setting)
    why = _foreign(host)
    if why:
        raise ConfigurationError(
            f'{setting} = "{host}": {why}',
            where=settings.place_of(setting),
            remedy="写本机的一个地址 write an address of this machine (ip addr); "
            "127.0.0.1 仅限本机 for itself alone, 0.0.0.0 所有地址 for all",
        )


def _foreign(host: str) -> str:
    """Return why nobody can listen there, empty when somebody can; the port may be taken all the same."""
    if not host:  # to a socket it is every address, to the embedded broker none: what was meant is to be said
        return "空的，没有写地址 it names no address"
    try:
        found = socket.getaddrinfo(host, 0, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError):
        return "这个名称查不到地址 no address has this name"
    for family, kind, protocol, _, address in found:
        try:
            with socket.socket(family, kind, protocol) as probe:
                probe.bind(address)
        except OSError as error:
            if error.errno in {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}:
                continue
        return ""
    return "本机没有这个地址 this machine has no such address"
