"""Roles of accounts in areas."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "account_grant",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["name"], ["account.name"]),
        sa.PrimaryKeyConstraint("name", "role", "area"),
    )


def downgrade() -> None:
    op.drop_table("account_grant")
