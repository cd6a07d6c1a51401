"""Where and as whom to listen, and the TLS that goes with it; connects to nothing."""

import ssl

import msgspec

from core.errors import ConfigurationError
from ingest.formats.conventions import FILTERS
from ingest.mqtt_packets import Version

MAIN_BROKER = "main"

DEFAULT_MAX_QUEUED = 20_000
"""About a second at full rate and at most some 20 MB of sensor payloads; then the network waits for the disk."""


class SessionSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Where and as whom to listen. `client_id` is a secret: whoever connects with it takes the session over.

    `ack_wait_s` is the broker's wait before it delivers again; `ca_file` empty means the system's certificates;
    `cert_file` and `key_file` are this client's own, where the broker asks for one.
    """

    name: str = MAIN_BROKER
    host: str = "127.0.0.1"
    port: int = 1883
    client_id: str
    username: str = ""
    password: str = ""
    version: Version = "3.1.1"
    topics: tuple[str, ...] = FILTERS
    is_driven: bool = False
    max_queued: int = DEFAULT_MAX_QUEUED
    linger_ms: float = 2.0
    ack_wait_s: float = 5.0
    tls: bool = False
    ca_file: str = ""
    cert_file: str = ""
    key_file: str = ""

    def __repr__(self) -> str:
        """Without the secrets: settings end up in logs."""
        return (
            f"SessionSettings(name={self.name!r}, host={self.host!r}, port={self.port}, topics={self.topics},"
            f" driven={self.is_driven})"
        )

    def tls_context(self) -> ssl.SSLContext | None:
        """Return the TLS to connect with, None for none; raises ConfigurationError for files that cannot be used."""
        if not self.tls:
            return None
        try:
            context = ssl.create_default_context(cafile=self.ca_file or None)
            if self.cert_file:
                context.load_cert_chain(self.cert_file, self.key_file or None, password=_nobody_types_one)
        except (OSError, ssl.SSLError) as error:
            files = ", ".join(filter(None, (self.ca_file, self.cert_file, self.key_file)))
            raise ConfigurationError(
                f"the certificates for the broker {self.name} cannot be used: {error}",
                where=files or "the system's certificates",
                remedy="name PEM files that this user may read, the key without a pass phrase",
            ) from error
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return context


def _nobody_types_one() -> bytes:
    """Answer for a key that is locked: otherwise the service would stand and ask at a terminal nobody looks at."""
    return b""
