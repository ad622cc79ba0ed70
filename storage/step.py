"""One step on one ticket, with what its form says beside its words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import RowMapping

from knowledge.life import Refusal
from knowledge.parties import Party
from storage.staff import Member
from storage.transaction import Tx

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Given:
    """What a step's form says beside its words."""

    unit_id: int | None = None
    person: int | None = None
    assists: tuple[int, ...] = ()
    until: date | None = None
    said_by: str = ""
    reason: str = ""
    line: str = ""


NOTHING = Given()


@dataclass(frozen=True, slots=True)
class At:
    """One step on one ticket."""

    tx: Tx
    row: RowMapping
    member: Member
    party: Party
    given: Given
    text: str

    @property
    def ticket_id(self) -> int:
        return int(self.row["id"])


Effect = Callable[[At], Values | Refusal]
