"""Gates: where and for what staff are responsible; passwords, second factors, recovery codes, where sessions are used

Revision: 0008
Follows: 0007
"""

import sqlalchemy as sa
from alembic import op

import storage.types

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sign_in_tries",
        sa.Column("id", storage.types.Id, autoincrement=True, nullable=False),
        sa.Column("at", storage.types.UtcDateTime(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_tries")),
    )
    with op.batch_alter_table("sign_in_tries", schema=None) as batch_op:
        batch_op.create_index("ix_sign_in_tries_key", ["kind", "key", "at"], unique=False)

    op.create_table(
        "recovery_codes",
        sa.Column("id", storage.types.Id, autoincrement=True, nullable=False),
        sa.Column("staff_id", storage.types.Id, nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("made_at", storage.types.UtcDateTime(), nullable=False),
        sa.Column("used_at", storage.types.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_recovery_codes_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_codes")),
    )
    with op.batch_alter_table("recovery_codes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_recovery_codes_staff_id"), ["staff_id"], unique=False)

    op.create_table(
        "staff_devices",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("staff_id", storage.types.Id, nullable=False),
        sa.Column("created_at", storage.types.UtcDateTime(), nullable=False),
        sa.Column("seen_at", storage.types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_staff_devices_staff_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_staff_devices")),
    )
    with op.batch_alter_table("staff_devices", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_staff_devices_staff_id"), ["staff_id"], unique=False)

    op.create_table(
        "staff_scopes",
        sa.Column("id", storage.types.Id, autoincrement=True, nullable=False),
        sa.Column("staff_id", storage.types.Id, nullable=False),
        sa.Column("community_id", storage.types.Id, nullable=True),
        sa.Column("building_id", storage.types.Id, nullable=True),
        sa.Column("subject", sa.String(length=32), nullable=True),
        sa.Column("given_at", storage.types.UtcDateTime(), nullable=False),
        sa.Column("given_by", storage.types.Id, nullable=True),
        sa.ForeignKeyConstraint(["building_id"], ["buildings.id"], name=op.f("fk_staff_scopes_building_id")),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name=op.f("fk_staff_scopes_community_id")),
        sa.ForeignKeyConstraint(["given_by"], ["staff.id"], name=op.f("fk_staff_scopes_given_by")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_staff_scopes_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_scopes")),
    )
    with op.batch_alter_table("staff_scopes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_staff_scopes_staff_id"), ["staff_id"], unique=False)

    with op.batch_alter_table("staff", schema=None) as batch_op:
        batch_op.add_column(sa.Column("password_hash", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("password_at", storage.types.UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("factor_secret", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("factor_at", storage.types.UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("factor_step", sa.Integer(), server_default="0", nullable=False))

    with op.batch_alter_table("staff_sessions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("how", sa.String(length=8), server_default="link", nullable=False))
        batch_op.add_column(sa.Column("seen_at", storage.types.UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("address", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("device", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("other_address", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("other_device", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("other_at", storage.types.UtcDateTime(), nullable=True))

    # ### end Alembic commands ###


def downgrade() -> None:
    with op.batch_alter_table("staff_sessions", schema=None) as batch_op:
        batch_op.drop_column("other_at")
        batch_op.drop_column("other_device")
        batch_op.drop_column("other_address")
        batch_op.drop_column("device")
        batch_op.drop_column("address")
        batch_op.drop_column("seen_at")
        batch_op.drop_column("how")

    with op.batch_alter_table("staff", schema=None) as batch_op:
        batch_op.drop_column("factor_step")
        batch_op.drop_column("factor_at")
        batch_op.drop_column("factor_secret")
        batch_op.drop_column("password_at")
        batch_op.drop_column("password_hash")

    with op.batch_alter_table("staff_scopes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_staff_scopes_staff_id"))

    op.drop_table("staff_scopes")
    with op.batch_alter_table("staff_devices", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_staff_devices_staff_id"))

    op.drop_table("staff_devices")
    with op.batch_alter_table("recovery_codes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_recovery_codes_staff_id"))

    op.drop_table("recovery_codes")
    with op.batch_alter_table("sign_in_tries", schema=None) as batch_op:
        batch_op.drop_index("ix_sign_in_tries_key")

    op.drop_table("sign_in_tries")
    # ### end Alembic commands ###
