"""Homes that are not watched over for a while, and homes under test."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("home", sa.Column("suspensions", sa.LargeBinary(), nullable=True))
    op.add_column("home", sa.Column("test_until_ms", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("home") as home:
        home.drop_column("test_until_ms")
        home.drop_column("suspensions")
