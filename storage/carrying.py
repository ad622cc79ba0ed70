"""What every kind of sheet has in storage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from knowledge.sheets import Change, Choice, Finding, Record
from storage.transaction import Tx

Rows = Mapping[str, tuple[int, Record]]
"""What was read, by key: the row it stands in, and its record."""
Lists = Mapping[str, Sequence[Choice]]


class NotSo(Exception):
    """A change cannot be made: ``code`` has its words, ``key`` is its row's. Nothing was changed."""

    def __init__(self, code: str, key: str) -> None:
        super().__init__(code)
        self.code, self.key = code, key


class Current(Protocol):
    def __call__(self, tx: Tx, community_id: int | None) -> dict[str, Record]: ...


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose the file is, who brought it, and whether it is the full list."""

    community_id: int | None
    staff_id: int
    whole: bool


class Misfits(Protocol):
    def __call__(self, tx: Tx, asked: Asked, rows: Rows) -> list[Finding]: ...


class Apply(Protocol):
    def __call__(
        self, tx: Tx, community_id: int | None, changes: Sequence[Change], *, by: int, import_id: int | None
    ) -> None: ...


class BuiltUpon(Protocol):
    def __call__(self, tx: Tx, community_id: int | None, changes: Sequence[Change]) -> list[tuple[str, str]]: ...


class ListsOf(Protocol):
    def __call__(self, tx: Tx, community_id: int | None) -> Lists: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrier:
    """``current``: every record by its key, in the order it goes out; ``of_community``: it belongs to one; ``whole``: a
    file may be the full list, so that what it lacks goes."""

    of_community: bool
    lists: ListsOf
    current: Current
    misfits: Misfits
    apply: Apply
    built_upon: BuiltUpon
    whole: bool = True


def only_gone(changes: Sequence[Change]) -> list[Record]:
    return [one.before for one in changes if one.after is None and one.before is not None]


def only_new(changes: Sequence[Change]) -> list[Record]:
    return [one.after for one in changes if one.before is None and one.after is not None]
