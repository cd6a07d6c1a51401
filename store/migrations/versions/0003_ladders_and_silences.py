"""Alerts keep the ladder they run on and what is held; silences; why somebody was not told."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("alert", sa.Column("ladder", sa.Text(), nullable=True))
    op.add_column("alert", sa.Column("holds", sa.Text(), nullable=True))
    op.add_column("alert", sa.Column("told_version", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("trace", sa.Column("suppression", sa.LargeBinary(), nullable=True))
    op.create_index("ix_attempt_created", "attempt", ["created_at_ms"], unique=False)
    op.create_table(
        "silence",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("home_id", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("kinds", sa.Text(), nullable=False),
        sa.Column("from_ms", sa.BigInteger(), nullable=False),
        sa.Column("until_ms", sa.BigInteger(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.Column("ended_at_ms", sa.BigInteger(), nullable=True),
        sa.Column("ended_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_silence_until", "silence", ["until_ms"], unique=False)


def downgrade() -> None:
    op.drop_table("silence")
    op.drop_index("ix_attempt_created", table_name="attempt")
    with op.batch_alter_table("trace") as trace:
        trace.drop_column("suppression")
    with op.batch_alter_table("alert") as alert:
        alert.drop_column("told_version")
        alert.drop_column("holds")
        alert.drop_column("ladder")
