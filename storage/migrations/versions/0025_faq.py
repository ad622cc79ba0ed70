"""The FAQ lives in the database: entries, published versions, drafts, phrases

Revision: 0025
Follows: 0024
"""

import sqlalchemy as sa
from alembic import op

import storage.types

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "faq_entries",
        sa.Column("id", storage.types.Id, autoincrement=True, nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("origin", sa.String(length=8), nullable=False),
        sa.Column("general", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="0", nullable=False),
        sa.Column("revision", sa.Integer(), server_default="0", nullable=False),
        sa.Column("checked_on", sa.String(length=10), nullable=False),
        sa.Column("expires_at", storage.types.UtcDateTime(), nullable=True),
        sa.Column("expired", sa.Boolean(), nullable=False),
        sa.Column("retired_at", storage.types.UtcDateTime(), nullable=True),
        sa.Column("retired_by", storage.types.Id, nullable=True),
        sa.Column("retired_why", sa.Text(), server_default="", nullable=False),
        sa.Column("base", storage.types.Json, nullable=True),
        sa.Column("incoming", storage.types.Json, nullable=True),
        sa.Column("made_at", storage.types.UtcDateTime(), nullable=False),
        sa.Column("made_by", storage.types.Id, nullable=True),
        sa.ForeignKeyConstraint(["made_by"], ["staff.id"], name=op.f("fk_faq_entries_made_by")),
        sa.ForeignKeyConstraint(["retired_by"], ["staff.id"], name=op.f("fk_faq_entries_retired_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_faq_entries")),
        sa.UniqueConstraint("key", name=op.f("uq_faq_entries_key")),
    )
    op.create_index(op.f("ix_faq_entries_expires_at"), "faq_entries", ["expires_at"])
    op.create_table(
        "faq_versions",
        sa.Column("id", storage.types.Id, autoincrement=True, nullable=False),
        sa.Column("entry_id", storage.types.Id, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", storage.types.Json, nullable=False),
        sa.Column("sense", sa.String(length=8), nullable=False),
        sa.Column("why", sa.Text(), server_default="", nullable=False),
        sa.Column("made_by", storage.types.Id, nullable=True),
        sa.Column("published_at", storage.types.UtcDateTime(), nullable=False),
        sa.Column("published_by", storage.types.Id, nullable=True),
        sa.Column("again", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["entry_id"], ["faq_entries.id"], name=op.f("fk_faq_versions_entry_id")),
        sa.ForeignKeyConstraint(["made_by"], ["staff.id"], name=op.f("fk_faq_versions_made_by")),
        sa.ForeignKeyConstraint(["published_by"], ["staff.id"], name=op.f("fk_faq_versions_published_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_faq_versions")),
        sa.UniqueConstraint("entry_id", "number", name=op.f("uq_faq_versions_entry_id_number")),
    )
    op.create_index(op.f("ix_faq_versions_published_at"), "faq_versions", ["published_at"])
    op.create_table(
        "faq_drafts",
        sa.Column("id", storage.types.Id, autoincrement=True, nullable=False),
        sa.Column("entry_id", storage.types.Id, nullable=False),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.Column("content", storage.types.Json, nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("why", sa.Text(), server_default="", nullable=False),
        sa.Column("made_by", storage.types.Id, nullable=True),
        sa.Column("changed_at", storage.types.UtcDateTime(), nullable=False),
        sa.Column("sent_back", sa.Text(), server_default="", nullable=False),
        sa.Column("sense", sa.String(length=8), nullable=True),
        sa.Column("publish_at", storage.types.UtcDateTime(), nullable=True),
        sa.Column("planned_by", storage.types.Id, nullable=True),
        sa.Column("expires_at", storage.types.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["entry_id"], ["faq_entries.id"], name=op.f("fk_faq_drafts_entry_id")),
        sa.ForeignKeyConstraint(["made_by"], ["staff.id"], name=op.f("fk_faq_drafts_made_by")),
        sa.ForeignKeyConstraint(["planned_by"], ["staff.id"], name=op.f("fk_faq_drafts_planned_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_faq_drafts")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_faq_drafts_entry_id")),
    )
    op.create_index(op.f("ix_faq_drafts_publish_at"), "faq_drafts", ["publish_at"])
    op.create_table(
        "faq_phrases",
        sa.Column("id", storage.types.Id, autoincrement=True, nullable=False),
        sa.Column("entry_id", storage.types.Id, nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("plain", sa.Text(), nullable=False),
        sa.Column("shipped", sa.Boolean(), nullable=False),
        sa.Column("added_at", storage.types.UtcDateTime(), nullable=False),
        sa.Column("added_by", storage.types.Id, nullable=True),
        sa.Column("removed_at", storage.types.UtcDateTime(), nullable=True),
        sa.Column("removed_by", storage.types.Id, nullable=True),
        sa.ForeignKeyConstraint(["added_by"], ["staff.id"], name=op.f("fk_faq_phrases_added_by")),
        sa.ForeignKeyConstraint(["entry_id"], ["faq_entries.id"], name=op.f("fk_faq_phrases_entry_id")),
        sa.ForeignKeyConstraint(["removed_by"], ["staff.id"], name=op.f("fk_faq_phrases_removed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_faq_phrases")),
    )
    op.create_index(op.f("ix_faq_phrases_entry_id"), "faq_phrases", ["entry_id"])
    op.create_index(op.f("ix_faq_phrases_plain"), "faq_phrases", ["plain"])


def downgrade() -> None:
    for table in ("faq_phrases", "faq_drafts", "faq_versions", "faq_entries"):
        op.drop_table(table)
