"""Whom to ring because an answer has changed; who got which version of an entry, found by an index

Revision: 0038
Follows: 0037
"""

import sqlalchemy as sa
from alembic import op

import storage.types

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("ring_backs") as table:
        table.add_column(sa.Column("version_id", storage.types.Id, nullable=True))
        table.create_foreign_key(op.f("fk_ring_backs_version_id"), "faq_versions", ["version_id"], ["id"])
    op.create_index("ix_answers_entry", "answers", ["entry", "given_at", "version", "chat_id"])


def downgrade() -> None:
    op.drop_index("ix_answers_entry", "answers")
    op.execute("DELETE FROM ring_back_tries WHERE ring_back_id IN (SELECT id FROM ring_backs WHERE reason = 'changed')")
    op.execute("DELETE FROM ring_backs WHERE reason = 'changed'")
    with op.batch_alter_table("ring_backs") as table:
        table.drop_constraint(op.f("fk_ring_backs_version_id"), type_="foreignkey")
        table.drop_column("version_id")
