"""Notices (通知): what is sent, to whom, who wants which, and when they are not to be disturbed."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint, text

from storage.tables.base import metadata, of_those_with, own_id, to
from storage.types import Id, Json, UtcDateTime

notices = Table(
    "notices",
    metadata,
    own_id(),
    Column("topic", String(12), nullable=False),  # disclosure | outage | property | health | safety | events | other
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    to("community_id", "communities"),  # whose it is; null: the office's own
    Column("title_en", Text),  # null: those who read English get it as it is
    Column("text_en", Text),
    Column("audience", String(16)),  # knowledge.broadcasts; null: whoever subscribed to the topic
    Column("audience_id", Id),  # which occasion, incident or changed answer
    Column("buildings", Json),  # null: all of them
    Column("urgent", Boolean, nullable=False, server_default=text("false")),
    Column("starts_at", UtcDateTime),  # a planned outage: from when (PR-12)
    Column("ends_at", UtcDateTime),
    to("item_id", "disclosure_items"),  # the disclosure it tells of
    # draft | asked (a colleague is to read it) | sending | paused | sent | stopped
    Column("state", String(12), nullable=False, server_default="draft"),
    Column("revision", Integer, nullable=False, server_default="1"),
    Column("created_at", UtcDateTime, nullable=False),
    to("created_by", "staff"),
    Column("begun_at", UtcDateTime),
    to("begun_by", "staff"),
    Column("asked_at", UtcDateTime),  # a second pair of eyes was asked for
    to("asked_by", "staff"),
    Column("sent_back", Text),  # why the colleague gave it back
    Column("why_urgent", Text),  # why it went to many without one
    Column("looked_up_to", Id, nullable=False, server_default="0"),  # the last chat looked at for recipients
    Column("all_known", Boolean, nullable=False, server_default=text("false")),  # every recipient has a row
    Column("ended_at", UtcDateTime),
    Column("report", Json),  # how many of which state, once it is over
    Index(
        "ix_notices_sending",
        "id",
        sqlite_where=text("state = 'sending'"),
        postgresql_where=text("state = 'sending'"),
    ),
)

# One row a chat that is to get it: found in steps, said in steps, each once.
notice_recipients = Table(
    "notice_recipients",
    metadata,
    own_id(),
    to("notice_id", "notices", null=False),
    to("chat_id", "chats", null=False, index=True),
    # waiting | said | left | blocked | declined | moved (none of the group any more)
    Column("state", String(12), nullable=False, server_default="waiting"),
    Column("not_before", UtcDateTime, nullable=False),  # their quiet hours end
    to("message_id", "messages"),
    Column("at", UtcDateTime),
    Column("outcome", String(12)),  # of what was said, once the notice is over: arrived | lost | doubtful
    Column("reason", Text),  # the channel's words, where it was lost or is doubtful
    UniqueConstraint("notice_id", "chat_id"),
    Index(
        "ix_notice_recipients_waiting",
        "notice_id",
        "not_before",
        sqlite_where=text("state = 'waiting'"),
        postgresql_where=text("state = 'waiting'"),
    ),
    Index("ix_notice_recipients_notice", "notice_id", "at"),
    of_those_with("notice_recipients", "message_id", "message_id"),
)

subscriptions = Table(
    "subscriptions",
    metadata,
    own_id(),
    to("chat_id", "chats", null=False),
    Column("topic", String(12), nullable=False),
    Column("building", String(16), nullable=False, server_default=""),  # "": all of them
    Column("since", UtcDateTime, nullable=False),
    Column("stopped_at", UtcDateTime),  # they want none of this kind, not even an urgent one
    UniqueConstraint("chat_id", "topic", "building"),
    Index("ix_subscriptions_topic", "topic", "chat_id"),
)

quiet_hours = Table(  # chats that chose their own; the others have the usual ones (knowledge.quiet)
    "quiet_hours",
    metadata,
    Column("chat_id", Id, ForeignKey("chats.id"), primary_key=True, autoincrement=False),
    Column("begins", String(5), nullable=False),  # 21:00, Asia/Shanghai; the same as `ends`: none
    Column("ends", String(5), nullable=False),
    Column("set_at", UtcDateTime, nullable=False),
)
