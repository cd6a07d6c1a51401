"""Brokers beside the main one, as settings name them; each has its own secret name, account and certificates."""

import hashlib
import json
from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from ingest.broker_account import MAIN_BROKER, SessionSettings
from ingest.formats.conventions import FILTERS

CLIENT_ID_DIGITS = 22
"""What every broker must accept (MQTT 3.1.1, 3.1.3.1) less one; 88 bits that nobody guesses."""


class FurtherBroker(BaseModel):
    """One `[[brokers]]` of the settings file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,30}$")
    host: str = Field(min_length=1)
    port: int = Field(default=1883, ge=1, le=65535)
    client_id: str = ""
    username: str = ""
    password: str = ""
    version: Literal["3.1.1", "5"] = "3.1.1"
    topics: str = ""
    ack_wait_s: float = Field(default=5.0, gt=0)
    tls: bool = False
    ca_file: str = ""
    cert_file: str = ""
    key_file: str = ""

    def session(self, client_id: str) -> SessionSettings:
        """Return how the ingest session connects; `client_id` is the main broker's, from which this one's is made."""
        made = hashlib.sha256(f"{client_id} {self.name}".encode()).hexdigest()  # whoever learns it learns no other
        return SessionSettings(
            name=self.name,
            host=self.host,
            port=self.port,
            client_id=self.client_id or made[:CLIENT_ID_DIGITS],
            username=self.username,
            password=self.password,
            version=self.version,
            topics=(*FILTERS, *self.topics.split()),
            ack_wait_s=self.ack_wait_s,
            tls=self.tls,
            ca_file=self.ca_file,
            cert_file=self.cert_file,
            key_file=self.key_file,
        )


def _from_text(given: object) -> object:
    """Return what an environment variable holds: the list as JSON."""
    return json.loads(given) if isinstance(given, str) else given


FurtherBrokers = Annotated[tuple[FurtherBroker, ...], BeforeValidator(_from_text)]


def check_names(brokers: Sequence[FurtherBroker]) -> None:
    """Raise ValueError where two brokers could not be told apart."""
    names = [broker.name for broker in brokers]
    twice = next((name for name in names if names.count(name) > 1 or name == MAIN_BROKER), None)
    if twice is not None:
        raise ValueError(
            f"brokers: two are called {twice!r} (the first one is called {MAIN_BROKER!r}); give each its own name"
        )
