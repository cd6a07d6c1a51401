"""Indexes that a thousand alerts at once need; which incident explains a finding, so that it can list its homes."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_alert_person", "alert", ["person_id"])
    op.create_index("ix_attempt_contact", "attempt", ["contact_id", "created_at_ms"])
    op.create_index("ix_attempt_look_up", "attempt", ["state", "look_up_at_ms"])
    op.add_column("finding", sa.Column("held_by", sa.String(), nullable=True))
    op.execute("UPDATE finding SET held_by = json_extract(data, '$.held_by')")
    op.create_index("ix_finding_held", "finding", ["held_by"])


def downgrade() -> None:
    op.drop_index("ix_finding_held", "finding")
    op.drop_column("finding", "held_by")
    op.drop_index("ix_attempt_look_up", "attempt")
    op.drop_index("ix_attempt_contact", "attempt")
    op.drop_index("ix_alert_person", "alert")
