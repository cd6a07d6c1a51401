"""Fingerprints of the rows that the ledger counts; what rests there already is adopted at this start, and told."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "row_seal",
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("table_name", sa.String(), nullable=False),
        sa.Column("row_id", sa.String(), nullable=False),
        sa.Column("columns", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", "table_name", "row_id"),
    )
    counted = ("visit", "standing_fact", "special_period", "follow_up", "eligibility", "monthly_return", "evaluation")
    some = " OR ".join(f"EXISTS (SELECT 1 FROM {name})" for name in counted)
    op.execute(f"INSERT INTO fact (name, value) SELECT 'rows.adopted', 'due' WHERE {some}")  # noqa: S608 - our own names


def downgrade() -> None:
    op.drop_table("row_seal")
