"""Care notes are sealed when whoever they are about has everything deleted

Revision: 0012
Follows: 0011
"""

import sqlalchemy as sa
from alembic import op

import storage.types

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("care_notes", schema=None) as batch_op:
        batch_op.add_column(sa.Column("sealed_at", storage.types.UtcDateTime(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("care_notes", schema=None) as batch_op:
        batch_op.drop_column("sealed_at")
