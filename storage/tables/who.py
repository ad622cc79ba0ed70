"""Who: residents, their chats and sessions, what they agreed to, who may act for them, what was deleted."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, String, Table, Text, UniqueConstraint, text

from storage.tables.base import metadata, of_those_with, own_id, to
from storage.types import Id, UtcDateTime

residents = Table(
    "residents",
    metadata,
    own_id(),
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
    of_those_with("residents", "phone", "phone"),
)

STAFF = text("kind = 'staff'")
# One conversation place: a Telegram chat, or one chat page. `remote` is the channel's own chat id.
chats = Table(
    "chats",
    metadata,
    own_id(),
    Column("channel", String(16), nullable=False),  # telegram | web | phone
    Column("remote", Id, nullable=False),
    Column("kind", String(16), nullable=False, server_default="private"),  # private | staff | group | phone
    to("resident_id", "residents", index=True),
    Column("language", String(8), nullable=False, server_default="zh"),
    Column("created_at", UtcDateTime, nullable=False),
    Column("last_seq", Integer, nullable=False, server_default="0"),
    Column("read_seq", Integer, nullable=False, server_default="0"),
    Column("noticed_version", Text),  # the privacy notice last shown
    Column("language_chosen", Boolean, nullable=False, server_default=text("false")),  # by the resident, not guessed
    Column("building", Text),  # of the poster that led here: a default, never more
    Column("blocked_at", UtcDateTime),  # the resident blocked the bot
    Column("left_at", UtcDateTime),  # the resident wants no more messages, until they write again
    Column("texts_stopped_at", UtcDateTime),  # a telephone that wants no text messages, until it asks for them
    Column("forum", Boolean, nullable=False, server_default=text("false")),  # a group with topics, as Telegram says
    Column("may_topics", Boolean, nullable=False, server_default=text("true")),  # and the bot may make them
    Column("former", Id),  # `remote` before the group was upgraded
    Column("next_send_at", UtcDateTime),  # pacing: nothing goes out to this chat before
    Column("lease_owner", String(64)),
    Column("lease_until", UtcDateTime),
    UniqueConstraint("channel", "remote"),
    Index("ix_chats_staff", "id", sqlite_where=STAFF, postgresql_where=STAFF),
)

web_sessions = Table(
    "web_sessions",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    to("chat_id", "chats", null=False, index=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
)

consents = Table(  # append-only: what was answered to which notice (PI-01, PI-06)
    "consents",
    metadata,
    own_id(),
    to("resident_id", "residents", null=False, index=True),
    Column("at", UtcDateTime, nullable=False),
    Column("about", String(32), nullable=False),  # notice, or the kind of a sensitive matter
    Column("version", Text, nullable=False),
    Column("answer", String(12), nullable=False),  # given | refused | withdrawn
)

pass_codes = Table(  # read out once to a new phone or to a family member; only their hash is kept
    "pass_codes",
    metadata,
    Column("code_hash", String(64), primary_key=True),
    to("resident_id", "residents", null=False, index=True),
    to("proxy_id", "proxies"),  # null: it brings everything to a new phone
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime),
)

proxies = Table(  # a family member may see, or see and act, for a resident
    "proxies",
    metadata,
    own_id(),
    to("resident_id", "residents", null=False, index=True),  # for whom
    to("proxy_resident_id", "residents", index=True),  # who; null until the code was used
    Column("relation", String(16), nullable=False),
    Column("scope", String(4), nullable=False),  # see | act
    Column("given_at", UtcDateTime, nullable=False),
    Column("given_by", String(8), nullable=False),  # resident | staff
    to("staff_id", "staff"),  # who took it down from the resident's own words
    Column("until", UtcDateTime, nullable=False),
    Column("accepted_at", UtcDateTime),
    Column("ended_at", UtcDateTime),
    Column("ended_by", String(8)),  # resident | proxy | staff | time
)

proxy_events = Table(  # append-only
    "proxy_events",
    metadata,
    own_id(),
    to("proxy_id", "proxies", null=False, index=True),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", String(8), nullable=False),  # resident | proxy | staff | time
    Column("action", String(16), nullable=False),  # give | accept | end, or what was done to a ticket
    Column("ticket", String(24)),  # its number
)

deletions = Table(  # append-only: what was deleted or made anonymous, by how many rows, and never whose (PI-05)
    "deletions",
    metadata,
    own_id(),
    Column("at", UtcDateTime, nullable=False),
    Column("why", String(16), nullable=False),  # asked | time
    Column("kind", String(24), nullable=False),
    Column("number", Integer, nullable=False),
)
