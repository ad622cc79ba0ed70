"""What tickets add up to: what each counts as now, sums by day and by month; remarks on a month; what was taken out.

All but remarks and exports can be counted anew from the tickets at any time. Nobody who works on tickets is in any of it.
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text

from storage.tables.base import metadata, own_id, to
from storage.types import Id, Json, UtcDateTime

ticket_figures = Table(
    "ticket_figures",
    metadata,
    Column("ticket_id", Id, ForeignKey("tickets.id"), primary_key=True, autoincrement=False),
    Column("building", Text, nullable=False),  # "" where it has none, and where nobody shall learn of it
    Column("route", String(24), nullable=False),
    Column("category", String(24), nullable=False),
    Column("unit", String(20), nullable=False),
    Column("spot", Text, nullable=False),  # building|matter|topic
    Column("passed_to", Id),  # the community that took it over and does it; null: the one it came to
    Column("shielded", Integer, nullable=False),  # 1: in the whole's sums only
    Column("first_day", String(10), nullable=False),
    Column("last_day", String(10), nullable=False),
    Column("counts", Json, nullable=False),  # day: what: how often
    Index("ix_ticket_figures_days", "last_day", "first_day"),
)

figure_days = Table(
    "figure_days",
    metadata,
    Column("span", String(10), primary_key=True),  # 2026-11-23, or 2026-11
    Column("face", String(12), primary_key=True),  # all | building | matter | unit | spot
    Column("value", String(120), primary_key=True),
    Column("counts", Json, nullable=False),
)

figure_remarks = Table(  # what the committee itself says of a month
    "figure_remarks",
    metadata,
    Column("month", String(7), primary_key=True),
    Column("community_id", Id, primary_key=True, autoincrement=False),  # 0: the whole office
    Column("text", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    to("written_by", "staff", null=False),
    Column("written_at", UtcDateTime, nullable=False),
)

exports = Table(  # what was taken out of the console, and whether all of it arrived
    "exports",
    metadata,
    own_id(),
    to("staff_id", "staff", null=False, index=True),
    Column("what", String(16), nullable=False),
    Column("format", String(5), nullable=False),
    Column("reason", Text, nullable=False),
    Column("rows_all", Integer, nullable=False),
    Column("rows_done", Integer, nullable=False, server_default="0"),
    Column("state", String(8), nullable=False),  # running | done | cut
    Column("begun_at", UtcDateTime, nullable=False),
    Column("moved_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
)
