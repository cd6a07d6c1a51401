"""The ledger in full: records with their versions and numbers, standing, special periods, follow-ups, returns."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

VISIT_COLUMNS = (
    ("number", sa.Integer(), "0"),
    ("area", sa.String(), ""),
    ("is_draft", sa.Boolean(), sa.false()),
    ("entered_at_ms", sa.BigInteger(), None),
    ("entered_on", sa.String(), None),
    ("signed_at_ms", sa.BigInteger(), None),
    ("approved_at_ms", sa.BigInteger(), None),
    ("merged_into", sa.String(), None),
    ("is_annex1_confirmed", sa.Boolean(), sa.false()),
    ("details", sa.LargeBinary(), None),
)


def upgrade() -> None:
    for name, kind, default in VISIT_COLUMNS:
        op.add_column("visit", sa.Column(name, kind, nullable=default is None, server_default=default))
    op.create_index("ix_visit_signed", "visit", ["signed_at_ms"])
    op.execute("UPDATE visit SET area = COALESCE((SELECT area FROM person WHERE person.id = visit.person_id), '')")
    op.create_index("ix_person_area", "person", ["area"])
    _records()
    _people()
    _returns()


def _records() -> None:
    op.create_table(
        "visit_version",
        sa.Column("visit_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("visit_id", "version"),
    )
    op.create_table(
        "visit_sequence",
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("person_id"),
    )
    op.create_table(
        "special_period",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("from_date", sa.String(), nullable=False),
        sa.Column("until_date", sa.String(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_special_until", "special_period", ["until_date"])


def _people() -> None:
    op.create_table(
        "standing_fact",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_standing_person", "standing_fact", ["person_id"])
    op.create_table(
        "follow_up",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("due_on", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_follow_up_open", "follow_up", ["is_open", "due_on"])
    op.create_index("ix_follow_up_person", "follow_up", ["person_id"])
    op.create_table(
        "eligibility",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_eligibility_open", "eligibility", ["is_open", "area"])
    op.create_index("ix_eligibility_person", "eligibility", ["person_id"])


def _returns() -> None:
    op.create_table(
        "monthly_return",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("month", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ux_return_month", "monthly_return", ["month", "area"], unique=True)
    op.create_table(
        "return_item",
        sa.Column("visit_id", sa.String(), nullable=False),
        sa.Column("visit_version", sa.Integer(), nullable=False),
        sa.Column("return_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["return_id"], ["monthly_return.id"]),
        sa.PrimaryKeyConstraint("visit_id", "visit_version"),
    )
    op.create_index("ix_return_item", "return_item", ["return_id"])
    op.create_table(
        "evaluation",
        sa.Column("month", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("policy_version", sa.String(), nullable=False),
        sa.Column("evaluated_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("month", "person_id"),
    )
    op.create_index("ix_evaluation_area", "evaluation", ["month", "area"])


def downgrade() -> None:
    for table in (
        "evaluation",
        "return_item",
        "monthly_return",
        "eligibility",
        "follow_up",
        "standing_fact",
        "special_period",
        "visit_sequence",
        "visit_version",
    ):
        op.drop_table(table)
    op.drop_index("ix_person_area", "person")
    op.drop_index("ix_visit_signed", "visit")
    for name, _, _ in reversed(VISIT_COLUMNS):
        op.drop_column("visit", name)
