"""Erasure of a person: who asked, who confirmed, what stands instead of the rows that the chain vouches for; holds."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "erased_row",
        sa.Column("table_name", sa.String(), nullable=False),
        sa.Column("row_id", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("table_name", "row_id"),
        if_not_exists=True,
    )
    op.create_table(
        "erasure",
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.Column("done_by", sa.String(), nullable=False),
        sa.Column("done_at_ms", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("person_id"),
        if_not_exists=True,
    )
    op.create_table(
        "legal_hold",
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("person_id"),
        if_not_exists=True,
    )


def downgrade() -> None:
    op.drop_table("legal_hold")
    op.drop_table("erasure")
    op.drop_table("erased_row")
