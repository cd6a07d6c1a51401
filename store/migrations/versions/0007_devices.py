"""Devices that nobody registered yet, who may be adopted, what was replaced, broker credentials, asked-for rereading."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "device_inbox",
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("identity", sa.Text(), nullable=False),
        sa.Column("parts", sa.Text(), nullable=False),
        sa.Column("metrics", sa.Text(), nullable=False),
        sa.Column("first_seen_ms", sa.BigInteger(), nullable=False),
        sa.Column("last_seen_ms", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("decided_at_ms", sa.BigInteger(), nullable=True),
        sa.Column("device_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("address"),
    )
    op.create_index("ix_device_inbox_state", "device_inbox", ["state", "last_seen_ms"])
    op.create_table(
        "device_allowed",
        sa.Column("pattern", sa.String(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("added_by", sa.String(), nullable=False),
        sa.Column("added_at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("pattern"),
    )
    op.create_table(
        "device_replaced",
        sa.Column("device_id", sa.String(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("old_address", sa.String(), nullable=False),
        sa.Column("new_address", sa.String(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("device_id", "at_ms"),
    )
    op.create_table(
        "device_credential",
        sa.Column("username", sa.String(), nullable=False),
        sa.Column("publish", sa.Text(), nullable=False),
        sa.Column("subscribe", sa.Text(), nullable=False),
        sa.Column("token", sa.LargeBinary(), nullable=False),
        sa.Column("verifier", sa.String(), nullable=False),
        sa.Column("issued_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("issued_by", sa.String(), nullable=False),
        sa.Column("revoked_at_ms", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("username"),
    )
    op.create_table(
        "parked_retry",
        sa.Column("parked_id", sa.BigInteger(), nullable=False),
        sa.Column("asked_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("parked_id"),
    )


def downgrade() -> None:
    op.drop_table("parked_retry")
    op.drop_table("device_credential")
    op.drop_table("device_replaced")
    op.drop_table("device_allowed")
    op.drop_index("ix_device_inbox_state", "device_inbox")
    op.drop_table("device_inbox")
