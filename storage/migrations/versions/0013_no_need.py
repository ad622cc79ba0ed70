"""Whether an answer, and a call afterwards, is wanted (WO-15)

Revision: 0013
Follows: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

WISHES = ("needs_reply", "needs_call_back")


def upgrade() -> None:
    with op.batch_alter_table("tickets", schema=None) as tickets:
        for name in WISHES:
            tickets.add_column(sa.Column(name, sa.Boolean(), server_default=sa.text("true"), nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("tickets", schema=None) as tickets:
        for name in reversed(WISHES):
            tickets.drop_column(name)
