"""Operation: processes, backups, how long data stays and what is held, requests about own data; the audit found quickly

Revision: 0029
Follows: 0028
"""

import sqlalchemy as sa
from alembic import op

import storage.types

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "processes",
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("version", sa.String(length=32), nullable=False),
        sa.Column("started_at", storage.types.UtcDateTime(), nullable=False),
        sa.Column("seen_at", storage.types.UtcDateTime(), nullable=False),
        sa.Column("ticked_at", storage.types.UtcDateTime(), nullable=True),
        sa.Column("free", sa.BigInteger(), nullable=True),
        sa.Column("total", sa.BigInteger(), nullable=True),
        sa.Column("database", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("owner", name=op.f("pk_processes")),
    )
    op.create_table(
        "retention_runs",
        sa.Column("id", storage.types.Id, autoincrement=True, nullable=False),
        sa.Column("at", storage.types.UtcDateTime(), nullable=False),
        sa.Column("counts", storage.types.Json, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retention_runs")),
    )
    op.create_table(
        "backup_runs",
        sa.Column("id", storage.types.Id, autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("at", storage.types.UtcDateTime(), nullable=False),
        sa.Column("ended_at", storage.types.UtcDateTime(), nullable=True),
        sa.Column("owner", sa.String(length=64), nullable=True),
        sa.Column("file", sa.String(length=80), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("rows", sa.BigInteger(), nullable=True),
        sa.Column("tables", sa.Integer(), nullable=True),
        sa.Column("trouble", sa.Text(), nullable=True),
        sa.Column("gone_at", storage.types.UtcDateTime(), nullable=True),
        sa.Column("of_id", storage.types.Id, nullable=True),
        sa.Column("staff_id", storage.types.Id, nullable=True),
        sa.ForeignKeyConstraint(["of_id"], ["backup_runs.id"], name=op.f("fk_backup_runs_of_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_backup_runs_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_backup_runs")),
    )
    op.create_table(
        "data_requests",
        sa.Column("id", storage.types.Id, autoincrement=True, nullable=False),
        sa.Column("number", sa.String(length=24), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("came_by", sa.String(length=16), nullable=False),
        sa.Column("received_at", storage.types.UtcDateTime(), nullable=False),
        sa.Column("due_at", storage.types.UtcDateTime(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("contact", sa.Text(), nullable=True),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("resident_id", storage.types.Id, nullable=True),
        sa.Column("identity", sa.String(length=16), nullable=True),
        sa.Column("identity_note", sa.Text(), nullable=True),
        sa.Column("identity_by", storage.types.Id, nullable=True),
        sa.Column("identity_at", storage.types.UtcDateTime(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("decision", sa.String(length=16), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("decided_by", storage.types.Id, nullable=True),
        sa.Column("decided_at", storage.types.UtcDateTime(), nullable=True),
        sa.Column("proof", sa.Text(), nullable=True),
        sa.Column("done_by", storage.types.Id, nullable=True),
        sa.Column("done_at", storage.types.UtcDateTime(), nullable=True),
        sa.Column("staff_id", storage.types.Id, nullable=False),
        sa.Column("revision", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["decided_by"], ["staff.id"], name=op.f("fk_data_requests_decided_by")),
        sa.ForeignKeyConstraint(["done_by"], ["staff.id"], name=op.f("fk_data_requests_done_by")),
        sa.ForeignKeyConstraint(["identity_by"], ["staff.id"], name=op.f("fk_data_requests_identity_by")),
        sa.ForeignKeyConstraint(["resident_id"], ["residents.id"], name=op.f("fk_data_requests_resident_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_data_requests_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_requests")),
        sa.UniqueConstraint("number", name=op.f("uq_data_requests_number")),
    )
    with op.batch_alter_table("data_requests", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_data_requests_resident_id"), ["resident_id"], unique=False)
        batch_op.create_index("ix_data_requests_state", ["state", "due_at"], unique=False)

    op.create_table(
        "retention_terms",
        sa.Column("id", storage.types.Id, autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("days", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("staff_id", storage.types.Id, nullable=False),
        sa.Column("at", storage.types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_retention_terms_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retention_terms")),
    )
    with op.batch_alter_table("retention_terms", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_retention_terms_kind"), ["kind"], unique=False)

    op.create_table(
        "data_request_events",
        sa.Column("id", storage.types.Id, autoincrement=True, nullable=False),
        sa.Column("request_id", storage.types.Id, nullable=False),
        sa.Column("at", storage.types.UtcDateTime(), nullable=False),
        sa.Column("staff_id", storage.types.Id, nullable=True),
        sa.Column("action", sa.String(length=32), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["request_id"], ["data_requests.id"], name=op.f("fk_data_request_events_request_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_data_request_events_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_request_events")),
    )
    with op.batch_alter_table("data_request_events", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_data_request_events_request_id"), ["request_id"], unique=False)

    op.create_table(
        "legal_holds",
        sa.Column("id", storage.types.Id, autoincrement=True, nullable=False),
        sa.Column("ticket_id", storage.types.Id, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("staff_id", storage.types.Id, nullable=False),
        sa.Column("at", storage.types.UtcDateTime(), nullable=False),
        sa.Column("lifted_at", storage.types.UtcDateTime(), nullable=True),
        sa.Column("lifted_by", storage.types.Id, nullable=True),
        sa.Column("lifted_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["lifted_by"], ["staff.id"], name=op.f("fk_legal_holds_lifted_by")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_legal_holds_staff_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_legal_holds_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legal_holds")),
    )
    with op.batch_alter_table("legal_holds", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_legal_holds_ticket_id"), ["ticket_id"], unique=False)

    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.create_index("ix_audit_action", ["action", "id"], unique=False)
        batch_op.create_index("ix_audit_at", ["at", "id"], unique=False)
        batch_op.create_index("ix_audit_staff", ["staff_id", "id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.drop_index("ix_audit_staff")
        batch_op.drop_index("ix_audit_at")
        batch_op.drop_index("ix_audit_action")

    with op.batch_alter_table("legal_holds", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_legal_holds_ticket_id"))

    op.drop_table("legal_holds")
    with op.batch_alter_table("data_request_events", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_data_request_events_request_id"))

    op.drop_table("data_request_events")
    with op.batch_alter_table("retention_terms", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_retention_terms_kind"))

    op.drop_table("retention_terms")
    with op.batch_alter_table("data_requests", schema=None) as batch_op:
        batch_op.drop_index("ix_data_requests_state")
        batch_op.drop_index(batch_op.f("ix_data_requests_resident_id"))

    op.drop_table("data_requests")
    op.drop_table("backup_runs")
    op.drop_table("retention_runs")
    op.drop_table("processes")
