"""What an admin changed of the service catalogue, version by version

Revision: 0034
Follows: 0033
"""

import sqlalchemy as sa
from alembic import op

import storage.types

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "catalogue_versions",
        sa.Column("id", storage.types.Id, autoincrement=True, nullable=False),
        sa.Column("category", sa.String(length=24), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("edits", storage.types.Json, nullable=False),
        sa.Column("shipped", storage.types.Json, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("staff_id", storage.types.Id, nullable=False),
        sa.Column("at", storage.types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_catalogue_versions_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalogue_versions")),
        sa.UniqueConstraint("category", "version", name="uq_catalogue_versions_category"),
    )


def downgrade() -> None:
    op.drop_table("catalogue_versions")
