"""Arriving, consent, one's own data: posters, pass codes, proxies, the deletion log

Revision: 0004
Follows: 0003
"""

import sqlalchemy as sa
from alembic import op

import storage.types

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ID = storage.types.Id
AT = storage.types.UtcDateTime


def upgrade() -> None:
    with op.batch_alter_table("chats") as chats:
        chats.add_column(sa.Column("language_chosen", sa.Boolean(), server_default=sa.text("false"), nullable=False))
        chats.add_column(sa.Column("building", sa.Text(), nullable=True))
        chats.add_column(sa.Column("left_at", AT(), nullable=True))
    with op.batch_alter_table("residents") as residents:
        residents.add_column(sa.Column("erase_wished_at", AT(), nullable=True))
    _consents()
    _proxies()
    _deletions()


def _consents() -> None:
    op.create_table(
        "consents",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("resident_id", ID, nullable=False),
        sa.Column("at", AT(), nullable=False),
        sa.Column("about", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("answer", sa.String(length=12), nullable=False),
        sa.ForeignKeyConstraint(["resident_id"], ["residents.id"], name=op.f("fk_consents_resident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
    )
    op.create_index(op.f("ix_consents_resident_id"), "consents", ["resident_id"])


def _proxies() -> None:
    op.create_table(
        "proxies",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("resident_id", ID, nullable=False),
        sa.Column("proxy_resident_id", ID, nullable=True),
        sa.Column("relation", sa.String(length=16), nullable=False),
        sa.Column("scope", sa.String(length=4), nullable=False),
        sa.Column("given_at", AT(), nullable=False),
        sa.Column("given_by", sa.String(length=8), nullable=False),
        sa.Column("staff_id", ID, nullable=True),
        sa.Column("until", AT(), nullable=False),
        sa.Column("accepted_at", AT(), nullable=True),
        sa.Column("ended_at", AT(), nullable=True),
        sa.Column("ended_by", sa.String(length=8), nullable=True),
        sa.ForeignKeyConstraint(["resident_id"], ["residents.id"], name=op.f("fk_proxies_resident_id")),
        sa.ForeignKeyConstraint(["proxy_resident_id"], ["residents.id"], name=op.f("fk_proxies_proxy_resident_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_proxies_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proxies")),
    )
    op.create_index(op.f("ix_proxies_resident_id"), "proxies", ["resident_id"])
    op.create_index(op.f("ix_proxies_proxy_resident_id"), "proxies", ["proxy_resident_id"])
    op.create_table(
        "proxy_events",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("proxy_id", ID, nullable=False),
        sa.Column("at", AT(), nullable=False),
        sa.Column("actor", sa.String(length=8), nullable=False),
        sa.Column("action", sa.String(length=16), nullable=False),
        sa.Column("ticket", sa.String(length=24), nullable=True),
        sa.ForeignKeyConstraint(["proxy_id"], ["proxies.id"], name=op.f("fk_proxy_events_proxy_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proxy_events")),
    )
    op.create_index(op.f("ix_proxy_events_proxy_id"), "proxy_events", ["proxy_id"])
    op.create_table(
        "pass_codes",
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("resident_id", ID, nullable=False),
        sa.Column("proxy_id", ID, nullable=True),
        sa.Column("created_at", AT(), nullable=False),
        sa.Column("expires_at", AT(), nullable=False),
        sa.Column("used_at", AT(), nullable=True),
        sa.ForeignKeyConstraint(["resident_id"], ["residents.id"], name=op.f("fk_pass_codes_resident_id")),
        sa.ForeignKeyConstraint(["proxy_id"], ["proxies.id"], name=op.f("fk_pass_codes_proxy_id")),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_pass_codes")),
    )
    op.create_index(op.f("ix_pass_codes_resident_id"), "pass_codes", ["resident_id"])


def _deletions() -> None:
    op.create_table(
        "deletions",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("at", AT(), nullable=False),
        sa.Column("why", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deletions")),
    )


def downgrade() -> None:
    for table in ("deletions", "pass_codes", "proxy_events", "proxies", "consents"):
        op.drop_table(table)
    with op.batch_alter_table("residents") as residents:
        residents.drop_column("erase_wished_at")
    with op.batch_alter_table("chats") as chats:
        for column in ("left_at", "building", "language_chosen"):
            chats.drop_column(column)
