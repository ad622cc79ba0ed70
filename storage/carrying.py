"""What every kind of sheet has in storage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from knowledge.sheets import Change, Choice, Finding, Record
from storage.import_changes import Changes
from storage.transaction import Tx

Rows = Mapping[str, tuple[int, Record]]
"""What was read, by key: the row it stands in, and its record."""
Lists = Mapping[str, Sequence[Choice]]
ALL = ""
"""The one part of a list that is read whole."""
Reason = tuple[str, str]
"""Why not: the code of the words, and the key of a row."""
FEW = 30
"""Reasons told of many."""


class NotSo(Exception):
    """A change cannot be made: ``code`` has its words, ``key`` is its row's. Nothing was changed."""

    def __init__(self, code: str, key: str) -> None:
        super().__init__(code)
        self.code, self.key = code, key


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose the file is, who brought it, and whether it is the full list."""

    community_id: int | None
    staff_id: int
    whole: bool


class ListsOf(Protocol):
    def __call__(self, tx: Tx, community_id: int | None) -> Lists: ...


class Parts(Protocol):
    def __call__(self, tx: Tx, community_id: int | None) -> Mapping[str, int]: ...


class Current(Protocol):
    def __call__(self, tx: Tx, community_id: int | None, part: str = ALL) -> dict[str, Record]: ...


class Misfits(Protocol):
    def __call__(self, tx: Tx, asked: Asked, rows: Rows) -> list[Finding]: ...


class Since(Protocol):
    def __call__(self, tx: Tx, community_id: int | None, changes: Changes) -> Sequence[str]: ...


class Apply(Protocol):
    def __call__(
        self, tx: Tx, community_id: int | None, changes: Changes, *, by: int, import_id: int | None
    ) -> int: ...


class BuiltUpon(Protocol):
    def __call__(self, tx: Tx, community_id: int | None, changes: Changes) -> list[Reason]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrier:
    """``of_community``: it belongs to one; ``whole``: a file may be the full list, so that what it lacks goes.

    ``parts``: what the list is read in, so that nobody waits for all of it, in the order it goes out, and how many records
    each has; ``current``: the records of one by their keys. ``apply``: makes rows that are as ``before`` says as ``after``
    says, and tells how many those were: where it is fewer than all, nothing of it may stay. ``since``: the keys of some
    that are not as ``before`` says. ``built_upon``: why it cannot go the other way any more.
    """

    of_community: bool
    lists: ListsOf
    parts: Parts
    current: Current
    misfits: Misfits
    apply: Apply
    since: Since
    built_upon: BuiltUpon
    whole: bool = True


# --- lists of hundreds ------------------------------------------------------------------------------------------------
class CurrentFew(Protocol):
    def __call__(self, tx: Tx) -> dict[str, Record]: ...


class ApplyFew(Protocol):
    def __call__(self, tx: Tx, changes: Sequence[Change], *, by: int, import_id: int | None) -> None: ...


def few(
    *, lists: ListsOf, current: CurrentFew, misfits: Misfits, apply: ApplyFew, built_upon: BuiltUpon, whole: bool
) -> Carrier:
    """A list of the whole house, each row of which has rules of its own and is dealt with by itself."""

    def read(tx: Tx, community_id: int | None, part: str = ALL) -> dict[str, Record]:
        return current(tx)

    def parts(tx: Tx, community_id: int | None) -> Mapping[str, int]:
        return {ALL: len(current(tx))}

    def since(tx: Tx, community_id: int | None, changes: Changes) -> Sequence[str]:
        return _not_as_before(current(tx), changes.listed(tx))

    def put(tx: Tx, community_id: int | None, changes: Changes, *, by: int, import_id: int | None) -> int:
        wanted = changes.listed(tx)
        if _not_as_before(current(tx), wanted):
            return 0
        apply(tx, wanted, by=by, import_id=import_id)
        return len(wanted)

    return Carrier(
        of_community=False,
        lists=lists,
        parts=parts,
        current=read,
        misfits=misfits,
        apply=put,
        since=since,
        built_upon=built_upon,
        whole=whole,
    )


def _not_as_before(now: Mapping[str, Record], changes: Sequence[Change]) -> list[str]:
    return [one.key for one in changes if now.get(one.key) != one.before]
