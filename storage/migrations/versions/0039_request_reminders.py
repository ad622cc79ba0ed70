"""When a request about personal data is reminded of next

Revision: 0039
Follows: 0038
"""

import sqlalchemy as sa
from alembic import op

import storage.types

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("data_requests") as table:
        table.add_column(sa.Column("remind_at", storage.types.UtcDateTime(), nullable=True))
        table.add_column(sa.Column("level", sa.Integer(), nullable=True))
    op.execute("UPDATE data_requests SET remind_at = due_at WHERE state IN ('open', 'decided')")


def downgrade() -> None:
    with op.batch_alter_table("data_requests") as table:
        table.drop_column("level")
        table.drop_column("remind_at")
