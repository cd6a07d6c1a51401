"""Sends the embedded broker a message of its own and takes it back: that it lives does not say that it keeps any."""

import errno
import hashlib
import secrets
import socket
from collections.abc import Callable, Iterator

from app.broker_accounts import Account
from core.clock import monotonic_s
from ingest import mqtt_packets as mqtt
from ingest.framing import Control, Frame, Framer
from ingest.wire import Wire

TOPIC = "$shouwang/probe"
"""No wildcard reaches a topic that begins with a dollar sign: no session that hears all takes it for a device's, and no
device may speak on it."""

ANSWER_S = 10.0
"""It takes milliseconds, behind the messages of a whole county and on a starved machine seconds."""

_LOOK_S = 0.2
_OURS = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOBUFS})
_SUBSCRIPTION, _MESSAGE = 1, 2
_VERSION: mqtt.Version = "3.1.1"


def probe(host: str, port: int, account: Account, goes_on: Callable[[], bool]) -> str:
    """Return why the broker does not do its work, empty when it does; blocks for ten seconds at most.

    Connects, subscribes, publishes at QoS 1 and waits for the promise and for the message; all of it is undone. Raises
    OSError where this process lacks what it needs to ask: that says nothing of the broker.
    """
    try:
        wire = Wire(host, port, None)
    except OSError as error:
        if error.errno in _OURS:
            raise
        socket.socket().close()  # a name that is looked up without a descriptor left fails in other words
        return f"no connection: {error}"
    exchange = _Exchange(wire, account, goes_on)
    try:
        exchange.run()
    except (OSError, mqtt.MalformedError) as error:
        if isinstance(error, OSError) and error.errno in _OURS:
            raise
        return f"{exchange.waits_for}: {error}"
    finally:
        wire.close()
    return ""


class _Exchange:
    """One connection, from its first packet to its last."""

    def __init__(self, wire: Wire, account: Account, goes_on: Callable[[], bool]) -> None:
        self._wire = wire
        self._account = account
        self._goes_on = goes_on
        self._framer = Framer(_VERSION)
        self._payload = secrets.token_hex(8).encode()
        self._until_s = monotonic_s() + ANSWER_S
        self.waits_for = ""

    def run(self) -> None:
        """Go through it; raises OSError, of which the end of the time is one, or MalformedError."""
        account = self._account
        hello = mqtt.connect(
            _VERSION,
            _client_id(account),
            username=account.username,
            password=account.password,
            keepalive_s=round(ANSWER_S),
            receive_maximum=1,
            is_clean=True,
        )
        self._ask("no answer to CONNECT", hello, mqtt.CONNACK)
        self._ask("no answer to SUBSCRIBE", mqtt.subscribe(_VERSION, _SUBSCRIPTION, [TOPIC]), mqtt.SUBACK)
        self.waits_for = "a message was not taken"
        self._wire.send(mqtt.publish(_VERSION, TOPIC, self._payload, _MESSAGE))
        is_promised = is_back = False
        while not (is_promised and is_back):
            for one in self._received():
                if isinstance(one, Control):
                    is_promised |= one.kind == mqtt.PUBACK
                else:
                    self._wire.send(mqtt.acks([one[0]]))
                    is_back |= one[2] == self._payload
            self.waits_for = "a message was taken and not given out" if is_promised else self.waits_for
        self._wire.send(mqtt.GOODBYE)
        self._wire.wait(0, wants_more=False)

    def _ask(self, waits_for: str, question: bytes, answer: int) -> None:
        self.waits_for = waits_for
        self._wire.send(question)
        while True:
            for one in self._received():
                if isinstance(one, Control) and one.kind == answer:
                    if answer == mqtt.CONNACK and (refusal := mqtt.connack(_VERSION, one.body).refusal):
                        raise ConnectionRefusedError(refusal)
                    return

    def _received(self) -> Iterator[Frame | Control]:
        if not self._goes_on():
            raise ConnectionAbortedError("it was let go")
        if monotonic_s() >= self._until_s:
            raise TimeoutError(f"not within {ANSWER_S:g} s")
        frames, controls = self._framer.feed(self._wire.wait(_LOOK_S, wants_more=True))
        yield from controls
        yield from frames


def _client_id(account: Account) -> str:
    """Return always the same, which nobody can know: what a killed server kept of it ends with the next connection."""
    return f"probe-{hashlib.sha256(account.password.encode()).hexdigest()[:24]}"
