"""The tables of the ledger: records with their versions, standing, special periods, follow-ups, returns."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text, false

from store.truth.tables import metadata

visit = Table(
    "visit",
    metadata,
    Column("id", String, primary_key=True),
    Column("person_id", String, nullable=False),  # no foreign key: the ledger outlives an erased person
    Column("contact_class", String, nullable=False),
    Column("started_at_ms", BigInteger, nullable=False),
    Column("local_date", String, nullable=False),
    Column("visitor", String, nullable=False),
    Column("is_registered_visitor", Boolean, nullable=False),
    Column("is_form_complete", Boolean, nullable=False),
    Column("is_drill", Boolean, nullable=False),
    Column("alert_id", String),
    Column("reviewed_by", String, nullable=False),
    Column("reviewed_at_ms", BigInteger),
    Column("credits", Text, nullable=False),
    Column("policy_version", String, nullable=False),
    Column("note", LargeBinary, nullable=False),  # sealed
    Column("version", Integer, nullable=False),
    Column("number", Integer, nullable=False, server_default="0"),
    Column("area", String, nullable=False, server_default=""),
    Column("is_draft", Boolean, nullable=False, server_default=false()),
    Column("entered_at_ms", BigInteger),
    Column("entered_on", String),
    Column("signed_at_ms", BigInteger),
    Column("approved_at_ms", BigInteger),
    Column("merged_into", String),
    Column("is_annex1_confirmed", Boolean, nullable=False, server_default=false()),
    Column("details", LargeBinary),  # sealed JSON of the rest: the form, evidence, who signed, why it was corrected
    Index("ux_visit_alert", "alert_id", unique=True),  # one incident, at most one row (policy B3)
    Index("ix_visit_person", "person_id", "local_date"),
    Index("ix_visit_date", "local_date"),
    Index("ix_visit_review", "contact_class", "reviewed_at_ms"),
    Index("ix_visit_signed", "signed_at_ms", "area"),
    Index("ix_visit_confirmed", "is_annex1_confirmed", "area"),
)

visit_version = Table(
    "visit_version",
    metadata,
    Column("visit_id", String, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("data", LargeBinary, nullable=False),  # sealed JSON of the whole record as it stood
)

visit_sequence = Table(
    "visit_sequence",
    metadata,
    Column("person_id", String, primary_key=True),
    Column("last", Integer, nullable=False),  # only ever grows: a number is never given twice
)

standing_fact = Table(
    "standing_fact",
    metadata,
    Column("id", String, primary_key=True),
    Column("person_id", String, nullable=False),
    Column("data", LargeBinary, nullable=False),  # sealed: a stay in hospital is nobody's business
    Index("ix_standing_person", "person_id"),
)

special_period = Table(
    "special_period",
    metadata,
    Column("id", String, primary_key=True),
    Column("from_date", String, nullable=False),
    Column("until_date", String, nullable=False),
    Column("data", Text, nullable=False),
    Index("ix_special_until", "until_date"),
)

follow_up = Table(
    "follow_up",
    metadata,
    Column("id", String, primary_key=True),
    Column("person_id", String, nullable=False),
    Column("area", String, nullable=False),
    Column("is_open", Boolean, nullable=False),
    Column("due_on", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("data", LargeBinary, nullable=False),  # sealed
    Index("ix_follow_up_open", "is_open", "due_on"),
    Index("ix_follow_up_person", "person_id"),
)

eligibility = Table(
    "eligibility",
    metadata,
    Column("id", String, primary_key=True),
    Column("person_id", String, nullable=False),
    Column("area", String, nullable=False),
    Column("is_open", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    Column("data", LargeBinary, nullable=False),  # sealed
    Index("ix_eligibility_open", "is_open", "area"),
    Index("ix_eligibility_person", "person_id"),
)

monthly_return = Table(
    "monthly_return",
    metadata,
    Column("id", String, primary_key=True),
    Column("month", String, nullable=False),
    Column("area", String, nullable=False),
    Column("state", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("data", LargeBinary, nullable=False),  # sealed: a reason may name somebody
    Column("content", LargeBinary),  # sealed JSON, frozen when the village signs
    Index("ux_return_month", "month", "area", unique=True),
)

return_item = Table(
    "return_item",
    metadata,
    Column("visit_id", String, primary_key=True),  # a version of a record stands in one return, never in two
    Column("visit_version", Integer, primary_key=True),
    Column("return_id", String, ForeignKey("monthly_return.id"), nullable=False),
    Index("ix_return_item", "return_id"),
)

evaluation = Table(
    "evaluation",
    metadata,
    Column("month", String, primary_key=True),
    Column("person_id", String, primary_key=True),
    Column("area", String, nullable=False),
    Column("policy_version", String, nullable=False),
    Column("evaluated_at_ms", BigInteger, nullable=False),
    Column("data", LargeBinary, nullable=False),  # sealed: what was owed and why, as the month was closed
    Index("ix_evaluation_area", "month", "area"),
)

row_seal = Table(
    "row_seal",
    metadata,
    Column("number", BigInteger, primary_key=True),  # of the row of the chain that vouches for it
    Column("table_name", String, primary_key=True),
    Column("row_id", String, primary_key=True),
    Column("columns", LargeBinary, nullable=False),  # a fingerprint of each column; empty: the row was removed
)
