"""Colleagues on Telegram: which account is whose, who is in the staff group, what calls them there, steps half taken."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, String, Table, Text, UniqueConstraint, text

from storage.tables.base import metadata, own_id, to
from storage.types import Id, Json, UtcDateTime

staff_telegram = Table(  # one account each; the row goes when the link does
    "staff_telegram",
    metadata,
    own_id(),
    to("staff_id", "staff", null=False),
    Column("user_id", Id, nullable=False),  # Telegram's number of the person
    to("chat_id", "chats", null=False),  # their private chat with the bot, where they may be a resident too
    Column("linked_at", UtcDateTime, nullable=False),
    UniqueConstraint("staff_id"),
    UniqueConstraint("user_id"),
)

telegram_codes = Table(  # one of somebody's is good at a time, once and for a quarter of an hour; only hashes are kept
    "telegram_codes",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    to("staff_id", "staff", null=False, index=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    to("chat_id", "chats"),  # where it was shown and may be agreed to
    Column("used_at", UtcDateTime),
)

group_members = Table(  # as far as Telegram has told us; whoever was there before the bot is not known until they speak
    "group_members",
    metadata,
    own_id(),
    to("chat_id", "chats", null=False),
    Column("user_id", Id, nullable=False),
    Column("status", String(16), nullable=False),  # creator | administrator | member | restricted | left | kicked
    Column("name", Text),  # as they call themselves, while they are there and nobody knows whose account it is
    Column("at", UtcDateTime, nullable=False),
    UniqueConstraint("chat_id", "user_id"),
)

work_groups = Table(  # whose staff group a chat is; a staff chat without a row is the house's
    "work_groups",
    metadata,
    own_id(),
    to("chat_id", "chats", null=False),
    to("community_id", "communities"),  # null: the house's, of whatever has no group of its own
    Column("by_setting", Boolean, nullable=False, server_default=text("false")),  # LIANXIN_STAFF_CHAT_ID names it
    Column("title", Text),  # as Telegram says
    Column(
        "lacks", Json
    ),  # what the bot lacks there (knowledge.group_standing), as it was last seen; null: not seen yet
    Column("told", Json),  # the same, as the group was last told
    to("connected_by", "staff"),
    Column("connected_at", UtcDateTime, nullable=False),
    UniqueConstraint("chat_id"),
    UniqueConstraint("community_id"),
)

group_codes = Table(  # one of a place's is good at a time, once and for a quarter of an hour; only hashes are kept
    "group_codes",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    to("community_id", "communities", index=True),  # null: the house's
    to("staff_id", "staff", null=False, index=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime),
)

alarm_letters = Table(  # what calls one person privately for one alarm, said again each time it rings
    "alarm_letters",
    metadata,
    own_id(),
    to("alarm_id", "alarms", null=False, index=True),
    to("call_id", "alarm_calls"),  # null: what the staff group was told, that somebody has it
    to("message_id", "messages", index=True),  # the newest
    Column("times", Integer, nullable=False),
    Column("settled_at", UtcDateTime),  # it says who took it, and has no buttons any more
    UniqueConstraint("call_id"),
)

STANDS = text("state = 'open'")
staff_forms = (
    Table(  # a step somebody is taking in the group, or in private: what was chosen, and the message that asks on
        "staff_forms",
        metadata,
        own_id(),
        to("chat_id", "chats", null=False),
        to("staff_id", "staff", null=False, index=True),
        to("ticket_id", "tickets", null=False, index=True),
        Column("action", String(24), nullable=False),
        Column("given", Json, nullable=False),
        Column("step", String(16), nullable=False),
        to("prompt_id", "messages", index=True),
        Column("state", String(8), nullable=False, server_default="open"),  # open | done | dropped
        Column("opened_at", UtcDateTime, nullable=False),
        Index("ix_staff_forms_open", "chat_id", "staff_id", sqlite_where=STANDS, postgresql_where=STANDS),
    )
)
