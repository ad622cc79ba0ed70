"""Alembic's entry point: always on a connection somebody else opened (storage/migrate.py)."""

from typing import Any, Literal

from alembic import context
from alembic.ddl.sqlite import SQLiteImpl
from alembic.operations.batch import ApplyBatchImpl
from sqlalchemy import JSON, BigInteger, Table

from storage.tables import metadata
from storage.types import UtcDateTime


class SQLite(SQLiteImpl):
    """A table that is copied computes its computed columns anew: they cannot be written."""

    __dialect__ = "sqlite"

    def prep_table_for_batch(self, batch_impl: ApplyBatchImpl, table: Table) -> None:
        super().prep_table_for_batch(batch_impl, table)
        for column in table.columns:
            if column.computed is not None:
                batch_impl.column_transfers.get(column.name, {}).pop("expr", None)


def our_types(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Write a migration in our own type names, which mean the right thing on either database."""
    names = {UtcDateTime: "storage.types.UtcDateTime()", BigInteger: "storage.types.Id", JSON: "storage.types.Json"}
    return names.get(type(item), False) if kind == "type" else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    compare_type=True,
    compare_server_default=False,
    render_as_batch=True,
    render_item=our_types,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
