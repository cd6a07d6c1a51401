"""The real broker for a test: embedded NATS in the test's own folder, redelivering after one second."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from subprocess import Popen

from app.broker import EmbeddedBroker

ACK_WAIT_S = 1.0


def nats_broker(folder: Path, **options: float) -> EmbeddedBroker:
    """Return a started broker; the caller stops it."""
    broker = EmbeddedBroker(folder / "broker", ack_wait_s=ACK_WAIT_S, **options)
    broker.start()
    return broker


def left_behind(broker: EmbeddedBroker) -> Popen[bytes]:
    """Let go of a broker as the system does when its owner is killed; return the server that goes on."""
    broker._ownership.release()
    return broker._process


@contextmanager
def started(folder: Path) -> Generator[EmbeddedBroker]:
    """Give a broker over this very folder, with what it ships with, and stop it at the end."""
    broker = EmbeddedBroker(folder)
    broker.start()
    try:
        yield broker
    finally:
        broker.stop()
