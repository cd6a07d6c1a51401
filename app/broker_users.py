"""Devices as users of the embedded broker: a private file beside its configuration, taken up while it runs."""

import json
import re
import signal
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from app.broker_process import runs_with, send
from app.private_file import write_private
from core.clock import monotonic_s
from core.errors import ConfigurationError
from registry.credentials import Credential

USERS_FILE = "device-users.json"
OUR_USERS = frozenset({"ingest", "device", "simulator"})
"""Accounts of the broker itself; no device may have their names (registry/credentials.py)."""

CONFIG_FILE = "nats-server.json"
PID_FILE = "nats-server.pid"
LOG_FILE = "nats-server.log"

RELOAD_WAIT_S = 10.0
"""A reload takes about two milliseconds after the signal; a starved machine may take seconds to deliver that."""

_POLL_S = 0.005
_TAKEN_UP = re.compile(r"Reloaded server configuration|Failed to reload server configuration: (.*)")


class DeviceUser(msgspec.Struct, frozen=True):
    """What the server compares a login with, and the subjects that it may use."""

    user: str
    password: str
    publish: list[str]
    subscribe: list[str]


def subjects_of(topic_filter: str) -> list[str]:
    """Return the server's subjects for an MQTT filter: a level's dot is two slashes there, and a/# is a, too."""
    special = {"+": "*", "#": ">", "": "/"}
    levels = [special.get(level, level.replace(".", "//")) for level in topic_filter.split("/")]
    whole = [".".join(levels[:-1])] if levels[-1] == ">" and len(levels) > 1 else []
    return [*whole, ".".join(levels)]


def write(folder: Path, credentials: Sequence[tuple[Credential, str]]) -> None:
    """Keep who may log in and by which token, readable by its owner only."""
    users = [
        DeviceUser(
            one.username,
            token,
            [subject for topic in one.publish for subject in subjects_of(topic)],
            [subject for topic in one.subscribe for subject in subjects_of(topic)],
        )
        for one, token in credentials
    ]
    write_private(folder / USERS_FILE, msgspec.json.encode(users))


def device_users(folder: Path) -> list[dict[str, Any]]:
    """Return the users of the server's configuration; none before one was written. Raises ConfigurationError."""
    path = folder / USERS_FILE
    if not path.exists():
        return []
    try:
        users = msgspec.json.decode(path.read_bytes(), type=list[DeviceUser])
    except msgspec.DecodeError as error:
        raise ConfigurationError(
            f"the devices' accounts cannot be read ({error})",
            where=str(path),
            remedy="delete it; `shouwang devices credentials write` makes it again",
        ) from error
    return [_user(one) for one in users]


def reload(folder: Path) -> bool:
    """Let a running server of this folder take its device users up; return whether it has.

    Returns once the server has: a device that logs in with its fresh token at that moment is let in. Whoever may no
    longer be connected is put off by the server itself. Raises ConfigurationError with the server's own words when it
    refuses them, and where it is another user's.
    """
    folder = folder.resolve()
    config, pid_file = folder / CONFIG_FILE, folder / PID_FILE
    pid = pid_file.read_text().strip() if pid_file.exists() else ""
    if not config.exists() or not pid.isdigit() or not runs_with(int(pid), config):
        return False
    body = json.loads(config.read_bytes())
    own = [user for user in body["authorization"]["users"] if user["user"] in OUR_USERS]
    body["authorization"]["users"] = [*own, *device_users(folder)]
    write_private(config, json.dumps(body, indent=1).encode())
    log = folder / LOG_FILE
    before = _size(log)
    return send(int(pid), signal.SIGHUP) and _wait_until_taken_up(log, before)


def _wait_until_taken_up(log: Path, before: int) -> bool:
    """Return whether the server says so, in what it wrote behind `before` bytes, in good time."""
    pause, until_s = threading.Event(), monotonic_s() + RELOAD_WAIT_S
    while monotonic_s() < until_s:
        words = log.read_bytes() if log.exists() else b""
        fresh = words[before:] if len(words) >= before else words  # a log that reached its limit began again
        said = _TAKEN_UP.search(fresh.decode(errors="replace"))
        if said is not None:
            if said[1]:
                raise ConfigurationError(
                    f"the broker refuses the devices' accounts: {said[1]}",
                    where=str(log),
                    remedy="mend what it names, then run `shouwang devices credentials write`",
                )
            return True
        pause.wait(_POLL_S)
    return False


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _user(one: DeviceUser) -> dict[str, Any]:
    listen = {"allow": [*one.subscribe, "$MQTT.sub.>"]} if one.subscribe else {"deny": [">"]}
    return {
        "user": one.user,
        "password": one.password,
        "allowed_connection_types": ["MQTT"],
        "permissions": {"publish": {"allow": one.publish}, "subscribe": listen},
    }
