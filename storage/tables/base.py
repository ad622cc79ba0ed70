"""What every table is made with: the one metadata, and columns that come again and again."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, MetaData, text

from storage.types import Id

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def own_id() -> Column[int]:
    return Column("id", Id, primary_key=True, autoincrement=True)


def to(name: str, target: str, *, null: bool = True, index: bool = False) -> Column[int]:
    return Column(name, Id, ForeignKey(f"{target}.id"), nullable=null, index=index)


def of_those_with(table: str, name: str, column: str, *more: str) -> Index:
    """An index of the rows that have a value there: few do, and each row in an index costs every message a little."""
    given = text(f"{column} IS NOT NULL")
    return Index(f"ix_{table}_{name}", column, *more, sqlite_where=given, postgresql_where=given)
