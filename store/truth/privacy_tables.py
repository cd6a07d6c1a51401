"""The tables of erasure: what stands instead of erased rows, who asked and who confirmed, legal holds; no behaviour."""

from sqlalchemy import BigInteger, Column, LargeBinary, String, Table

from store.truth.tables import metadata

erased_row = Table(
    "erased_row",
    metadata,
    Column("table_name", String, primary_key=True),
    Column("row_id", String, primary_key=True),
    Column("sha256", String, nullable=False),  # of the bytes that rested there: the chain still vouches for them
    Column("number", BigInteger, nullable=False),  # of the row of the chain that tells of the erasure
)

erasure = Table(
    "erasure",
    metadata,
    Column("person_id", String, primary_key=True),
    Column("asked_by", String, nullable=False),
    Column("asked_at_ms", BigInteger, nullable=False),
    Column("reason", LargeBinary, nullable=False),  # sealed
    Column("done_by", String, nullable=False),  # "": it waits for a second person
    Column("done_at_ms", BigInteger),
)

legal_hold = Table(
    "legal_hold",
    metadata,
    Column("person_id", String, primary_key=True),
    Column("by", String, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("reason", LargeBinary, nullable=False),  # sealed
)
