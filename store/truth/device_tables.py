"""The tables of devices beside a home's own: inbox, allow-list, replacements, credentials; holds no behaviour."""

from sqlalchemy import BigInteger, Column, Index, LargeBinary, String, Table, Text

from store.truth.tables import metadata

device_inbox = Table(
    "device_inbox",
    metadata,
    Column("address", String, primary_key=True),
    Column("identity", Text, nullable=False),  # JSON
    Column("parts", Text, nullable=False),  # JSON
    Column("metrics", Text, nullable=False),  # JSON
    Column("alarmed", Text, nullable=False, server_default="[]"),  # JSON
    Column("first_seen_ms", BigInteger, nullable=False),
    Column("last_seen_ms", BigInteger, nullable=False),
    Column("count", BigInteger, nullable=False),
    Column("state", String, nullable=False),
    Column("decided_by", String, nullable=False),
    Column("decided_at_ms", BigInteger),
    Column("device_id", String, nullable=False),
    Index("ix_device_inbox_state", "state", "last_seen_ms"),
)

device_allowed = Table(
    "device_allowed",
    metadata,
    Column("pattern", String, primary_key=True),
    Column("note", Text, nullable=False),
    Column("added_by", String, nullable=False),
    Column("added_at_ms", BigInteger, nullable=False),
)

device_replaced = Table(
    "device_replaced",
    metadata,
    Column("device_id", String, primary_key=True),  # no foreign key: the past outlives a device
    Column("at_ms", BigInteger, primary_key=True),
    Column("old_address", String, nullable=False),
    Column("new_address", String, nullable=False),
    Column("who", String, nullable=False),
)

device_credential = Table(
    "device_credential",
    metadata,
    Column("username", String, primary_key=True),
    Column("publish", Text, nullable=False),  # JSON, topic filters
    Column("subscribe", Text, nullable=False),  # JSON, topic filters
    Column("token", LargeBinary, nullable=False),  # sealed: the embedded broker compares it as it is
    Column("verifier", String, nullable=False),  # as Mosquitto's password file has it
    Column("issued_at_ms", BigInteger, nullable=False),
    Column("issued_by", String, nullable=False),
    Column("revoked_at_ms", BigInteger),
)

parked_retry = Table(
    "parked_retry",
    metadata,
    Column("parked_id", BigInteger, primary_key=True),
    Column("asked_at_ms", BigInteger, nullable=False),
    Column("asked_by", String, nullable=False),
)
