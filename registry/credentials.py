"""Credentials of devices at the broker: one for each device or gateway, and topics below its own prefix alone."""

import re
from collections.abc import Iterable, Sequence

import msgspec

from core.errors import ConflictError

MAX_TOPICS = 16
"""Filters of one credential; a convention takes two or three."""

MAX_FILTER_CHARS = 300
MAX_CREDENTIALS = 20_000
"""A county's gateways several times over; the embedded broker reads them all again with each change."""

NOT_A_DEVICES = frozenset({"$SYS", "$MQTT", "$JS", "$share", "shouwang"})
"""First levels that belong to brokers and to the service itself."""

_USERNAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.\-]{0,99}")
_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9_.\-]+")
_OURS = frozenset({"ingest", "device", "simulator"})


class Credential(msgspec.Struct, frozen=True, kw_only=True):
    """What a device or gateway may do at the broker; the token itself is shown once and kept sealed."""

    username: str
    publish: tuple[str, ...]  # topic filters
    subscribe: tuple[str, ...] = ()
    issued_at_ms: int = 0
    issued_by: str = ""
    revoked_at_ms: int | None = None


def username_of(address: str) -> str:
    """Return the name under which a device of this address logs in."""
    return _NOT_IN_A_NAME.sub("-", address).strip("-")[:100]


def topics_of(address: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return (publish, subscribe) of a device or gateway by its convention; raises ConflictError where none is known.

    `care/<home>` and `zigbee2mqtt/<bridge>` are gateways: everything below is theirs.
    """
    kind, _, name = address.strip("/").partition("/")
    if not name:
        raise ConflictError(f"{address} names no device: its topics would be everybody's")
    below = f"{kind}/{name}/#"
    known: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
        "care": ((below,), ()),
        "zigbee2mqtt": ((below,), (below,)),
        "homie": ((f"homie/5/{name}/#", below), (f"homie/5/{name}/#", below)),
        "homeassistant": ((f"homeassistant/device/{name}/#", f"homeassistant/+/{name}/#", f"{name}/#"), (f"{name}/#",)),
        "tasmota": ((f"tele/{name}/#", f"stat/{name}/#"), (f"cmnd/{name}/#",)),
        "shelly": ((f"{name}/#",), (f"{name}/#",)),
        "alink": ((f"/sys/{name}/thing/#",), (f"/sys/{name}/thing/#",)),
    }
    if kind not in known:
        raise ConflictError(f"{address} is of no convention that we speak: name its topics with --publish")
    return known[kind]


def check(credential: Credential, others: Iterable[Credential]) -> None:
    """Refuse what would let a device speak for others; raises ConflictError."""
    if not _USERNAME.fullmatch(credential.username) or credential.username in _OURS:
        raise ConflictError(f"{credential.username!r:.60} cannot be a device's name at the broker")
    if not credential.publish or len(credential.publish) + len(credential.subscribe) > MAX_TOPICS:
        raise ConflictError(f"a credential has 1 to {MAX_TOPICS} topic filters")
    for topic in (*credential.publish, *credential.subscribe):
        _check_filter(topic)
    for other in others:
        if other.username == credential.username or other.revoked_at_ms is not None:
            continue
        shared = next((mine for mine in credential.publish for its in other.publish if overlap(mine, its)), None)
        if shared is not None:
            raise ConflictError(f"{shared} belongs to {other.username} already")


def overlap(one: str, other: str) -> bool:
    """Return whether some topic is matched by both filters."""
    return _overlap(one.split("/"), other.split("/"))


def _overlap(one: Sequence[str], other: Sequence[str]) -> bool:
    if not one or not other:
        return one == other or [*one, *other] == ["#"]  # a/# is a too
    if "#" in {one[0], other[0]}:
        return True
    return (one[0] == other[0] or "+" in {one[0], other[0]}) and _overlap(one[1:], other[1:])


def _check_filter(topic: str) -> None:
    levels = topic.split("/")
    first = next((level for level in levels if level), "")
    is_whole = all(level in {"+", "#"} or ("+" not in level and "#" not in level) for level in levels)
    is_plain = topic.isprintable() and len(topic) <= MAX_FILTER_CHARS and is_whole and "#" not in levels[:-1]
    if not is_plain or first in {"", "+", "#"} or first in NOT_A_DEVICES or first.startswith("$"):
        raise ConflictError(f"{topic!r:.80} is no filter below a prefix of a device's own")
