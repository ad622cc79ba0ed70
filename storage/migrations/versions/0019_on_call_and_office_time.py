"""Who is on call, who was called for an alarm, and the office's own days, hours and promises

Revision: 0019
Follows: 0018
"""

import sqlalchemy as sa
from alembic import op

import storage.types

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "deadline_terms",
        sa.Column("id", storage.types.Id, autoincrement=True, nullable=False),
        sa.Column("route", sa.String(length=24), nullable=True),
        sa.Column("category", sa.String(length=24), nullable=True),
        sa.Column("urgency", sa.String(length=2), nullable=False),
        sa.Column("first_contact", storage.types.Json, nullable=True),
        sa.Column("close", storage.types.Json, nullable=True),
        sa.Column("since", storage.types.UtcDateTime(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_at", storage.types.UtcDateTime(), nullable=False),
        sa.Column("made_by", storage.types.Id, nullable=True),
        sa.ForeignKeyConstraint(["made_by"], ["staff.id"], name=op.f("fk_deadline_terms_made_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deadline_terms")),
    )
    op.create_table(
        "duty_people",
        sa.Column("id", storage.types.Id, autoincrement=True, nullable=False),
        sa.Column("community_id", storage.types.Id, nullable=True),
        sa.Column("staff_id", storage.types.Id, nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("phone", sa.String(length=32), nullable=True),
        sa.Column("added_at", storage.types.UtcDateTime(), nullable=False),
        sa.Column("added_by", storage.types.Id, nullable=True),
        sa.Column("removed_at", storage.types.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["added_by"], ["staff.id"], name=op.f("fk_duty_people_added_by")),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name=op.f("fk_duty_people_community_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_duty_people_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_people")),
    )
    with op.batch_alter_table("duty_people", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_duty_people_staff_id"), ["staff_id"], unique=False)

    op.create_table(
        "office_days",
        sa.Column("id", storage.types.Id, autoincrement=True, nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_at", storage.types.UtcDateTime(), nullable=False),
        sa.Column("made_by", storage.types.Id, nullable=True),
        sa.Column("withdrawn_at", storage.types.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["made_by"], ["staff.id"], name=op.f("fk_office_days_made_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_office_days")),
    )
    with op.batch_alter_table("office_days", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_office_days_day"), ["day"], unique=False)

    op.create_table(
        "office_hours",
        sa.Column("id", storage.types.Id, autoincrement=True, nullable=False),
        sa.Column("since", sa.String(length=10), nullable=False),
        sa.Column("hours", storage.types.Json, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_at", storage.types.UtcDateTime(), nullable=False),
        sa.Column("made_by", storage.types.Id, nullable=True),
        sa.ForeignKeyConstraint(["made_by"], ["staff.id"], name=op.f("fk_office_hours_made_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_office_hours")),
    )
    op.create_table(
        "office_years",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("made_at", storage.types.UtcDateTime(), nullable=False),
        sa.Column("made_by", storage.types.Id, nullable=True),
        sa.ForeignKeyConstraint(["made_by"], ["staff.id"], name=op.f("fk_office_years_made_by")),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_office_years")),
    )
    op.create_table(
        "duty_changes",
        sa.Column("id", storage.types.Id, autoincrement=True, nullable=False),
        sa.Column("community_id", storage.types.Id, nullable=True),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("post", sa.String(length=12), nullable=True),
        sa.Column("person_id", storage.types.Id, nullable=False),
        sa.Column("starts", storage.types.UtcDateTime(), nullable=False),
        sa.Column("ends", storage.types.UtcDateTime(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("made_at", storage.types.UtcDateTime(), nullable=False),
        sa.Column("made_by", storage.types.Id, nullable=True),
        sa.Column("cancelled_at", storage.types.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name=op.f("fk_duty_changes_community_id")),
        sa.ForeignKeyConstraint(["made_by"], ["staff.id"], name=op.f("fk_duty_changes_made_by")),
        sa.ForeignKeyConstraint(["person_id"], ["duty_people.id"], name=op.f("fk_duty_changes_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_changes")),
    )
    with op.batch_alter_table("duty_changes", schema=None) as batch_op:
        batch_op.create_index("ix_duty_changes_ends", ["ends"], unique=False)

    op.create_table(
        "duty_handovers",
        sa.Column("id", storage.types.Id, autoincrement=True, nullable=False),
        sa.Column("community_id", storage.types.Id, nullable=True),
        sa.Column("post", sa.String(length=12), nullable=False),
        sa.Column("from_staff", storage.types.Id, nullable=False),
        sa.Column("to_person", storage.types.Id, nullable=False),
        sa.Column("until", storage.types.UtcDateTime(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("alarms", storage.types.Json, nullable=False),
        sa.Column("offered_at", storage.types.UtcDateTime(), nullable=False),
        sa.Column("state", sa.String(length=10), server_default="offered", nullable=False),
        sa.Column("answered_at", storage.types.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name=op.f("fk_duty_handovers_community_id")),
        sa.ForeignKeyConstraint(["from_staff"], ["staff.id"], name=op.f("fk_duty_handovers_from_staff")),
        sa.ForeignKeyConstraint(["to_person"], ["duty_people.id"], name=op.f("fk_duty_handovers_to_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_handovers")),
    )
    op.create_table(
        "duty_weeks",
        sa.Column("id", storage.types.Id, autoincrement=True, nullable=False),
        sa.Column("community_id", storage.types.Id, nullable=True),
        sa.Column("post", sa.String(length=12), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("begins", sa.String(length=5), nullable=False),
        sa.Column("ends", sa.String(length=5), nullable=False),
        sa.Column("person_id", storage.types.Id, nullable=False),
        sa.Column("since", sa.String(length=10), nullable=False),
        sa.Column("until", sa.String(length=10), nullable=True),
        sa.Column("made_at", storage.types.UtcDateTime(), nullable=False),
        sa.Column("made_by", storage.types.Id, nullable=True),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name=op.f("fk_duty_weeks_community_id")),
        sa.ForeignKeyConstraint(["made_by"], ["staff.id"], name=op.f("fk_duty_weeks_made_by")),
        sa.ForeignKeyConstraint(["person_id"], ["duty_people.id"], name=op.f("fk_duty_weeks_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_weeks")),
    )
    op.create_table(
        "alarm_calls",
        sa.Column("id", storage.types.Id, autoincrement=True, nullable=False),
        sa.Column("alarm_id", storage.types.Id, nullable=False),
        sa.Column("post", sa.String(length=12), nullable=False),
        sa.Column("person_id", storage.types.Id, nullable=True),
        sa.Column("staff_id", storage.types.Id, nullable=True),
        sa.Column("called_at", storage.types.UtcDateTime(), nullable=False),
        sa.Column("last_at", storage.types.UtcDateTime(), nullable=False),
        sa.Column("times", sa.Integer(), server_default="1", nullable=False),
        sa.Column("seen_at", storage.types.UtcDateTime(), nullable=True),
        sa.Column("rung_at", storage.types.UtcDateTime(), nullable=True),
        sa.Column("rung_by", storage.types.Id, nullable=True),
        sa.ForeignKeyConstraint(["alarm_id"], ["alarms.id"], name=op.f("fk_alarm_calls_alarm_id")),
        sa.ForeignKeyConstraint(["person_id"], ["duty_people.id"], name=op.f("fk_alarm_calls_person_id")),
        sa.ForeignKeyConstraint(["rung_by"], ["staff.id"], name=op.f("fk_alarm_calls_rung_by")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_alarm_calls_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alarm_calls")),
    )
    with op.batch_alter_table("alarm_calls", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_alarm_calls_alarm_id"), ["alarm_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_alarm_calls_staff_id"), ["staff_id"], unique=False)

    with op.batch_alter_table("alarms", schema=None) as batch_op:
        batch_op.add_column(sa.Column("ticket_id", storage.types.Id, nullable=True))
        batch_op.create_index(batch_op.f("ix_alarms_ticket_id"), ["ticket_id"], unique=False)
        batch_op.create_foreign_key(batch_op.f("fk_alarms_ticket_id"), "tickets", ["ticket_id"], ["id"])


def downgrade() -> None:
    with op.batch_alter_table("alarms", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_alarms_ticket_id"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_alarms_ticket_id"))
        batch_op.drop_column("ticket_id")

    with op.batch_alter_table("alarm_calls", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_alarm_calls_staff_id"))
        batch_op.drop_index(batch_op.f("ix_alarm_calls_alarm_id"))

    op.drop_table("alarm_calls")
    op.drop_table("duty_weeks")
    op.drop_table("duty_handovers")
    with op.batch_alter_table("duty_changes", schema=None) as batch_op:
        batch_op.drop_index("ix_duty_changes_ends")

    op.drop_table("duty_changes")
    op.drop_table("office_years")
    op.drop_table("office_hours")
    with op.batch_alter_table("office_days", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_office_days_day"))

    op.drop_table("office_days")
    with op.batch_alter_table("duty_people", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_duty_people_staff_id"))

    op.drop_table("duty_people")
    op.drop_table("deadline_terms")
