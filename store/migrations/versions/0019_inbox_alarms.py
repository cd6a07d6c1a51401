"""Which devices of the inbox have signalled an alarm; of those that wait it is known from their next one on."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    known = {column["name"] for column in sa.inspect(op.get_bind()).get_columns("device_inbox")}
    if "alarmed" not in known:
        op.add_column("device_inbox", sa.Column("alarmed", sa.Text(), nullable=False, server_default="[]"))


def downgrade() -> None:
    op.drop_column("device_inbox", "alarmed")
