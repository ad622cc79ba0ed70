"""Estates, what a community consists of, tickets passed between communities, own words, opening hours of a community

A community that was entered before gets the estate its profile names.

Revision: 0028
Follows: 0027
"""

import json

import sqlalchemy as sa
from alembic import op

import storage.types

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

POINTING = (("communities", "estate_id", "estates"), ("office_hours", "community_id", "communities"))
POINTING = (*POINTING, ("tickets", "community_id", "communities"))
RETIRING = ("communities", "buildings", "flats")


def upgrade() -> None:
    op.create_table(
        "estates",
        _own_id(),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=True),
        _at("made_at", null=False),
        *_to("estates", "made_by", "staff"),
        _at("retired_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_estates")),
    )
    op.create_table(
        "community_bodies",
        _own_id(),
        *_to("community_bodies", "community_id", "communities", null=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=True),
        sa.Column("phone", sa.String(32), nullable=True),
        sa.Column("buildings", storage.types.Json, nullable=False),
        sa.Column("hours", sa.Text(), nullable=True),
        sa.Column("area_m2", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("since", sa.String(10), nullable=True),
        sa.Column("until", sa.String(10), nullable=True),
        _at("made_at", null=False),
        *_to("community_bodies", "made_by", "staff"),
        _at("ended_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_community_bodies")),
    )
    op.create_index(op.f("ix_community_bodies_community_id"), "community_bodies", ["community_id"])
    op.create_table(
        "ticket_passes",
        _own_id(),
        *_to("ticket_passes", "ticket_id", "tickets", null=False),
        *_to("ticket_passes", "from_id", "communities", null=False),
        *_to("ticket_passes", "to_id", "communities", null=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("state", sa.String(10), server_default="offered", nullable=False),
        *_to("ticket_passes", "offered_by", "staff"),
        _at("offered_at", null=False),
        *_to("ticket_passes", "answered_by", "staff"),
        _at("answered_at"),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_passes")),
    )
    op.create_index(op.f("ix_ticket_passes_ticket_id"), "ticket_passes", ["ticket_id"])
    op.create_index("ix_ticket_passes_open", "ticket_passes", ["to_id", "state"])
    op.create_table(
        "own_words",
        _own_id(),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        _at("made_at", null=False),
        *_to("own_words", "made_by", "staff"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_own_words")),
    )
    op.create_index(op.f("ix_own_words_key"), "own_words", ["key"])
    for table, name, target in POINTING:
        with op.batch_alter_table(table, schema=None) as changed:
            changed.add_column(sa.Column(name, storage.types.Id, nullable=True))
            changed.create_foreign_key(op.f(f"fk_{table}_{name}"), target, [name], ["id"])
    for table in RETIRING:
        op.add_column(table, _at("retired_at"))
    _estates_of_those_entered()


def _estates_of_those_entered() -> None:
    connection, made = op.get_bind(), dict[str, int]()
    rows = connection.execute(sa.text("SELECT id, profile, created_at FROM communities ORDER BY id")).all()
    for community, profile, created_at in rows:
        named = (json.loads(profile) if isinstance(profile, str) else profile or {}).get("estate") or {}
        name = str(named.get("zh") or "")
        if not name:
            continue
        if name not in made:
            estate = {"name": name, "en": named.get("en"), "at": created_at}
            insert = "INSERT INTO estates (name, name_en, made_at) VALUES (:name, :en, :at)"
            connection.execute(sa.text(insert), estate)
            made[name] = connection.execute(sa.text("SELECT max(id) FROM estates")).scalar_one()
        belongs = sa.text("UPDATE communities SET estate_id = :estate WHERE id = :id")
        connection.execute(belongs, {"estate": made[name], "id": community})


def downgrade() -> None:
    for table in RETIRING:
        with op.batch_alter_table(table, schema=None) as changed:
            changed.drop_column("retired_at")
    for table, name, _ in reversed(POINTING):
        with op.batch_alter_table(table, schema=None) as changed:
            changed.drop_constraint(op.f(f"fk_{table}_{name}"), type_="foreignkey")
            changed.drop_column(name)
    for table in ("own_words", "ticket_passes", "community_bodies", "estates"):
        op.drop_table(table)


def _own_id() -> sa.Column:
    return sa.Column("id", storage.types.Id, autoincrement=True, nullable=False)


def _at(name: str, *, null: bool = True) -> sa.Column:
    return sa.Column(name, storage.types.UtcDateTime(), nullable=null)


def _to(table: str, name: str, target: str, *, null: bool = True) -> tuple[sa.Column, sa.ForeignKeyConstraint]:
    key = sa.ForeignKeyConstraint([name], [f"{target}.id"], name=op.f(f"fk_{table}_{name}"))
    return sa.Column(name, storage.types.Id, nullable=null), key
