"""Queues: the search's index filled for what exists, saved filters, answers being written, who has what open

Revision: 0014
Follows: 0013
"""

import sqlalchemy as sa
from alembic import op

import storage.types
from knowledge import searching

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

OPEN = "next_due IS NOT NULL"
STATES = (
    "'received', 'accepted', 'assigned', 'return_asked', 'signed', "
    "'handling', 'extension_asked', 'fed_back', 'calling_back'"
)
# On one line: a table that is copied is read back from what stands in its definition, and SQLAlchemy reads one line.
NEXT_DUE = (
    f"CASE WHEN state IN ({STATES}) THEN CASE WHEN first_contact_at IS NULL THEN first_contact_due ELSE due_at END END"
)
BY_URGENCY = ["urgency", "next_due", "id"]
INDICES = {
    "open": (BY_URGENCY, OPEN),
    "due": (["next_due", "id"], OPEN),
    "held": (["assigned_to", *BY_URGENCY], OPEN),
    "unread": (BY_URGENCY, f"{OPEN} AND unread > 0"),
    "climbed": (BY_URGENCY, f"{OPEN} AND level > 0"),
    "over": (["closed_at", "id"], "closed_at IS NOT NULL"),
}
AT_ONCE = 500


def upgrade() -> None:
    op.create_table(
        "ticket_grams",
        sa.Column("ticket_id", storage.types.Id, autoincrement=False, nullable=False),
        sa.Column("gram", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("ticket_id", "gram", name=op.f("pk_ticket_grams")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "saved_filters",
        sa.Column("id", storage.types.Id, autoincrement=True, nullable=False),
        sa.Column("staff_id", storage.types.Id, nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("wanted", storage.types.Json, nullable=False),
        sa.Column("made_at", storage.types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_saved_filters_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_filters")),
        sa.UniqueConstraint("staff_id", "name", name=op.f("uq_saved_filters_staff_id_name")),
    )
    op.create_table(
        "answer_drafts",
        sa.Column("id", storage.types.Id, autoincrement=True, nullable=False),
        sa.Column("ticket_id", storage.types.Id, nullable=False),
        sa.Column("staff_id", storage.types.Id, nullable=False),
        sa.Column("action", sa.String(length=24), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("saved_at", storage.types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_answer_drafts_staff_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_answer_drafts_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer_drafts")),
        sa.UniqueConstraint("staff_id", "ticket_id", name=op.f("uq_answer_drafts_staff_id_ticket_id")),
    )
    op.create_index(op.f("ix_answer_drafts_ticket_id"), "answer_drafts", ["ticket_id"])
    op.create_table(
        "ticket_viewers",
        sa.Column("id", storage.types.Id, autoincrement=True, nullable=False),
        sa.Column("ticket_id", storage.types.Id, nullable=False),
        sa.Column("staff_id", storage.types.Id, nullable=False),
        sa.Column("seen_at", storage.types.UtcDateTime(), nullable=False),
        sa.Column("writing_at", storage.types.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_ticket_viewers_staff_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_ticket_viewers_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_viewers")),
        sa.UniqueConstraint("staff_id", "ticket_id", name=op.f("uq_ticket_viewers_staff_id_ticket_id")),
    )
    op.create_index(op.f("ix_ticket_viewers_ticket_id"), "ticket_viewers", ["ticket_id"])
    # Added in place: on SQLite the value is computed when it is read, and only the indices keep it.
    kept = op.get_bind().dialect.name == "postgresql"
    next_due = sa.Computed(NEXT_DUE, persisted=kept)
    with op.batch_alter_table("tickets", schema=None) as batch_op:
        batch_op.add_column(sa.Column("next_due", storage.types.UtcDateTime(), next_due, nullable=True))
    for name, (columns, held) in INDICES.items():
        given = sa.text(held)
        op.create_index(f"ix_tickets_{name}", "tickets", columns, sqlite_where=given, postgresql_where=given)
    fill(op.get_bind())
    op.create_index("ix_ticket_grams_gram", "ticket_grams", ["gram", "ticket_id"])


FIELDS = "id, number, title, description, place_note, visit_words, building, unit, floor, room, phone"
TICKETS = f"SELECT {FIELDS}, route, confidential, anonymous FROM tickets WHERE id > :last ORDER BY id LIMIT {AT_ONCE}"
SPOKEN = """SELECT ticket_id, text FROM messages
    WHERE ticket_id BETWEEN :first AND :last AND sender <> 'bot'
    UNION ALL SELECT ticket_id, note FROM ticket_events
    WHERE ticket_id BETWEEN :first AND :last AND note IS NOT NULL"""


def fill(connection: sa.Connection) -> None:
    """So many tickets at a time, by the rules of ``storage.search`` as they were at this revision."""
    last = 0
    while rows := connection.execute(sa.text(TICKETS), {"last": last}).mappings().all():
        first, last = rows[0]["id"], rows[-1]["id"]
        said: dict[int, list[str]] = {}
        for ticket_id, text in connection.execute(sa.text(SPOKEN), {"first": first, "last": last}):
            said.setdefault(ticket_id, []).append(text)
        found = [
            {"ticket": row["id"], "gram": gram} for row in rows for gram in grams_of(dict(row), said.get(row["id"], []))
        ]
        if found:
            connection.execute(sa.text("INSERT INTO ticket_grams (ticket_id, gram) VALUES (:ticket, :gram)"), found)


def grams_of(row: dict[str, object], said: list[str]) -> list[str]:
    found = searching.of_number(str(row["number"]))
    if not (row["confidential"] or row["anonymous"] or row["route"] == "dispute"):
        texts = [row["title"], row["description"], row["place_note"], row["visit_words"], *said]
        texts += [f"{row[name]}{word}" for name, word in PLACES if row[name]]
        found = found.union(*(searching.grams(str(text)) for text in texts if text))
        found |= searching.of_room(str(row["room"] or "")) | searching.of_phone(str(row["phone"] or ""))
    return sorted(found)


PLACES = (("building", "栋"), ("unit", "单元"), ("floor", "层"))


def downgrade() -> None:
    for name in INDICES:
        op.drop_index(f"ix_tickets_{name}", "tickets")
    with op.batch_alter_table("tickets", schema=None) as batch_op:
        batch_op.drop_column("next_due")
    for table in ("ticket_viewers", "answer_drafts", "saved_filters", "ticket_grams"):
        op.drop_table(table)
