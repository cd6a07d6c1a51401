"""What the dispatcher must remember of an attempt over a kill: channels tried, the next look-up, the number rung."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("attempt", sa.Column("tried", sa.Text(), nullable=False, server_default="[]"))
    op.add_column("attempt", sa.Column("first_claimed_at_ms", sa.BigInteger(), nullable=True))
    op.add_column("attempt", sa.Column("look_up_at_ms", sa.BigInteger(), nullable=True))
    op.add_column("attempt", sa.Column("to_blind", sa.LargeBinary(), nullable=True))
    op.create_index("ix_attempt_number", "attempt", ["to_blind", "claimed_at_ms"])


def downgrade() -> None:
    op.drop_index("ix_attempt_number", "attempt")
    with op.batch_alter_table("attempt") as attempt:
        attempt.drop_column("to_blind")
        attempt.drop_column("look_up_at_ms")
        attempt.drop_column("first_claimed_at_ms")
        attempt.drop_column("tried")
