"""The duty rota, every imported plan of it; what is known of phone numbers."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rota",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("imported_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("imported_by", sa.String(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("version"),
    )
    op.create_table(
        "number_state",
        sa.Column("phone_blind", sa.LargeBinary(), nullable=False),
        sa.Column("voice_bounced_at_ms", sa.BigInteger(), nullable=True),
        sa.Column("sms_bounced_at_ms", sa.BigInteger(), nullable=True),
        sa.Column("bounce_detail", sa.Text(), nullable=False),
        sa.Column("answered_at_ms", sa.BigInteger(), nullable=True),
        sa.Column("confirmed_at_ms", sa.BigInteger(), nullable=True),
        sa.Column("confirmed_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("phone_blind"),
    )


def downgrade() -> None:
    op.drop_table("number_state")
    op.drop_table("rota")
