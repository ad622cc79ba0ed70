"""Answering: prepared answers, what helped to write one, calls and transcripts, how a message read before

Revision: 0020
Follows: 0019
"""

import sqlalchemy as sa
from alembic import op

import storage.types

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "canned_answers",
        sa.Column("id", storage.types.Id, autoincrement=True, nullable=False),
        sa.Column("seed", sa.String(length=40), nullable=True),
        sa.Column("owner_id", storage.types.Id, nullable=True),
        sa.Column("made_by", storage.types.Id, nullable=False),
        sa.Column("made_at", storage.types.UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("offered_at", storage.types.UtcDateTime(), nullable=True),
        sa.Column("shared_by", storage.types.Id, nullable=True),
        sa.Column("shared_at", storage.types.UtcDateTime(), nullable=True),
        sa.Column("retired_at", storage.types.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["owner_id"], ["staff.id"], name=op.f("fk_canned_answers_owner_id")),
        sa.ForeignKeyConstraint(["made_by"], ["staff.id"], name=op.f("fk_canned_answers_made_by")),
        sa.ForeignKeyConstraint(["shared_by"], ["staff.id"], name=op.f("fk_canned_answers_shared_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_canned_answers")),
        sa.UniqueConstraint("seed", name=op.f("uq_canned_answers_seed")),
    )
    op.create_table(
        "canned_versions",
        sa.Column("id", storage.types.Id, autoincrement=True, nullable=False),
        sa.Column("answer_id", storage.types.Id, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", storage.types.UtcDateTime(), nullable=False),
        sa.Column("staff_id", storage.types.Id, nullable=False),
        sa.Column("title_zh", sa.Text(), nullable=False),
        sa.Column("title_en", sa.Text(), server_default="", nullable=False),
        sa.Column("zh", sa.Text(), nullable=False),
        sa.Column("en", sa.Text(), server_default="", nullable=False),
        sa.Column("clause", sa.Text(), nullable=True),
        sa.Column("categories", storage.types.Json, nullable=False),
        sa.Column("steps", storage.types.Json, nullable=False),
        sa.ForeignKeyConstraint(["answer_id"], ["canned_answers.id"], name=op.f("fk_canned_versions_answer_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_canned_versions_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_canned_versions")),
        sa.UniqueConstraint("answer_id", "version", name=op.f("uq_canned_versions_answer_id_version")),
    )
    op.create_table(
        "answer_aids",
        sa.Column("id", storage.types.Id, autoincrement=True, nullable=False),
        sa.Column("ticket_id", storage.types.Id, nullable=False),
        sa.Column("staff_id", storage.types.Id, nullable=False),
        sa.Column("at", storage.types.UtcDateTime(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("ref", sa.String(length=80), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("clause", sa.Text(), nullable=True),
        sa.Column("outcome", sa.String(length=12), nullable=False),
        sa.Column("question_id", storage.types.Id, nullable=True),
        sa.Column("message_id", storage.types.Id, nullable=True),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_answer_aids_ticket_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_answer_aids_staff_id")),
        sa.ForeignKeyConstraint(["question_id"], ["messages.id"], name=op.f("fk_answer_aids_question_id")),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_answer_aids_message_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer_aids")),
    )
    op.create_index(op.f("ix_answer_aids_ticket_id"), "answer_aids", ["ticket_id"])
    op.create_table(
        "ticket_calls",
        sa.Column("id", storage.types.Id, autoincrement=True, nullable=False),
        sa.Column("ticket_id", storage.types.Id, nullable=False),
        sa.Column("staff_id", storage.types.Id, nullable=False),
        sa.Column("at", storage.types.UtcDateTime(), nullable=False),
        sa.Column("written_at", storage.types.UtcDateTime(), nullable=False),
        sa.Column("way", sa.String(length=12), nullable=False),
        sa.Column("whom", sa.String(length=12), nullable=False),
        sa.Column("outcome", sa.String(length=12), nullable=False),
        sa.Column("answered", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_ticket_calls_ticket_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_ticket_calls_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_calls")),
    )
    op.create_index(op.f("ix_ticket_calls_ticket_id"), "ticket_calls", ["ticket_id"])
    op.create_table(
        "transcripts",
        sa.Column("id", storage.types.Id, autoincrement=True, nullable=False),
        sa.Column("blob_id", storage.types.Id, nullable=False),
        sa.Column("ticket_id", storage.types.Id, nullable=False),
        sa.Column("staff_id", storage.types.Id, nullable=False),
        sa.Column("at", storage.types.UtcDateTime(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["blob_id"], ["blobs.id"], name=op.f("fk_transcripts_blob_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_transcripts_ticket_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_transcripts_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transcripts")),
    )
    op.create_index(op.f("ix_transcripts_blob_id"), "transcripts", ["blob_id"])
    op.create_index(op.f("ix_transcripts_ticket_id"), "transcripts", ["ticket_id"])
    op.create_table(
        "message_versions",
        sa.Column("id", storage.types.Id, autoincrement=True, nullable=False),
        sa.Column("message_id", storage.types.Id, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("until", storage.types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_message_versions_message_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_versions")),
    )
    op.create_index(op.f("ix_message_versions_message_id"), "message_versions", ["message_id"])


def downgrade() -> None:
    for table in (
        "message_versions",
        "transcripts",
        "ticket_calls",
        "answer_aids",
        "canned_versions",
        "canned_answers",
    ):
        op.drop_table(table)
