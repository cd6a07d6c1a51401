"""Alerts keep the ladder they run on."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("alert", sa.Column("ladder", sa.Text(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("alert") as alert:
        alert.drop_column("ladder")
