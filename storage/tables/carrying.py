"""What is brought in as a file: the imports themselves, what each would change or has changed, and who lives where as the
housing authority says (S-12)."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, LargeBinary, String, Table, Text, UniqueConstraint

from storage.tables.base import metadata, of_those_with, own_id, to
from storage.types import Json, UtcDateTime

imports = Table(
    "imports",
    metadata,
    own_id(),
    Column("kind", String(16), nullable=False),
    to("community_id", "communities", index=True),
    to("staff_id", "staff", null=False),
    Column("file_name", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("size", Integer, nullable=False),
    Column("content", LargeBinary),  # until it is settled
    Column("whole", Boolean, nullable=False),  # the file is the full list: what it lacks goes
    Column("state", String(12), nullable=False),
    Column("done", Integer, nullable=False, server_default="0"),  # rows so far
    Column("total", Integer, nullable=False, server_default="0"),
    Column("wrong", Integer, nullable=False, server_default="0"),
    Column("findings", Json),
    Column("counts", Json),  # new, changed, gone, same
    Column("basis", String(24)),  # of personal data: on which ground they may be had (PI-01)
    Column("basis_note", Text),
    Column("reason", Text),
    Column("created_at", UtcDateTime, nullable=False),
    Column("checked_at", UtcDateTime),
    Column("confirmed_at", UtcDateTime),
    to("confirmed_by", "staff"),
    Column("ended_at", UtcDateTime),
    Column("taken_back_at", UtcDateTime),
    to("taken_back_by", "staff"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Index("ix_imports_state", "state"),
)

import_rows = Table(  # what differs from what there is; kept for taking it back
    "import_rows",
    metadata,
    own_id(),
    to("import_id", "imports", null=False, index=True),
    Column("key", Text, nullable=False),
    Column("before", Json),
    Column("after", Json),
)

household_people = Table(
    "household_people",
    metadata,
    own_id(),
    to("community_id", "communities", null=False),
    Column("building", String(16), nullable=False),
    Column("unit", String(8), nullable=False),
    Column("room", String(8), nullable=False),
    Column("name", Text, nullable=False),
    Column("role", String(8), nullable=False),  # tenant | member
    Column("phone", Text),
    to("import_id", "imports"),
    Column("entered_at", UtcDateTime, nullable=False),
    to("resident_id", "residents"),  # who that is here, once a colleague has made sure
    Column("matched_at", UtcDateTime),
    to("matched_by", "staff"),
    Column("matched_how", Text),
    UniqueConstraint("community_id", "building", "unit", "room", "name", name="uq_household_people_who"),
    of_those_with("household_people", "resident_id", "resident_id"),
)
