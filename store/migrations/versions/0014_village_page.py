"""Indexes of a village's due board: confirmed forms and unsigned records of an area, among a county's."""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_visit_confirmed", "visit", ["is_annex1_confirmed", "area"], if_not_exists=True)
    op.drop_index("ix_visit_signed", "visit")
    op.create_index("ix_visit_signed", "visit", ["signed_at_ms", "area"])


def downgrade() -> None:
    op.drop_index("ix_visit_confirmed", "visit")
    op.drop_index("ix_visit_signed", "visit")
    op.create_index("ix_visit_signed", "visit", ["signed_at_ms"])
