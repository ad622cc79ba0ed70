"""What was not known: every question that found no good answer, the groups of those that are one, and what was done."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, String, Table, Text, text

from storage.tables.base import metadata, own_id, to
from storage.types import UtcDateTime

gap_groups = Table(  # questions that are one question
    "gap_groups",
    metadata,
    own_id(),
    Column("made_at", UtcDateTime, nullable=False),
    Column("settled_at", UtcDateTime),  # what was asked until then is dealt with
)

gaps = Table(  # one an answer that was none
    "gaps",
    metadata,
    own_id(),
    to("answer_id", "answers", null=False, index=True),
    to("chat_id", "chats", null=False, index=True),
    to("question_id", "messages", index=True),
    Column("why", String(12), nullable=False),  # unknown | unsure (choices were offered) | outside | not_helpful
    Column("person", Boolean, nullable=False, server_default=text("false")),  # they wanted a person instead
    Column("at", UtcDateTime, nullable=False),
    to("group_id", "gap_groups"),
    Column("core", Text),  # what the question is about, to compare others with; goes with the question
    Index("ix_gaps_listed", "at", "group_id", "why", "chat_id", "question_id", "person"),
    Index("ix_gaps_group", "group_id", "at"),
    Index("ix_gaps_fresh", "id", sqlite_where=text("group_id IS NULL"), postgresql_where=text("group_id IS NULL")),
)

gap_settlings = Table(  # what an admin did about a group; append-only but for its undoing
    "gap_settlings",
    metadata,
    own_id(),
    to("group_id", "gap_groups", null=False, index=True),
    Column("at", UtcDateTime, nullable=False),
    to("by", "staff", null=False),
    Column("action", String(8), nullable=False),  # phrase | entry | route | outside | done
    Column("phrase", Text),  # what was taught, as the admin wrote it
    Column("entry", Text),  # the entry it leads to
    Column("means", Text),  # the label it was taught to mean
    Column("meant", Text),  # the label it had been taught to mean before
    Column("settled_before", UtcDateTime),  # until when the group had been dealt with before
    Column("undone_at", UtcDateTime),
    to("undone_by", "staff"),
)
