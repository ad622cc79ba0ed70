"""Which page wrote what is noted of a call, and what became of its transfers

Revision: 0041
Follows: 0040
"""

import sqlalchemy as sa
from alembic import op

import storage.types

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("calls") as table:
        table.add_column(sa.Column("page", sa.String(24), nullable=True))
        table.add_column(sa.Column("typed", sa.Integer(), nullable=False, server_default="0"))
        table.add_column(sa.Column("transfers", storage.types.Json, nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("calls") as table:
        table.drop_column("transfers")
        table.drop_column("typed")
        table.drop_column("page")
