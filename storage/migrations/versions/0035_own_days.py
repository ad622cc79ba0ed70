"""A community's own days: open or shut beside the house's

Revision: 0035
Follows: 0034
"""

import sqlalchemy as sa
from alembic import op

import storage.types

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

KEY = "fk_office_days_community_id"


def upgrade() -> None:
    with op.batch_alter_table("office_days") as table:
        table.add_column(sa.Column("community_id", storage.types.Id, nullable=True))
        table.create_foreign_key(KEY, "communities", ["community_id"], ["id"])


def downgrade() -> None:
    op.execute("DELETE FROM office_days WHERE community_id IS NOT NULL")
    with op.batch_alter_table("office_days") as table:
        table.drop_constraint(KEY, type_="foreignkey")
        table.drop_column("community_id")
