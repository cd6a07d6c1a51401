"""Keys of the database, wrapped by the key file's: to change that one is to wrap them anew."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "key_ring",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("use", sa.String(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", "use"),
        if_not_exists=True,
    )


def downgrade() -> None:
    op.drop_table("key_ring")
