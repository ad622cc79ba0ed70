"""Who is on call, who was called, and the office's own time: its days, its hours, its promises."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, String, Table, Text

from storage.tables.base import metadata, own_id, to
from storage.types import Json, UtcDateTime

# Who can be called: a colleague, or somebody outside with a name and a number. No community: the office's own.
duty_people = Table(
    "duty_people",
    metadata,
    own_id(),
    to("community_id", "communities"),
    to("staff_id", "staff", index=True),
    Column("name", Text),  # of somebody outside
    Column("phone", String(32)),
    Column("added_at", UtcDateTime, nullable=False),
    to("added_by", "staff"),
    Column("removed_at", UtcDateTime),
)

# The week that repeats. A shift that is ended has run until a day; it is not deleted.
duty_weeks = Table(
    "duty_weeks",
    metadata,
    own_id(),
    to("community_id", "communities"),
    Column("post", String(12), nullable=False),  # knowledge.duty.Post
    Column("weekday", Integer, nullable=False),  # Monday is 0
    Column("begins", String(5), nullable=False),  # 18:00, Asia/Shanghai
    Column("ends", String(5), nullable=False),  # not later than begins: the next day
    to("person_id", "duty_people", null=False),
    Column("since", String(10), nullable=False),  # 2026-11-26
    Column("until", String(10)),  # no shift begins on this day or later
    Column("made_at", UtcDateTime, nullable=False),
    to("made_by", "staff"),
)

# What differs from the week: somebody is away, or stands in at a post.
duty_changes = Table(
    "duty_changes",
    metadata,
    own_id(),
    to("community_id", "communities"),
    Column("kind", String(12), nullable=False),  # holiday | illness | swap | taken | handed
    Column("post", String(12)),  # of who stands in; null: away, from every post
    to("person_id", "duty_people", null=False),
    Column("starts", UtcDateTime, nullable=False),
    Column("ends", UtcDateTime, nullable=False),
    Column("note", Text),
    Column("made_at", UtcDateTime, nullable=False),
    to("made_by", "staff"),
    Column("cancelled_at", UtcDateTime),
    Index("ix_duty_changes_ends", "ends"),
)

duty_handovers = Table(  # offered with what is open, and accepted by the next
    "duty_handovers",
    metadata,
    own_id(),
    to("community_id", "communities"),
    Column("post", String(12), nullable=False),
    to("from_staff", "staff", null=False),
    to("to_person", "duty_people", null=False),
    Column("until", UtcDateTime, nullable=False),
    Column("note", Text),
    Column("alarms", Json, nullable=False),  # ids of those the giver looks after
    Column("offered_at", UtcDateTime, nullable=False),
    Column("state", String(10), nullable=False, server_default="offered"),  # offered | accepted | declined | withdrawn
    Column("answered_at", UtcDateTime),
)

# Who was called for an alarm: each once a post, however often it repeats.
alarm_calls = Table(
    "alarm_calls",
    metadata,
    own_id(),
    to("alarm_id", "alarms", null=False, index=True),
    Column("post", String(12), nullable=False),
    to("person_id", "duty_people"),  # null: everybody with the role, because the roster named nobody
    to("staff_id", "staff", index=True),
    Column("called_at", UtcDateTime, nullable=False),
    Column("last_at", UtcDateTime, nullable=False),
    Column("times", Integer, nullable=False, server_default="1"),
    Column("seen_at", UtcDateTime),  # their console showed it
    Column("rung_at", UtcDateTime),  # somebody rang them up
    to("rung_by", "staff"),
    Column("handed_at", UtcDateTime),  # they called the next instead; heard again only when everybody did
)

office_days = Table(  # an admin's own days; the newest of a day that was not taken back holds
    "office_days",
    metadata,
    own_id(),
    to("community_id", "communities"),  # whose; null: of every community that has no word of its own on that day
    Column("day", String(10), nullable=False, index=True),
    Column("is_open", Boolean, nullable=False),
    Column("reason", Text, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    to("made_by", "staff"),
    Column("withdrawn_at", UtcDateTime),
)

office_years = Table(  # years an admin has entered whole, days that are not in office_days being plain weekdays
    "office_years",
    metadata,
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("source", Text, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    to("made_by", "staff"),
)

office_hours = Table(  # append-only: opening hours from a day on
    "office_hours",
    metadata,
    own_id(),
    to("community_id", "communities"),  # whose; null: of every community that has none of its own
    Column("since", String(10), nullable=False),
    Column("hours", Json, nullable=False),  # [["09:00", "12:00"], ["14:00", "18:00"]]
    Column("reason", Text, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    to("made_by", "staff"),
)

deadline_terms = Table(  # append-only: this community's own promises from an instant on
    "deadline_terms",
    metadata,
    own_id(),
    Column("route", String(24)),  # null, with no category: every kind of matter
    Column("category", String(24)),
    Column("urgency", String(2), nullable=False),
    Column("first_contact", Json),  # a span; both null: as shipped again
    Column("close", Json),
    Column("since", UtcDateTime, nullable=False),
    Column("reason", Text, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    to("made_by", "staff"),
)
