"""Whom a ticket was passed to, in its figures

Revision: 0036
Follows: 0035
"""

import sqlalchemy as sa
from alembic import op

import storage.types

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("ticket_figures", sa.Column("passed_to", storage.types.Id, nullable=True))
    op.execute("UPDATE ticket_events SET tallied = false WHERE action = 'pass_accepted'")  # counted anew


def downgrade() -> None:
    with op.batch_alter_table("ticket_figures") as table:
        table.drop_column("passed_to")
