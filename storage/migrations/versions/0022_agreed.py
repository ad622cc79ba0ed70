"""How a resident agreed to being named in a hand-over; no index of everybody's closed tickets

The desk's count of what nobody has walked through every closed ticket: the index of all that have no assignee was taken for
the better one.

Revision: 0022
Follows: 0021
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("hand_overs", schema=None) as table:
        table.add_column(sa.Column("agreed", sa.String(8), nullable=True))
    op.drop_index("ix_tickets_assigned_to", table_name="tickets")


def downgrade() -> None:
    op.create_index("ix_tickets_assigned_to", "tickets", ["assigned_to"])
    with op.batch_alter_table("hand_overs", schema=None) as table:
        table.drop_column("agreed")
