"""Whom to ring because an answer has changed

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
    with op.batch_alter_table("ring_backs") as table:
        table.add_column(sa.Column("version_id", storage.types.Id, nullable=True))
        table.create_foreign_key(op.f("fk_ring_backs_version_id"), "faq_versions", ["version_id"], ["id"])


def downgrade() -> None:
    op.execute("DELETE FROM ring_back_tries WHERE ring_back_id IN (SELECT id FROM ring_backs WHERE reason = 'changed')")
    op.execute("DELETE FROM ring_backs WHERE reason = 'changed'")
    with op.batch_alter_table("ring_backs") as table:
        table.drop_constraint(op.f("fk_ring_backs_version_id"), type_="foreignkey")
        table.drop_column("version_id")
