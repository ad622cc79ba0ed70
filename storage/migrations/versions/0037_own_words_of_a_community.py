"""A community's own words, beside the house's

Revision: 0037
Follows: 0036
"""

import sqlalchemy as sa
from alembic import op

import storage.types

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("own_words") as table:
        table.add_column(sa.Column("community_id", storage.types.Id, nullable=True))
        table.create_foreign_key(op.f("fk_own_words_community_id"), "communities", ["community_id"], ["id"])


def downgrade() -> None:
    op.execute("DELETE FROM own_words WHERE community_id IS NOT NULL")
    with op.batch_alter_table("own_words") as table:
        table.drop_constraint(op.f("fk_own_words_community_id"), type_="foreignkey")
        table.drop_column("community_id")
