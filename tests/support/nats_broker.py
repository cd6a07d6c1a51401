"""The real broker for a test: embedded NATS in the test's own folder, redelivering after one second."""

from pathlib import Path

from app.broker import EmbeddedBroker

ACK_WAIT_S = 1.0


def nats_broker(folder: Path, **options: float) -> EmbeddedBroker:
    """Return a started broker; the caller stops it."""
    broker = EmbeddedBroker(folder / "broker", ack_wait_s=ACK_WAIT_S, **options)
    broker.start()
    return broker
