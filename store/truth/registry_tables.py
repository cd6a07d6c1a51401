"""The tables of the ledger's people: areas, entries with versions, gathering, verification, audit; no behaviour."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text

from store.truth.tables import metadata

area = Table(
    "area",
    metadata,
    Column("path", String, primary_key=True),  # town/village/grid
    Column("name", String, nullable=False),
)

entry = Table(
    "entry",
    metadata,
    Column("person_id", String, ForeignKey("person.id"), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("verified_on", String),
    Column("data", LargeBinary, nullable=False),  # sealed JSON
)

entry_version = Table(
    "entry_version",
    metadata,
    Column("person_id", String, primary_key=True),  # no foreign key: what was known outlives an erased person
    Column("version", Integer, primary_key=True),
    Column("at_ms", BigInteger, nullable=False),
    Column("actor", String, nullable=False),
    Column("action", String, nullable=False),
    Column("why", LargeBinary, nullable=False),  # sealed: reasons name illnesses
    Column("marks", String, nullable=False),
    Column("data", LargeBinary, nullable=False),  # sealed JSON of the whole record as it stood
    Column("sha256", String, nullable=False),  # of `data` as it rests; the audit row names it
)

snapshot = Table(
    "ledger_snapshot",
    metadata,
    Column("day", String, primary_key=True),  # 06-30 or 12-31
    Column("taken_at_ms", BigInteger, nullable=False),
    Column("taken_by", String, nullable=False),
    Column("people", Integer, nullable=False),
    Column("sha256", String, nullable=False),  # of its rows in order
    Column("audit_head", String, nullable=False),  # the chain's last hash before it
)

snapshot_row = Table(
    "ledger_snapshot_row",
    metadata,
    Column("day", String, ForeignKey("ledger_snapshot.day", deferrable=True, initially="DEFERRED"), primary_key=True),
    Column("person_id", String, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("sha256", String, nullable=False),
)

child_contact = Table(
    "child_contact",
    metadata,
    Column("id", String, primary_key=True),
    Column("person_id", String, nullable=False),
    Column("local_date", String, nullable=False),
    Column("channel", String, nullable=False),
    Column("note", LargeBinary, nullable=False),  # sealed
    Column("recorded_by", String, nullable=False),
    Column("recorded_at_ms", BigInteger, nullable=False),
    Index("ix_child_contact_person", "person_id", "local_date"),
)

gathering = Table(
    "gathering",
    metadata,
    Column("id", String, primary_key=True),
    Column("source", String, nullable=False),
    Column("file_sha256", String, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("actor", String, nullable=False),
    Column("mapping", Text, nullable=False),  # which header is which field, JSON; headers name no person
    Column("counts", Text, nullable=False),  # rows by fate, JSON
    Index("ix_gathering_at", "at_ms"),
)

gathered_row = Table(
    "gathered_row",
    metadata,
    Column("gathering_id", String, ForeignKey("gathering.id"), primary_key=True),
    Column("row", Integer, primary_key=True),
    Column("fate", String, nullable=False),
    Column("person_id", String),
    Column("detail", LargeBinary, nullable=False),  # sealed JSON: reasons and what the row held
)

conflict = Table(
    "conflict",
    metadata,
    Column("id", String, primary_key=True),
    Column("gathering_id", String, ForeignKey("gathering.id"), nullable=False),
    Column("row", Integer, nullable=False),
    Column("person_id", String, nullable=False),
    Column("field", String, nullable=False),
    Column("kept", LargeBinary, nullable=False),  # sealed
    Column("offered", LargeBinary, nullable=False),  # sealed
    Column("decided", String, nullable=False),  # "", kept, offered
    Column("decided_by", String, nullable=False),
    Column("decided_at_ms", BigInteger),
    Index("ix_conflict_open", "decided", "person_id"),
)

verification = Table(
    "verification",
    metadata,
    Column("person_id", String, primary_key=True),
    Column("gathering_id", String, primary_key=True),  # "" : opened by hand
    Column("area", String, nullable=False),
    Column("household", String, nullable=False),  # the home's id
    Column("opened_at_ms", BigInteger, nullable=False),
    Column("outcome", String, nullable=False),  # "": still to do
    Column("done_by", String, nullable=False),
    Column("done_at_ms", BigInteger),
    Column("note", LargeBinary, nullable=False),  # sealed
    Index("ix_verification_area", "area", "outcome"),
)

audit = Table(
    "audit",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("actor", String, nullable=False),
    Column("action", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("marks", String, nullable=False),
    Column("digest", String, nullable=False),
    Column("detail", LargeBinary, nullable=False),  # sealed
    Column("previous", String, nullable=False),
    Column("hash", String, nullable=False),
    Index("ix_audit_subject", "subject", "number"),
)
