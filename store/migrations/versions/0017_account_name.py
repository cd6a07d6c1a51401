"""What staff are called: the name that stands on a form where the account's would."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    known = {column["name"] for column in sa.inspect(op.get_bind()).get_columns("account")}
    if "display_name" not in known:
        op.add_column("account", sa.Column("display_name", sa.String(), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("account", "display_name")
