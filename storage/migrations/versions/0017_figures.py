"""Figures: what each ticket counts as, sums by day and month, remarks of a month, what was taken out of the console

Revision: 0017
Follows: 0016
"""

import sqlalchemy as sa
from alembic import op

import storage.types

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

UNTALLIED = sa.text("NOT tallied")
# What there is already is counted once: by the last line of each ticket's history.
KNOWN = """UPDATE ticket_events SET tallied = true
    WHERE id NOT IN (SELECT max(id) FROM ticket_events GROUP BY ticket_id)"""


def upgrade() -> None:
    op.create_table(
        "ticket_figures",
        sa.Column("ticket_id", storage.types.Id, autoincrement=False, nullable=False),
        sa.Column("building", sa.Text(), nullable=False),
        sa.Column("route", sa.String(length=24), nullable=False),
        sa.Column("category", sa.String(length=24), nullable=False),
        sa.Column("unit", sa.String(length=20), nullable=False),
        sa.Column("spot", sa.Text(), nullable=False),
        sa.Column("shielded", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.String(length=10), nullable=False),
        sa.Column("last_day", sa.String(length=10), nullable=False),
        sa.Column("counts", storage.types.Json, nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_ticket_figures_ticket_id")),
        sa.PrimaryKeyConstraint("ticket_id", name=op.f("pk_ticket_figures")),
    )
    op.create_index("ix_ticket_figures_days", "ticket_figures", ["last_day", "first_day"])
    op.create_table(
        "figure_days",
        sa.Column("span", sa.String(length=10), nullable=False),
        sa.Column("face", sa.String(length=12), nullable=False),
        sa.Column("value", sa.String(length=120), nullable=False),
        sa.Column("counts", storage.types.Json, nullable=False),
        sa.PrimaryKeyConstraint("span", "face", "value", name=op.f("pk_figure_days")),
    )
    op.create_table(
        "figure_remarks",
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("community_id", storage.types.Id, autoincrement=False, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("written_by", storage.types.Id, nullable=False),
        sa.Column("written_at", storage.types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["written_by"], ["staff.id"], name=op.f("fk_figure_remarks_written_by")),
        sa.PrimaryKeyConstraint("month", "community_id", name=op.f("pk_figure_remarks")),
    )
    op.create_table(
        "exports",
        sa.Column("id", storage.types.Id, autoincrement=True, nullable=False),
        sa.Column("staff_id", storage.types.Id, nullable=False),
        sa.Column("what", sa.String(length=16), nullable=False),
        sa.Column("format", sa.String(length=5), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("rows_all", sa.Integer(), nullable=False),
        sa.Column("rows_done", sa.Integer(), server_default="0", nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("begun_at", storage.types.UtcDateTime(), nullable=False),
        sa.Column("moved_at", storage.types.UtcDateTime(), nullable=False),
        sa.Column("ended_at", storage.types.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_exports_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exports")),
    )
    op.create_index(op.f("ix_exports_staff_id"), "exports", ["staff_id"])
    # Added in place: the history is never copied.
    op.add_column("ticket_events", sa.Column("tallied", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.execute(KNOWN)
    op.create_index(
        "ix_ticket_events_untallied",
        "ticket_events",
        ["id"],
        sqlite_where=UNTALLIED,
        postgresql_where=UNTALLIED,
    )
    op.create_index("ix_redirects_at", "redirects", ["at"])
    op.create_index("ix_answers_given_at", "answers", ["given_at"])


def downgrade() -> None:
    op.drop_index("ix_answers_given_at", "answers")
    op.drop_index("ix_redirects_at", "redirects")
    op.drop_index("ix_ticket_events_untallied", "ticket_events")
    op.drop_column("ticket_events", "tallied")
    for table in ("exports", "figure_remarks", "figure_days", "ticket_figures"):
        op.drop_table(table)
