"""Units that work on tickets: who leads, who assists, returns, more time asked for, hand-overs; supervision, follow-up

Revision: 0016
Follows: 0015
"""

from datetime import datetime

import sqlalchemy as sa
from alembic import op

import storage.types

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

OPEN = "next_due IS NOT NULL"
BY_URGENCY = ["urgency", "next_due", "id"]
INDICES = {
    "lead": (["lead_unit_id", *BY_URGENCY], f"{OPEN} AND lead_unit_id IS NOT NULL"),
    "supervised": (BY_URGENCY, f"{OPEN} AND supervised_at IS NOT NULL"),
    "follow_up": (["follow_up_at", "id"], f"{OPEN} AND follow_up_at IS NOT NULL"),
    "to_archive": (["closed_at"], "closed_at IS NOT NULL AND state <> 'archived'"),
}


def _id() -> sa.Column[int]:
    return sa.Column("id", storage.types.Id, autoincrement=True, nullable=False)


def _at(name: str, *, null: bool = True) -> sa.Column[datetime]:
    return sa.Column(name, storage.types.UtcDateTime(), nullable=null)


def _to(name: str, *, null: bool = True) -> sa.Column[int]:
    return sa.Column(name, storage.types.Id, nullable=null)


def _no(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), server_default=sa.text("false"), nullable=False)


def _keys(table: str, **columns: str) -> list[sa.Constraint]:
    found = [
        sa.ForeignKeyConstraint([name], [f"{target}.id"], name=op.f(f"fk_{table}_{name}"))
        for name, target in columns.items()
    ]
    return [*found, sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}"))]


def upgrade() -> None:
    op.create_table(
        "units",
        _id(),
        sa.Column("key", sa.String(length=32), nullable=True),
        sa.Column("zh", sa.Text(), nullable=False),
        sa.Column("en", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("contact", sa.Text(), nullable=True),
        _no("house"),
        _at("made_at", null=False),
        _at("ended_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_units")),
        sa.UniqueConstraint("key", name=op.f("uq_units_key")),
    )
    _more_tables()
    with op.batch_alter_table("staff", schema=None) as batch_op:
        batch_op.add_column(_to("unit_id"))
        batch_op.create_foreign_key(op.f("fk_staff_unit_id"), "units", ["unit_id"], ["id"])
        batch_op.create_index(op.f("ix_staff_unit_id"), ["unit_id"])
    with op.batch_alter_table("tickets", schema=None) as batch_op:
        batch_op.add_column(_to("lead_unit_id"))
        batch_op.add_column(_at("supervised_at"))
        batch_op.add_column(_at("follow_up_at"))
        batch_op.create_foreign_key(op.f("fk_tickets_lead_unit_id"), "units", ["lead_unit_id"], ["id"])
    for name, (columns, held) in INDICES.items():
        given = sa.text(held)
        op.create_index(f"ix_tickets_{name}", "tickets", columns, sqlite_where=given, postgresql_where=given)


def _more_tables() -> None:
    op.create_table(
        "ticket_units",
        _id(),
        _to("ticket_id", null=False),
        _to("unit_id", null=False),
        sa.Column("part", sa.String(length=8), nullable=False),
        _to("given_by"),
        *(_at(name, null=False) for name in ("given_at", "due_at", "return_by")),
        _at("sign_by"),
        sa.Column("sign_asked", sa.Integer(), server_default="0", nullable=False),
        _no("designated"),
        sa.Column("returns", sa.Integer(), server_default="0", nullable=False),
        _at("signed_at"),
        _to("signed_by"),
        sa.Column("signed_word", sa.Text(), nullable=True),
        _at("reported_at"),
        sa.Column("report", sa.Text(), nullable=True),
        _at("ended_at"),
        *_keys("ticket_units", ticket_id="tickets", unit_id="units", given_by="staff", signed_by="staff"),
    )
    op.create_index(op.f("ix_ticket_units_ticket_id"), "ticket_units", ["ticket_id"])
    for name, columns, held in (
        ("sign_by", ["sign_by"], "sign_by IS NOT NULL"),
        ("now", ["unit_id", "ticket_id"], "ended_at IS NULL"),
    ):
        given = sa.text(held)
        op.create_index(f"ix_ticket_units_{name}", "ticket_units", columns, sqlite_where=given, postgresql_where=given)
    op.create_table(
        "extension_asks",
        _id(),
        _to("ticket_id", null=False),
        _to("unit_id"),
        _to("asked_by", null=False),
        _at("asked_at", null=False),
        _at("until", null=False),
        sa.Column("reason", sa.Text(), nullable=True),
        _to("decided_by"),
        _at("decided_at"),
        sa.Column("granted", sa.Boolean(), nullable=True),
        *_keys("extension_asks", ticket_id="tickets", unit_id="units", asked_by="staff", decided_by="staff"),
    )
    op.create_index(op.f("ix_extension_asks_ticket_id"), "extension_asks", ["ticket_id"])
    op.create_table(
        "hand_overs",
        _id(),
        _to("ticket_id", null=False),
        _to("unit_id"),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("way", sa.String(length=8), nullable=False),
        sa.Column("fields", storage.types.Json, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=True) for name in ("why_caller", "note")),
        _to("by", null=False),
        _at("at", null=False),
        sa.Column("their_number", sa.Text(), nullable=True),
        *(_at(name) for name in ("ask_at", "confirmed_at")),
        sa.Column("confirmed_word", sa.Text(), nullable=True),
        _at("answered_at"),
        sa.Column("answer", sa.Text(), nullable=True),
        _at("taken_back_at"),
        *_keys("hand_overs", ticket_id="tickets", unit_id="units", by="staff"),
    )
    op.create_index(op.f("ix_hand_overs_ticket_id"), "hand_overs", ["ticket_id"])
    held = sa.text("ask_at IS NOT NULL")
    op.create_index("ix_hand_overs_ask_at", "hand_overs", ["ask_at"], sqlite_where=held, postgresql_where=held)


def downgrade() -> None:
    for name in INDICES:
        op.drop_index(f"ix_tickets_{name}", "tickets")
    with op.batch_alter_table("tickets", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("fk_tickets_lead_unit_id"), type_="foreignkey")
        for name in ("follow_up_at", "supervised_at", "lead_unit_id"):
            batch_op.drop_column(name)
    with op.batch_alter_table("staff", schema=None) as batch_op:
        batch_op.drop_index(op.f("ix_staff_unit_id"))
        batch_op.drop_constraint(op.f("fk_staff_unit_id"), type_="foreignkey")
        batch_op.drop_column("unit_id")
    for table in ("hand_overs", "extension_asks", "ticket_units", "units"):
        op.drop_table(table)
