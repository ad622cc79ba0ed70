"""Household duty and heart cards: who is looked after by whom, visits planned and made, cards

Revision: 0027
Follows: 0026
"""

import sqlalchemy as sa
from alembic import op

import storage.types

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "households",
        sa.Column("id", storage.types.Id, autoincrement=True, nullable=False),
        sa.Column("community_id", storage.types.Id, nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("building", sa.Text(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("room", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("situation", sa.Text(), nullable=True),
        sa.Column("agreed_how", sa.String(length=12), nullable=False),
        sa.Column("agreed_by", sa.Text(), nullable=True),
        sa.Column("agreed_at", storage.types.UtcDateTime(), nullable=False),
        sa.Column("worker_id", storage.types.Id, nullable=True),
        sa.Column("stand_in_id", storage.types.Id, nullable=True),
        sa.Column("days", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=8), server_default="active", nullable=False),
        sa.Column("created_at", storage.types.UtcDateTime(), nullable=False),
        sa.Column("created_by", storage.types.Id, nullable=False),
        sa.Column("ended_at", storage.types.UtcDateTime(), nullable=True),
        sa.Column("ended_by", storage.types.Id, nullable=True),
        sa.Column("ended_why", sa.String(length=12), nullable=True),
        sa.Column("forgotten_at", storage.types.UtcDateTime(), nullable=True),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name=op.f("fk_households_community_id")),
        sa.ForeignKeyConstraint(["created_by"], ["staff.id"], name=op.f("fk_households_created_by")),
        sa.ForeignKeyConstraint(["ended_by"], ["staff.id"], name=op.f("fk_households_ended_by")),
        sa.ForeignKeyConstraint(["stand_in_id"], ["staff.id"], name=op.f("fk_households_stand_in_id")),
        sa.ForeignKeyConstraint(["worker_id"], ["staff.id"], name=op.f("fk_households_worker_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_households")),
    )
    with op.batch_alter_table("households", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_households_stand_in_id"), ["stand_in_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_households_worker_id"), ["worker_id"], unique=False)

    op.create_table(
        "heart_cards",
        sa.Column("id", storage.types.Id, autoincrement=True, nullable=False),
        sa.Column("household_id", storage.types.Id, nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("worker_id", storage.types.Id, nullable=True),
        sa.Column("state", sa.String(length=8), server_default="made", nullable=False),
        sa.Column("made_at", storage.types.UtcDateTime(), nullable=False),
        sa.Column("made_by", storage.types.Id, nullable=False),
        sa.Column("given_at", storage.types.UtcDateTime(), nullable=True),
        sa.Column("ended_at", storage.types.UtcDateTime(), nullable=True),
        sa.Column("why", sa.String(length=12), nullable=True),
        sa.ForeignKeyConstraint(["household_id"], ["households.id"], name=op.f("fk_heart_cards_household_id")),
        sa.ForeignKeyConstraint(["made_by"], ["staff.id"], name=op.f("fk_heart_cards_made_by")),
        sa.ForeignKeyConstraint(["worker_id"], ["staff.id"], name=op.f("fk_heart_cards_worker_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_heart_cards")),
        sa.UniqueConstraint("code", name=op.f("uq_heart_cards_code")),
    )
    with op.batch_alter_table("heart_cards", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_heart_cards_household_id"), ["household_id"], unique=False)

    op.create_table(
        "household_looks",
        sa.Column("id", storage.types.Id, autoincrement=True, nullable=False),
        sa.Column("household_id", storage.types.Id, nullable=False),
        sa.Column("staff_id", storage.types.Id, nullable=False),
        sa.Column("at", storage.types.UtcDateTime(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["household_id"], ["households.id"], name=op.f("fk_household_looks_household_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_household_looks_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_household_looks")),
    )
    with op.batch_alter_table("household_looks", schema=None) as batch_op:
        batch_op.create_index("ix_household_looks_of", ["household_id", "staff_id", "at"], unique=False)

    op.create_table(
        "household_plans",
        sa.Column("id", storage.types.Id, autoincrement=True, nullable=False),
        sa.Column("household_id", storage.types.Id, nullable=False),
        sa.Column("due_at", storage.types.UtcDateTime(), nullable=False),
        sa.Column("state", sa.String(length=8), server_default="open", nullable=False),
        sa.Column("done_at", storage.types.UtcDateTime(), nullable=True),
        sa.Column("reminded_at", storage.types.UtcDateTime(), nullable=True),
        sa.Column("level", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["household_id"], ["households.id"], name=op.f("fk_household_plans_household_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_household_plans")),
    )
    with op.batch_alter_table("household_plans", schema=None) as batch_op:
        batch_op.create_index(
            "ix_household_plans_current",
            ["household_id"],
            unique=True,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )
        batch_op.create_index("ix_household_plans_due", ["due_at"], unique=False)

    op.create_table(
        "household_visits",
        sa.Column("id", storage.types.Id, autoincrement=True, nullable=False),
        sa.Column("household_id", storage.types.Id, nullable=False),
        sa.Column("staff_id", storage.types.Id, nullable=False),
        sa.Column("at", storage.types.UtcDateTime(), nullable=False),
        sa.Column("way", sa.String(length=8), nullable=False),
        sa.Column("met", sa.String(length=8), nullable=False),
        sa.Column("seen", sa.Text(), nullable=True),
        sa.Column("needs", sa.Text(), nullable=True),
        sa.Column("ticket_id", storage.types.Id, nullable=True),
        sa.ForeignKeyConstraint(["household_id"], ["households.id"], name=op.f("fk_household_visits_household_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_household_visits_staff_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_household_visits_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_household_visits")),
    )
    with op.batch_alter_table("household_visits", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_household_visits_household_id"), ["household_id"], unique=False)

    op.create_table(
        "card_chats",
        sa.Column("chat_id", storage.types.Id, autoincrement=False, nullable=False),
        sa.Column("card_id", storage.types.Id, nullable=False),
        sa.Column("at", storage.types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["card_id"], ["heart_cards.id"], name=op.f("fk_card_chats_card_id")),
        sa.ForeignKeyConstraint(["chat_id"], ["chats.id"], name=op.f("fk_card_chats_chat_id")),
        sa.PrimaryKeyConstraint("chat_id", name=op.f("pk_card_chats")),
    )
    with op.batch_alter_table("card_chats", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_card_chats_card_id"), ["card_id"], unique=False)

    op.create_table(
        "household_words",
        sa.Column("id", storage.types.Id, autoincrement=True, nullable=False),
        sa.Column("household_id", storage.types.Id, nullable=False),
        sa.Column("chat_id", storage.types.Id, nullable=False),
        sa.Column("message_id", storage.types.Id, nullable=True),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("at", storage.types.UtcDateTime(), nullable=False),
        sa.Column("due_at", storage.types.UtcDateTime(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=True),
        sa.Column("done_at", storage.types.UtcDateTime(), nullable=True),
        sa.Column("done_by", storage.types.Id, nullable=True),
        sa.ForeignKeyConstraint(["chat_id"], ["chats.id"], name=op.f("fk_household_words_chat_id")),
        sa.ForeignKeyConstraint(["done_by"], ["staff.id"], name=op.f("fk_household_words_done_by")),
        sa.ForeignKeyConstraint(["household_id"], ["households.id"], name=op.f("fk_household_words_household_id")),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_household_words_message_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_household_words")),
    )
    with op.batch_alter_table("household_words", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_household_words_chat_id"), ["chat_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_household_words_household_id"), ["household_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("household_words", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_household_words_household_id"))
        batch_op.drop_index(batch_op.f("ix_household_words_chat_id"))

    op.drop_table("household_words")
    with op.batch_alter_table("card_chats", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_card_chats_card_id"))

    op.drop_table("card_chats")
    with op.batch_alter_table("household_visits", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_household_visits_household_id"))

    op.drop_table("household_visits")
    with op.batch_alter_table("household_plans", schema=None) as batch_op:
        batch_op.drop_index("ix_household_plans_due")
        batch_op.drop_index(
            "ix_household_plans_current",
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )

    op.drop_table("household_plans")
    with op.batch_alter_table("household_looks", schema=None) as batch_op:
        batch_op.drop_index("ix_household_looks_of")

    op.drop_table("household_looks")
    with op.batch_alter_table("heart_cards", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_heart_cards_household_id"))

    op.drop_table("heart_cards")
    with op.batch_alter_table("households", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_households_worker_id"))
        batch_op.drop_index(batch_op.f("ix_households_stand_in_id"))

    op.drop_table("households")
