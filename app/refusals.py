"""What the embedded broker refused, read from the lines of its log; of a message only its topic is known."""

import ast
import re
from collections.abc import Iterable

import msgspec

from core.text import Bilingual

KEPT = 50
"""Topics kept, those refused latest: whoever mends these sees the next ones; a device that tries each is no leak."""

TOPIC_CHARS = 200
"""Of a topic, enough to recognise it."""

_VIOLATION = re.compile(
    r'^\[\d+\] \S+ \S+ \[ERR\] \S+ - \w+:\d+ - "((?:[^"\\]|\\.)*)" - (Publish|Subscription) Violation'
    r' - Subject "((?:[^"\\]|\\.)*)"'
)
_TECHNICAL = re.compile(r"[\w.:/-]{1,64}", re.ASCII)
_UNLIMITED = {"*": "+", ">": "#", "/": ""}

REMEDY = Bilingual(
    "让设备改用自己的主题，或给它一份能用该主题的凭证（shouwang devices credentials issue），"
    "共用帐号则加进设置 mqtt_topics",
    "let the device speak on a topic of its own, give it a credential for this one"
    " (shouwang devices credentials issue), or for the shared account add it to mqtt_topics",
)


class Refusal(msgspec.Struct, frozen=True):
    """One client that may not use one topic."""

    client: str  # as it calls itself; empty where that is no technical name
    topic: str
    is_subscription: bool  # it wanted to listen; otherwise to speak
    count: int = 1
    last_ms: int = 0

    @property
    def words(self) -> Bilingual:
        """Return who was refused what."""
        zh, en = ("订阅", "listening to") if self.is_subscription else ("发往", "speaking on")
        client = f" {self.client}" if self.client else ""
        return Bilingual(f"客户端{client} {zh} {self.topic}", f"client{client} {en} {self.topic}")


class Refusals:
    """The latest refusals by client and topic, and how many there were in all."""

    def __init__(self) -> None:
        self.messages = 0
        self.subscriptions = 0
        self._kept: dict[tuple[str, str, bool], Refusal] = {}

    def take(self, lines: Iterable[str], now_ms: int) -> None:
        """Count what lines of the log tell; others are passed over."""
        for line in lines:
            found = read_line(line)
            if found is None:
                continue
            if found.is_subscription:
                self.subscriptions += 1
            else:
                self.messages += 1
            key = (found.client, found.topic, found.is_subscription)
            before = self._kept.pop(key, None)
            count = 1 if before is None else before.count + 1
            self._kept[key] = msgspec.structs.replace(found, count=count, last_ms=now_ms)
            if len(self._kept) > KEPT:
                del self._kept[next(iter(self._kept))]

    def latest(self) -> list[Refusal]:
        """Return what is kept, the latest first."""
        return [*reversed(list(self._kept.values()))]


def read_line(line: str) -> Refusal | None:
    """Return what a line of the log refuses, or None."""
    found = _VIOLATION.match(line)
    if found is None:
        return None
    client, topic = _unquoted(found[1]), topic_of(_unquoted(found[3]))[:TOPIC_CHARS]
    return Refusal(client if _TECHNICAL.fullmatch(client) else "", topic, found[2] == "Subscription")


def topic_of(subject: str) -> str:
    """Return the MQTT topic of the server's subject: the reverse of app/broker_users.py's subjects_of."""
    return "/".join(_UNLIMITED.get(level, level.replace("//", ".")) for level in subject.split("."))


def _unquoted(text: str) -> str:
    try:
        return str(ast.literal_eval(f'"{text}"'))  # the server quotes as Go does, of which Python reads every form
    except (SyntaxError, ValueError):
        return text
