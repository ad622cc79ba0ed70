"""What is over in one building stands in an order of its own: in a full town its list took twice as long

Revision: 0023
Follows: 0022
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    over = sa.text("closed_at IS NOT NULL")
    op.create_index(
        "ix_tickets_over_in",
        "tickets",
        ["building", "closed_at", "id"],
        sqlite_where=over,
        postgresql_where=over,
    )


def downgrade() -> None:
    op.drop_index("ix_tickets_over_in", table_name="tickets")
