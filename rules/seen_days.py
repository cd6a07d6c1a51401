"""How long homes were seen, read from a snapshot of the rules by whoever has no engine; changes nothing."""

import contextlib
import struct
import zlib
from collections.abc import Iterable

import msgspec

from core.errors import ConfigurationError
from core.ids import HomeId
from core.localtime import zone
from registry.homes import Home
from rules.coverage import DayCoverage, days_of, follow
from rules.engine import SNAPSHOT_VERSION, Snapshot
from rules.parameters import RuleParameters
from rules.rulebook import Rulebook
from rules.seeing import blind_since_ms, last_word_ms
from rules.shelf import unpacked
from rules.state import HomeState


def seen_in(data: bytes, homes: Iterable[Home], now_ms: int) -> dict[HomeId, tuple[DayCoverage, ...]]:
    """Return the days of each home up to now, oldest first; none of a snapshot that the rules would refuse, too."""
    try:
        snapshot = msgspec.msgpack.decode(data, type=Snapshot)
        if snapshot.version != SNAPSHOT_VERSION:
            return {}
        return {home.id: _days(snapshot.homes[home.id], home, now_ms) for home in homes if home.id in snapshot.homes}
    except (msgspec.DecodeError, zlib.error, struct.error):
        return {}


def _days(packed: bytes, home: Home, now_ms: int) -> tuple[DayCoverage, ...]:
    state, tz, shipped = unpacked(packed), zone(home.zone_name), Rulebook()
    parameters = shipped.defaults
    with contextlib.suppress(ConfigurationError):  # limits that cannot be used are not in force either
        parameters = shipped.parameters_of(home)
    _darken(state, home, parameters, now_ms)
    if state.coverage.from_ms is not None:  # a home that the rules have not met is neither seen nor unseen
        follow(state, now_ms, tz)
    return days_of(state, home, now_ms, tz)


def _darken(state: HomeState, home: Home, parameters: RuleParameters, now_ms: int) -> None:
    """Let a home go dark that has said nothing since: no snapshot is written while no entry comes."""
    since_ms = blind_since_ms(state, home, parameters)
    if not state.is_blind and since_ms is not None and since_ms <= now_ms:
        state.last_word_ms = last_word_ms(state, home, parameters)
        state.is_blind = True
