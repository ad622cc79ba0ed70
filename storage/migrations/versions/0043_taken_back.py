"""Words of a colleague's that were taken back, and the files that went with them

Revision: 0043
Follows: 0042
"""

import sqlalchemy as sa
from alembic import op

import storage.types

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("messages") as table:
        table.add_column(sa.Column("taken_back_at", storage.types.UtcDateTime(), nullable=True))
    with op.batch_alter_table("message_versions") as table:
        table.add_column(sa.Column("attachments", storage.types.Json, nullable=True))
    with op.batch_alter_table("blobs") as table:
        table.add_column(sa.Column("taken_back", sa.Boolean(), server_default=sa.text("false"), nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("blobs") as table:
        table.drop_column("taken_back")
    with op.batch_alter_table("message_versions") as table:
        table.drop_column("attachments")
    with op.batch_alter_table("messages") as table:
        table.drop_column("taken_back_at")
