"""Which channels reach a number, by its prefix, as data; refuses a file that leaves a number without a way."""

import tomllib
from importlib import resources

import msgspec

from core.errors import ConfigurationError

BUILT_IN = "alerts/routes.toml"
BOARD = "console"
"""The duty board: it shows whom to ring by hand and reaches nobody by itself."""

VOICE_CHANNELS = ("twilio_voice", "aliyun_voice", BOARD)
SMS_CHANNELS = ("twilio_sms", "aliyun_sms", "webhook", "apprise", BOARD)


class Route(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The order of channels for numbers that begin with `prefix`."""

    prefix: str
    voice: tuple[str, ...]
    sms: tuple[str, ...]


class Routes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All routes; the longest prefix that fits a number decides."""

    route: tuple[Route, ...]

    def channels(self, to: str, *, is_call: bool) -> tuple[str, ...]:
        """Return the names of the channels for a number, in order; a number that is no E.164 takes the shortest."""
        fitting = [route for route in self.route if to.startswith(route.prefix)]
        chosen = max(fitting, key=lambda route: len(route.prefix)) if fitting else self._shortest()
        return chosen.voice if is_call else chosen.sms

    def _shortest(self) -> Route:
        return min(self.route, key=lambda route: len(route.prefix))


def built_in_routes() -> Routes:
    """Return the routes that ship with the service."""
    return parse_routes(resources.files("alerts").joinpath("routes.toml").read_text("utf-8"), where=BUILT_IN)


def parse_routes(text: str, *, where: str) -> Routes:
    """Return the routes of a TOML text; raises ConfigurationError naming the place and the remedy."""
    try:
        routes = msgspec.convert(tomllib.loads(text), Routes)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ConfigurationError(str(error), where=where, remedy="compare with the built-in routes") from error
    prefixes = [route.prefix for route in routes.route]
    for prefix in prefixes:
        if not prefix.startswith("+") or (prefix[1:] and not prefix[1:].isdigit()) or prefixes.count(prefix) > 1:
            raise ConfigurationError(
                f"{prefix!r} is no prefix of its own", where=where, remedy='write "+", or "+" and digits, each once'
            )
    if "+" not in prefixes:
        raise ConfigurationError(
            "numbers that no prefix fits have no way", where=where, remedy='add a route with prefix = "+"'
        )
    for route in routes.route:
        _check_names(route.prefix, route.voice, VOICE_CHANNELS, where)
        _check_names(route.prefix, route.sms, SMS_CHANNELS, where)
    return routes


def _check_names(prefix: str, names: tuple[str, ...], known: tuple[str, ...], where: str) -> None:
    for name in names:
        if name not in known:
            # what only informs is not among the voice channels: nobody could answer, and no board would show the call
            raise ConfigurationError(
                f"{name!r} cannot stand in the order of {prefix}", where=where, remedy=f"use {', '.join(known)}"
            )
    if not names:
        raise ConfigurationError(f"{prefix} has no channel", where=where, remedy='name at least "console"')
