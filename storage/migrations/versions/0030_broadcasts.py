"""Notices to groups, in English too, read by a colleague first; what became of each for good

Revision: 0030
Follows: 0029
"""

import sqlalchemy as sa
from alembic import op

import storage.types

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

NOTICES = (
    sa.Column("title_en", sa.Text(), nullable=True),
    sa.Column("text_en", sa.Text(), nullable=True),
    sa.Column("audience", sa.String(16), nullable=True),
    sa.Column("audience_id", storage.types.Id, nullable=True),
    sa.Column("asked_at", storage.types.UtcDateTime(), nullable=True),
    sa.Column("asked_by", storage.types.Id, nullable=True),
    sa.Column("sent_back", sa.Text(), nullable=True),
    sa.Column("why_urgent", sa.Text(), nullable=True),
)


def upgrade() -> None:
    with op.batch_alter_table("notices", schema=None) as table:
        for column in NOTICES:
            table.add_column(column._copy())
        table.create_foreign_key(op.f("fk_notices_asked_by"), "staff", ["asked_by"], ["id"])
    with op.batch_alter_table("notice_recipients", schema=None) as table:
        table.add_column(sa.Column("outcome", sa.String(12), nullable=True))
        table.add_column(sa.Column("reason", sa.Text(), nullable=True))
    op.create_index("ix_notice_recipients_notice", "notice_recipients", ["notice_id", "at"])


def downgrade() -> None:
    """What waited for a colleague is a draft again."""
    op.drop_index("ix_notice_recipients_notice", table_name="notice_recipients")
    with op.batch_alter_table("notice_recipients", schema=None) as table:
        table.drop_column("reason")
        table.drop_column("outcome")
    op.execute("UPDATE notices SET state = 'draft' WHERE state = 'asked'")
    with op.batch_alter_table("notices", schema=None) as table:
        table.drop_constraint(op.f("fk_notices_asked_by"), type_="foreignkey")
        for column in reversed(NOTICES):
            table.drop_column(column.name)
