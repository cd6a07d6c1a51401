"""Fingerprints of people, entries, erasures and holds too; what rests there is adopted at this start, and signed."""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

NEW = ("person", "entry", "erasure", "legal_hold")


def upgrade() -> None:
    some = " OR ".join(f"EXISTS (SELECT 1 FROM {name})" for name in NEW)
    told = "EXISTS (SELECT 1 FROM audit WHERE action IN ('rows.kept', 'rows.adopted', 'person.erased'))"
    known = "EXISTS (SELECT 1 FROM fact WHERE name = 'rows.adopted')"  # of this very start: everything is adopted
    op.execute(
        f"INSERT INTO fact (name, value) SELECT 'rows.adopted', '{','.join(NEW)}'"  # noqa: S608 - our own names
        f" WHERE NOT {known} AND ({some} OR {told})"
    )


def downgrade() -> None:
    pass
