"""Whose occasions, disclosures and notices are; room for sealed authenticator secrets; the audit found by its object

Revision: 0021
Follows: 0020
"""

import sqlalchemy as sa
from alembic import op

import storage.types

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

OF_A_COMMUNITY = ("occasions", "disclosure_items", "notices")
AUDIT = ["object", "action", "staff_id"]


def upgrade() -> None:
    for name in OF_A_COMMUNITY:
        with op.batch_alter_table(name, schema=None) as table:
            table.add_column(sa.Column("community_id", storage.types.Id, nullable=True))
            table.create_foreign_key(op.f(f"fk_{name}_community_id"), "communities", ["community_id"], ["id"])
    with op.batch_alter_table("staff", schema=None) as staff:
        staff.alter_column("factor_secret", existing_type=sa.String(64), type_=sa.Text())
    op.create_index("ix_audit_object", "audit", AUDIT)


def downgrade() -> None:
    """Sealed secrets do not fit where plain ones stood: whoever had one sets it up anew."""
    op.drop_index("ix_audit_object", table_name="audit")
    op.execute("UPDATE staff SET factor_secret = NULL, factor_at = NULL WHERE length(factor_secret) > 64")
    with op.batch_alter_table("staff", schema=None) as staff:
        staff.alter_column("factor_secret", existing_type=sa.Text(), type_=sa.String(64))
    for name in reversed(OF_A_COMMUNITY):
        with op.batch_alter_table(name, schema=None) as table:
            table.drop_constraint(op.f(f"fk_{name}_community_id"), type_="foreignkey")
            table.drop_column("community_id")
