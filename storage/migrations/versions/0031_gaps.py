"""What was not known, put together where it is one question, and what was done about it

What was not answered before is taken over.

Revision: 0031
Follows: 0030
"""

import sqlalchemy as sa
from alembic import op

import storage.types

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def _id() -> sa.Column[int]:
    return sa.Column("id", storage.types.Id, autoincrement=True, nullable=False)


def _to(name: str, *, null: bool = True) -> sa.Column[int]:
    return sa.Column(name, storage.types.Id, nullable=null)


def _key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"))


def _at(name: str, *, null: bool = True) -> sa.Column[object]:
    return sa.Column(name, storage.types.UtcDateTime(), nullable=null)


def upgrade() -> None:
    _groups()
    _gaps()
    _settlings()
    op.execute(
        "INSERT INTO gaps (answer_id, chat_id, question_id, why, person, at) SELECT id, chat_id, question_id, "
        "CASE WHEN entry IS NULL THEN 'unknown' ELSE 'not_helpful' END, verdict IS NOT NULL AND verdict = 'person', given_at "
        "FROM answers WHERE question_id IS NOT NULL AND (entry IS NULL OR verdict = 'not_helpful')"
    )


def _groups() -> None:
    op.create_table(
        "gap_groups",
        _id(),
        _at("made_at", null=False),
        _at("settled_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gap_groups")),
    )


def _gaps() -> None:
    op.create_table(
        "gaps",
        _id(),
        _to("answer_id", null=False),
        _to("chat_id", null=False),
        _to("question_id"),
        sa.Column("why", sa.String(12), nullable=False),
        sa.Column("person", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        _at("at", null=False),
        _to("group_id"),
        sa.Column("core", sa.Text(), nullable=True),
        _key("gaps", "answer_id", "answers"),
        _key("gaps", "chat_id", "chats"),
        _key("gaps", "question_id", "messages"),
        _key("gaps", "group_id", "gap_groups"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gaps")),
    )
    for column in ("answer_id", "chat_id", "question_id"):
        op.create_index(op.f(f"ix_gaps_{column}"), "gaps", [column])
    op.create_index("ix_gaps_listed", "gaps", ["at", "group_id", "why", "chat_id", "question_id", "person"])
    op.create_index("ix_gaps_group", "gaps", ["group_id", "at"])
    fresh = sa.text("group_id IS NULL")
    op.create_index("ix_gaps_fresh", "gaps", ["id"], sqlite_where=fresh, postgresql_where=fresh)


def _settlings() -> None:
    op.create_table(
        "gap_settlings",
        _id(),
        _to("group_id", null=False),
        _at("at", null=False),
        _to("by", null=False),
        sa.Column("action", sa.String(8), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=True) for name in ("phrase", "entry", "means", "meant")),
        _at("settled_before"),
        _at("undone_at"),
        _to("undone_by"),
        _key("gap_settlings", "group_id", "gap_groups"),
        _key("gap_settlings", "by", "staff"),
        _key("gap_settlings", "undone_by", "staff"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gap_settlings")),
    )
    op.create_index(op.f("ix_gap_settlings_group_id"), "gap_settlings", ["group_id"])


def downgrade() -> None:
    for table in ("gap_settlings", "gaps", "gap_groups"):
        op.drop_table(table)
