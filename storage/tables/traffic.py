"""What came in, what goes out, and what belongs to it."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, LargeBinary, String, Table, Text, UniqueConstraint, text

from storage.tables.base import metadata, of_those_with, own_id, to
from storage.types import Id, Json, UtcDateTime

inbox = Table(
    "inbox",
    metadata,
    own_id(),
    Column("channel", String(16), nullable=False),
    Column("update_key", String(200), nullable=False),
    to("chat_id", "chats", null=False),
    to("message_id", "messages"),
    Column("payload", Text),  # the raw update; emptied after the stated time
    Column("received_at", UtcDateTime, nullable=False),
    Column("state", String(8), nullable=False, server_default="pending"),  # pending | done | parked
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("next_at", UtcDateTime),
    Column("error", Text),
    Column("finished_at", UtcDateTime),
    UniqueConstraint("channel", "update_key"),
    Index(
        "ix_inbox_waiting",
        "chat_id",
        "id",
        sqlite_where=text("state = 'pending'"),
        postgresql_where=text("state = 'pending'"),
    ),
    Index("ix_inbox_parked", "id", sqlite_where=text("state = 'parked'"), postgresql_where=text("state = 'parked'")),
    of_those_with("inbox", "finished", "finished_at"),
)

# Both directions. `seq` grows within a chat; an edit takes a new one.
messages = Table(
    "messages",
    metadata,
    own_id(),
    to("chat_id", "chats", null=False),
    Column("seq", Integer, nullable=False),
    Column("sender", String(8), nullable=False),  # resident | bot | staff
    to("staff_id", "staff"),
    Column("text", Text, nullable=False, server_default=""),
    Column("buttons", Json),  # [[{"text", "data"}]]
    Column("attachments", Json),  # [{"blob", "kind", "mime", "name", "size"}]
    Column("at", UtcDateTime, nullable=False),
    Column("edited_at", UtcDateTime),
    Column("taken_back_at", UtcDateTime),  # a colleague's words that residents read no more
    Column("client_key", String(200)),  # the chat page's own id of it
    to("ticket_id", "tickets"),
    to("conversation_id", "conversations"),
    to("topic_id", "topics"),  # in the staff group: in or of which ticket's topic; null: the general part
    to("reply_to_id", "messages"),  # which message of the same chat it answers
    UniqueConstraint("chat_id", "seq"),
    of_those_with("messages", "ticket_id", "ticket_id"),
    of_those_with("messages", "conversation_id", "conversation_id"),
    of_those_with("messages", "topic_id", "topic_id"),
    of_those_with("messages", "reply_to_id", "reply_to_id"),
)

outbox = Table(
    "outbox",
    metadata,
    own_id(),
    to("chat_id", "chats", null=False),
    to("message_id", "messages", null=False, index=True),
    Column("operation", String(8), nullable=False),  # send | edit | unsay | close | reopen | remove (a topic) | react
    Column("priority", Integer, nullable=False),  # 0 alarm, 1 reply, 5 notice, 9 broadcast
    Column(
        "lane", Id, nullable=False, server_default="0"
    ),  # a chat's rows keep their order within one: a topic's, or 0
    Column("weight", Integer, nullable=False, server_default="1"),  # how many messages of a group's budget it takes
    Column("repeatable", Boolean, nullable=False),  # may be sent again when it is doubtful whether it arrived
    Column(
        "state", String(8), nullable=False, server_default="pending"
    ),  # pending | sending | sent | dead | doubtful | dropped
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("next_at", UtcDateTime, nullable=False),
    Column("owner", String(64)),
    Column("error", Text),
    Column("created_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime),
    Column("reported", String(12)),  # delivered | failed: what the text service told of it afterwards
    Column("reported_at", UtcDateTime),
    Index(
        "ix_outbox_waiting",
        "chat_id",
        "id",
        sqlite_where=text("state IN ('pending','sending')"),
        postgresql_where=text("state IN ('pending','sending')"),
    ),
    Index(
        "ix_outbox_dead",
        "id",
        sqlite_where=text("state IN ('dead','doubtful')"),
        postgresql_where=text("state IN ('dead','doubtful')"),
    ),
    of_those_with("outbox", "finished", "finished_at"),
)

# Our message id <-> the channel's own.
deliveries = Table(
    "deliveries",
    metadata,
    own_id(),
    to("chat_id", "chats", null=False),
    to("message_id", "messages", null=False, index=True),
    Column("remote", Id, nullable=False),
    UniqueConstraint("chat_id", "remote"),
)

blobs = Table(
    "blobs",
    metadata,
    own_id(),
    to("chat_id", "chats", index=True),
    Column("kind", String(16), nullable=False),  # photo | voice | video | document | ...
    Column("mime", Text, nullable=False),
    Column("name", Text),
    Column("size", Integer, nullable=False, server_default="0"),
    Column("sha256", String(64)),
    Column("content", LargeBinary),
    Column("state", String(8), nullable=False, server_default="stored"),  # stored | wanted | failed | refused
    Column("remote_file", Text),  # the channel's file id, while wanted
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("next_at", UtcDateTime),
    Column("error", Text),
    Column("created_at", UtcDateTime, nullable=False),
    Column("taken_back", Boolean, nullable=False, server_default=text("false")),  # its chat shows it no more
    Index("ix_blobs_wanted", "id", sqlite_where=text("state = 'wanted'"), postgresql_where=text("state = 'wanted'")),
)
