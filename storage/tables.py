"""Every table. One aggregate, one module of units beside this file; this file is only the shape.

Names are the glossary's. Instants are UTC. Whatever is append-only says so.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from storage.types import Id, Json, UtcDateTime

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _id() -> Column[int]:
    return Column("id", Id, primary_key=True, autoincrement=True)


def _to(name: str, target: str, *, null: bool = True, index: bool = False) -> Column[int]:
    return Column(name, Id, ForeignKey(f"{target}.id"), nullable=null, index=index)


def _of_those_with(table: str, name: str, column: str) -> Index:
    """An index of the rows that have a value there: few do, and each row in an index costs every message a little."""
    given = text(f"{column} IS NOT NULL")
    return Index(f"ix_{table}_{name}", column, sqlite_where=given, postgresql_where=given)


# --- who -------------------------------------------------------------------------------------------------------------
residents = Table(
    "residents",
    metadata,
    _id(),
    Column("created_at", UtcDateTime, nullable=False),
    Column("name", Text),
    Column("phone", Text),
    Column("building", Text),
    Column("unit", Text),
    Column("room", Text),
    Column("consent_version", Text),  # the privacy notice's version last answered
    Column("consented_at", UtcDateTime),
    Column("refused_at", UtcDateTime),
    Column("erase_wished_at", UtcDateTime),  # everything goes as soon as what is still open is closed
)

# One conversation place: a Telegram chat, or one chat page. `remote` is the channel's own chat id.
chats = Table(
    "chats",
    metadata,
    _id(),
    Column("channel", String(16), nullable=False),  # telegram | web
    Column("remote", Id, nullable=False),
    Column("kind", String(16), nullable=False, server_default="private"),  # private | staff | group
    _to("resident_id", "residents", index=True),
    Column("language", String(8), nullable=False, server_default="zh"),
    Column("created_at", UtcDateTime, nullable=False),
    Column("last_seq", Integer, nullable=False, server_default="0"),
    Column("read_seq", Integer, nullable=False, server_default="0"),
    Column("noticed_version", Text),  # the privacy notice last shown
    Column("language_chosen", Boolean, nullable=False, server_default=text("false")),  # by the resident, not guessed
    Column("building", Text),  # of the poster that led here: a default, never more
    Column("blocked_at", UtcDateTime),  # the resident blocked the bot
    Column("left_at", UtcDateTime),  # the resident wants no more messages, until they write again
    Column("next_send_at", UtcDateTime),  # pacing: nothing goes out to this chat before
    Column("lease_owner", String(64)),
    Column("lease_until", UtcDateTime),
    UniqueConstraint("channel", "remote"),
)

web_sessions = Table(
    "web_sessions",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    _to("chat_id", "chats", null=False, index=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
)

consents = Table(  # append-only: what was answered to which notice (PI-01, PI-06)
    "consents",
    metadata,
    _id(),
    _to("resident_id", "residents", null=False, index=True),
    Column("at", UtcDateTime, nullable=False),
    Column("about", String(32), nullable=False),  # notice, or the kind of a sensitive matter
    Column("version", Text, nullable=False),
    Column("answer", String(12), nullable=False),  # given | refused | withdrawn
)

pass_codes = Table(  # read out once to a new phone or to a family member; only their hash is kept
    "pass_codes",
    metadata,
    Column("code_hash", String(64), primary_key=True),
    _to("resident_id", "residents", null=False, index=True),
    _to("proxy_id", "proxies"),  # null: it brings everything to a new phone
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime),
)

proxies = Table(  # a family member may see, or see and act, for a resident
    "proxies",
    metadata,
    _id(),
    _to("resident_id", "residents", null=False, index=True),  # for whom
    _to("proxy_resident_id", "residents", index=True),  # who; null until the code was used
    Column("relation", String(16), nullable=False),
    Column("scope", String(4), nullable=False),  # see | act
    Column("given_at", UtcDateTime, nullable=False),
    Column("given_by", String(8), nullable=False),  # resident | staff
    _to("staff_id", "staff"),  # who took it down from the resident's own words
    Column("until", UtcDateTime, nullable=False),
    Column("accepted_at", UtcDateTime),
    Column("ended_at", UtcDateTime),
    Column("ended_by", String(8)),  # resident | proxy | staff | time
)

proxy_events = Table(  # append-only
    "proxy_events",
    metadata,
    _id(),
    _to("proxy_id", "proxies", null=False, index=True),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", String(8), nullable=False),  # resident | proxy | staff | time
    Column("action", String(16), nullable=False),  # give | accept | end, or what was done to a ticket
    Column("ticket", String(24)),  # its number
)

deletions = Table(  # append-only: what was deleted or made anonymous, by how many rows, and never whose (PI-05)
    "deletions",
    metadata,
    _id(),
    Column("at", UtcDateTime, nullable=False),
    Column("why", String(16), nullable=False),  # asked | time
    Column("kind", String(24), nullable=False),
    Column("number", Integer, nullable=False),
)

# --- what came in, what goes out --------------------------------------------------------------------------------------
inbox = Table(
    "inbox",
    metadata,
    _id(),
    Column("channel", String(16), nullable=False),
    Column("update_key", String(200), nullable=False),
    _to("chat_id", "chats", null=False),
    _to("message_id", "messages"),
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
    _of_those_with("inbox", "finished", "finished_at"),
)

# Both directions. `seq` grows within a chat; an edit takes a new one.
messages = Table(
    "messages",
    metadata,
    _id(),
    _to("chat_id", "chats", null=False),
    Column("seq", Integer, nullable=False),
    Column("sender", String(8), nullable=False),  # resident | bot | staff
    _to("staff_id", "staff"),
    Column("text", Text, nullable=False, server_default=""),
    Column("buttons", Json),  # [[{"text", "data"}]]
    Column("attachments", Json),  # [{"blob", "kind", "mime", "name", "size"}]
    Column("at", UtcDateTime, nullable=False),
    Column("edited_at", UtcDateTime),
    Column("client_key", String(200)),  # the chat page's own id of it
    _to("ticket_id", "tickets"),
    _to("conversation_id", "conversations"),
    UniqueConstraint("chat_id", "seq"),
    _of_those_with("messages", "ticket_id", "ticket_id"),
    _of_those_with("messages", "conversation_id", "conversation_id"),
)

outbox = Table(
    "outbox",
    metadata,
    _id(),
    _to("chat_id", "chats", null=False),
    _to("message_id", "messages", null=False, index=True),
    Column("operation", String(8), nullable=False),  # send | edit
    Column("priority", Integer, nullable=False),  # 0 alarm, 1 reply, 5 notice, 9 broadcast
    Column("repeatable", Boolean, nullable=False),  # may be sent again when it is doubtful whether it arrived
    Column("state", String(8), nullable=False, server_default="pending"),  # pending | sending | sent | dead | doubtful
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("next_at", UtcDateTime, nullable=False),
    Column("owner", String(64)),
    Column("error", Text),
    Column("created_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime),
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
    _of_those_with("outbox", "finished", "finished_at"),
)

# Our message id <-> the channel's own.
deliveries = Table(
    "deliveries",
    metadata,
    _id(),
    _to("chat_id", "chats", null=False),
    _to("message_id", "messages", null=False, index=True),
    Column("remote", Id, nullable=False),
    UniqueConstraint("chat_id", "remote"),
)

blobs = Table(
    "blobs",
    metadata,
    _id(),
    _to("chat_id", "chats", index=True),
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
    Index("ix_blobs_wanted", "id", sqlite_where=text("state = 'wanted'"), postgresql_where=text("state = 'wanted'")),
)

# --- what a resident is in the middle of ------------------------------------------------------------------------------
drafts = Table(
    "drafts",
    metadata,
    _id(),
    _to("chat_id", "chats", null=False),
    Column("form", String(24), nullable=False),
    Column("answers", Json, nullable=False),
    Column("step", String(24), nullable=False),
    Column("revision", Integer, nullable=False, server_default="1"),
    Column("state", String(12), nullable=False, server_default="open"),  # open | held | filed | cancelled | expired
    _to("prompt_id", "messages"),
    _to("ticket_id", "tickets"),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Index(
        "ix_drafts_current",
        "chat_id",
        unique=True,
        sqlite_where=text("state IN ('open','held')"),
        postgresql_where=text("state IN ('open','held')"),
    ),
)

answers = Table(
    "answers",
    metadata,
    _id(),
    _to("chat_id", "chats", null=False, index=True),
    _to("question_id", "messages"),
    Column("entry", Text),  # the FAQ entry's stable id; null when nothing was found
    Column("clause", Text),
    Column("version", Integer),
    Column("score", Float, nullable=False),
    Column("given_at", UtcDateTime, nullable=False),
    Column("verdict", String(16)),  # helpful | not_helpful | person
    Column("judged_at", UtcDateTime),
)

# A person has, or is wanted for, a conversation.
conversations = Table(
    "conversations",
    metadata,
    _id(),
    _to("chat_id", "chats", null=False),
    Column("state", String(8), nullable=False),  # waiting | held | ended
    Column("reason", String(24), nullable=False),  # asked | emergency | not_understood | voice | failed
    Column("opened_at", UtcDateTime, nullable=False),
    _to("taken_by", "staff"),
    Column("taken_at", UtcDateTime),
    Column("ended_at", UtcDateTime),
    Column("ended_by", String(8)),  # resident | staff | bot | later (an appointment took its place)
    Column("queued_at", UtcDateTime),  # since when it stands in the line, where that is later than opened_at
    Column("first_taken_at", UtcDateTime),
    Column("waiting_since", UtcDateTime),  # held: the resident's oldest word nobody has answered
    Column("spoke_at", UtcDateTime),  # the last word of either side
    Column("nudged_at", UtcDateTime),  # staff were reminded that the resident waits for their word
    Column("level", Integer),  # how high the waiting has climbed (knowledge.escalation); null: nobody was told yet
    Column("told_first", Boolean, nullable=False, server_default=text("false")),
    Column("news", String(12)),  # what its resident has still to hear: released
    Index(
        "ix_conversations_current",
        "chat_id",
        unique=True,
        sqlite_where=text("state <> 'ended'"),
        postgresql_where=text("state <> 'ended'"),
    ),
)

alarms = Table(
    "alarms",
    metadata,
    _id(),
    _to("chat_id", "chats", null=False, index=True),
    _to("message_id", "messages"),
    Column("kind", String(24), nullable=False),
    Column("rule", Text, nullable=False),  # what fired
    Column("place", Text),
    Column("raised_at", UtcDateTime, nullable=False),
    Column("repeats", Integer, nullable=False, server_default="0"),
    Column("next_at", UtcDateTime),  # when it repeats unless taken
    _to("taken_by", "staff"),
    Column("taken_at", UtcDateTime),
    Column("ended_at", UtcDateTime),
    Column("outcome", String(16)),  # handled | false_alarm
    Column("level", Integer, nullable=False, server_default="0"),  # knowledge.escalation
    Column("child", Boolean, nullable=False, server_default=text("false")),  # the writer seems to be a child (EM-11)
    _to("ended_by", "staff"),
    Column("note", Text),
    Column("checks", Json),  # the ids of what was ticked off (knowledge.emergencies)
    Column("report", String(16)),  # the duty to report (EM-06, EM-09): reported | not_due
)

# What is kept of somebody's worst days: read by whoever is named on it and by admins, each look in the audit (EM-03).
care_notes = Table(
    "care_notes",
    metadata,
    _id(),
    _to("alarm_id", "alarms", null=False, index=True),
    _to("chat_id", "chats", null=False, index=True),
    _to("written_by", "staff", null=False),
    _to("named_to", "staff", null=False, index=True),  # who follows it up
    Column("written_at", UtcDateTime, nullable=False),
    Column("follow_up_at", UtcDateTime),
    Column("reminded_at", UtcDateTime),
    Column("closed_at", UtcDateTime),
)

care_entries = Table(  # append-only
    "care_entries",
    metadata,
    _id(),
    _to("note_id", "care_notes", null=False, index=True),
    _to("staff_id", "staff", null=False),
    Column("at", UtcDateTime, nullable=False),
    Column("people", Text),  # who took part
    Column("done", Text, nullable=False),
)

# A person is in touch at a time that suits: on the telephone or in the chat. One open in a chat.
appointments = Table(
    "appointments",
    metadata,
    _id(),
    _to("chat_id", "chats", null=False),
    Column("reason", String(24), nullable=False),  # as of a conversation
    Column("state", String(8), nullable=False, server_default="open"),  # open | done | dropped
    Column("step", String(8), nullable=False, server_default=""),  # what its resident may say next: time | phone | ""
    Column("way", String(8), nullable=False, server_default="here"),  # here | phone
    Column("phone", Text),
    Column("at", UtcDateTime, nullable=False),
    Column("until", UtcDateTime, nullable=False),
    _to("asked_id", "messages"),  # the resident's message, or ours they pressed, that it was last spoken of with
    Column("revision", Integer, nullable=False, server_default="1"),
    Column("level", Integer),  # how high it has climbed since it was due; null: nobody was told yet
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("created_at", UtcDateTime, nullable=False),
    Column("done_at", UtcDateTime),
    _to("done_by", "staff"),
    Column("note", Text),
    Index(
        "ix_appointments_current",
        "chat_id",
        unique=True,
        sqlite_where=text("state = 'open'"),
        postgresql_where=text("state = 'open'"),
    ),
)

# --- tickets ----------------------------------------------------------------------------------------------------------
ticket_days = Table(
    "ticket_days",
    metadata,
    Column("day", String(6), primary_key=True),  # YYMMDD, Asia/Shanghai
    Column("last", Integer, nullable=False),
)

tickets = Table(
    "tickets",
    metadata,
    _id(),
    Column("number", String(24), nullable=False, unique=True),
    Column("claim_code", String(16), nullable=False),
    _to("chat_id", "chats", null=False, index=True),
    _to("resident_id", "residents", null=False, index=True),
    Column("source", String(12), nullable=False),  # telegram | web | phone | walk_in
    Column("route", String(24), nullable=False),  # service_request | dispute | suggestion | ...
    Column("category", String(24)),
    Column("title", Text, nullable=False),
    Column("description", Text, nullable=False),  # the resident's own words
    Column("building", Text),
    Column("unit", Text),
    Column("floor", Text),
    Column("room", Text),
    Column("place_note", Text),
    Column("phone", Text),
    Column("details", Json),  # answers to the category's own questions
    Column("urgency", String(2), nullable=False),
    Column("confidential", Boolean, nullable=False, server_default=text("false")),
    Column("state", String(16), nullable=False),
    Column("waiting_resident", Boolean, nullable=False, server_default=text("false")),
    Column("revision", Integer, nullable=False, server_default="1"),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("first_contact_due", UtcDateTime, nullable=False),
    Column("first_contact_at", UtcDateTime),
    Column("due_at", UtcDateTime, nullable=False),
    Column("due_rule", Text, nullable=False),
    Column("due_provisional", Boolean, nullable=False, server_default=text("false")),
    _to("assigned_to", "staff", index=True),
    Column("closed_at", UtcDateTime),
    Column("unread", Integer, nullable=False, server_default="0"),  # residents' messages staff have not seen
    Column("topic", String(24)),  # what it is about in public: lift, gate, waste, ...
    Column("on_behalf", Text),  # for whom somebody else asks (WO-21)
    Column("anonymous", Boolean, nullable=False, server_default=text("false")),
    Column("visit_words", Text),  # when somebody may come, as it was said
    Column("visit_from", UtcDateTime),
    Column("visit_until", UtcDateTime),
    Column("level", Integer, nullable=False, server_default="0"),  # how high it has climbed (knowledge.escalation)
    Column("redos", Integer, nullable=False, server_default="0"),  # how often it was not solved; each is a new round
    Column("extensions", Integer, nullable=False, server_default="0"),
    Column("outcome", String(16)),  # solved | not_confirmed, once closed
    Column("waiting_since", UtcDateTime),  # when staff asked the resident something still unanswered
    Column("ask_at", UtcDateTime),  # when the resident is next asked: for the verdict, or for the answer
    Column("reminders", Integer, nullable=False, server_default="0"),  # since the resident last said anything about it
    Column("call_at", UtcDateTime),  # from when on a person should call: the call-back list
    Index("ix_tickets_queue", "state", "due_at"),
    _of_those_with("tickets", "ask_at", "ask_at"),
    _of_those_with("tickets", "call_at", "call_at"),
)

ticket_events = Table(  # append-only
    "ticket_events",
    metadata,
    _id(),
    _to("ticket_id", "tickets", null=False, index=True),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", String(8), nullable=False),  # resident | staff | bot
    _to("staff_id", "staff"),
    Column("action", String(24), nullable=False),
    Column("from_state", String(16)),
    Column("to_state", String(16), nullable=False),
    Column("note", Text),
    _to("message_id", "messages"),
)

ticket_blobs = Table(
    "ticket_blobs",
    metadata,
    _id(),
    _to("ticket_id", "tickets", null=False, index=True),
    _to("blob_id", "blobs", null=False),
    UniqueConstraint("ticket_id", "blob_id"),
)

ticket_followers = Table(  # who else hears of a ticket: brought along with its claim code, or "me too"
    "ticket_followers",
    metadata,
    _id(),
    _to("ticket_id", "tickets", null=False, index=True),
    _to("resident_id", "residents", null=False, index=True),
    _to("chat_id", "chats", null=False),
    Column("kind", String(8), nullable=False, server_default="claim"),  # claim: all of it | me_too: its progress only
    Column("since", UtcDateTime, nullable=False),
    UniqueConstraint("ticket_id", "resident_id"),
)

ticket_barred = Table(  # who steps aside from a complaint: a role, or a colleague by name (WO-24)
    "ticket_barred",
    metadata,
    _id(),
    _to("ticket_id", "tickets", null=False, index=True),
    Column("role", String(16)),
    Column("name", Text),
)

redirects = Table(  # append-only: what was not ours to do, why, and the door that was named (WO-06)
    "redirects",
    metadata,
    _id(),
    _to("chat_id", "chats", null=False, index=True),
    _to("message_id", "messages"),
    Column("at", UtcDateTime, nullable=False),
    Column("route", String(24), nullable=False),
    Column("category", String(24)),
    Column("reason", String(24), nullable=False),  # duty, or the stopper's name
    Column("outcome", String(8), nullable=False, server_default="told"),  # told | own_way | passed
)

# Every asking after the work and every answer, raw: residents' in the chat, and what staff heard by telephone.
call_backs = Table(  # append-only
    "call_backs",
    metadata,
    _id(),
    _to("ticket_id", "tickets", null=False, index=True),
    Column("round", Integer, nullable=False),  # the ticket's redos at that time
    Column("at", UtcDateTime, nullable=False),
    Column("via", String(8), nullable=False),  # button | words | phone
    _to("chat_id", "chats"),
    _to("staff_id", "staff"),
    Column("contacted", Boolean, nullable=False),
    Column("solved", String(12)),  # solved | not_solved | not_seen
    Column("satisfied", String(12)),  # a value of the scale
    Column("reason", Text),
)

# What staff and residents were told about a promise: each once for the same promise.
promise_notices = Table(  # append-only
    "promise_notices",
    metadata,
    _id(),
    _to("ticket_id", "tickets", null=False),
    Column("promise", String(16), nullable=False),  # first_contact | result
    Column("due_at", UtcDateTime, nullable=False),
    Column("notice", String(8), nullable=False),  # soon | late
    Column("at", UtcDateTime, nullable=False),
    Column("level", Integer, nullable=False),  # how high it stood then
    UniqueConstraint("ticket_id", "promise", "due_at", "notice"),
)

claim_tries = Table(  # guesses at claim codes, so that guessing is slow
    "claim_tries",
    metadata,
    _id(),
    _to("chat_id", "chats", null=False, index=True),
    Column("at", UtcDateTime, nullable=False),
)

# --- staff ------------------------------------------------------------------------------------------------------------
staff = Table(
    "staff",
    metadata,
    _id(),
    Column("name", Text, nullable=False, unique=True),
    Column("role", String(16), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("disabled_at", UtcDateTime),
    Column("seen_at", UtcDateTime),  # when they last had the console before them
)

sign_in_links = Table(
    "sign_in_links",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    _to("staff_id", "staff", null=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime),
)

staff_sessions = Table(
    "staff_sessions",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    _to("staff_id", "staff", null=False, index=True),
    Column("csrf", String(64), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
)

audit = Table(  # append-only
    "audit",
    metadata,
    _id(),
    Column("at", UtcDateTime, nullable=False),
    _to("staff_id", "staff"),
    Column("action", String(32), nullable=False),
    Column("object", Text),
    Column("detail", Json),
)

# --- the community ----------------------------------------------------------------------------------------------------
communities = Table(
    "communities",
    metadata,
    _id(),
    Column("name", Text, nullable=False),
    Column("profile", Json, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

buildings = Table(
    "buildings",
    metadata,
    _id(),
    _to("community_id", "communities", null=False, index=True),
    Column("name", String(16), nullable=False),  # "7"
    Column("floors", Integer, nullable=False),
    Column("units", Integer, nullable=False),
    UniqueConstraint("community_id", "name"),
)

flats = Table(
    "flats",
    metadata,
    _id(),
    _to("building_id", "buildings", null=False),
    Column("unit", String(8), nullable=False),
    Column("floor", Integer, nullable=False),
    Column("room", String(8), nullable=False),  # "1204"
    UniqueConstraint("building_id", "unit", "room"),
)

# Phrases added while the service runs; the files in knowledge/ hold the rest.
phrases = Table(
    "phrases",
    metadata,
    _id(),
    Column("text", Text, nullable=False, unique=True),
    Column("route", String(24), nullable=False),
    Column("category", String(24)),
    Column("clause", String(16)),
    Column("created_at", UtcDateTime, nullable=False),
    Column("removed_at", UtcDateTime),
    _to("staff_id", "staff"),
)

# --- the machinery ----------------------------------------------------------------------------------------------------
leases = Table(  # who may do a thing only one process may do (poll Telegram, run the scheduler)
    "leases",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("owner", String(64), nullable=False),
    Column("until", UtcDateTime, nullable=False),
)

facts = Table(  # small durable facts: the polling offset, the last backup, ...
    "facts",
    metadata,
    Column("name", String(48), primary_key=True),
    Column("value", Json, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)
