"""Steps colleagues are in the middle of taking on Telegram: one of each in a chat about a ticket, kept until it is taken,
dropped, or a shift is over. The words that end it are never kept here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, select

from storage.tables import staff_forms
from storage.transaction import Tx

LIFE = timedelta(hours=12)
"""A shift; what was begun before it is nobody's intention any more."""


@dataclass(frozen=True, slots=True)
class StaffForm:
    id: int
    chat_id: int
    staff_id: int
    ticket_id: int
    action: str
    given: dict[str, Any]
    step: str
    prompt_id: int | None
    state: str
    opened_at: datetime


def begin(tx: Tx, *, chat_id: int, staff_id: int, ticket_id: int, action: str, step: str) -> int:
    """One more of theirs about this ticket here drops the one before."""
    mine = (staff_forms.c.chat_id == chat_id) & (staff_forms.c.staff_id == staff_id)
    before = mine & (staff_forms.c.ticket_id == ticket_id) & (staff_forms.c.state == "open")
    tx.execute(staff_forms.update().where(before).values(state="dropped"))
    values = {"action": action, "step": step, "given": {}, "opened_at": tx.now}
    return tx.insert(staff_forms, chat_id=chat_id, staff_id=staff_id, ticket_id=ticket_id, **values)


def get(tx: Tx, form_id: int) -> StaffForm | None:
    return _one(tx, staff_forms.c.id == form_id)


def of_prompt(tx: Tx, message_id: int) -> StaffForm | None:
    """The form a message of ours asks for, whatever became of it."""
    return _one(tx, staff_forms.c.prompt_id == message_id)


def open_in(tx: Tx, *, chat_id: int, staff_id: int, ticket_id: int | None = None) -> StaffForm | None:
    """What they are in the middle of here, about this ticket; without one, the newest."""
    mine = (staff_forms.c.chat_id == chat_id) & (staff_forms.c.staff_id == staff_id)
    about = [] if ticket_id is None else [staff_forms.c.ticket_id == ticket_id]
    alive = (staff_forms.c.state == "open") & (staff_forms.c.opened_at > tx.now - LIFE)
    return _one(tx, mine, alive, *about)


def change(tx: Tx, form_id: int, **values: Any) -> None:
    """``action``, ``given``, ``step``, ``prompt_id``, ``state``."""
    tx.execute(staff_forms.update().where(staff_forms.c.id == form_id).values(values))


def is_alive(tx: Tx, form: StaffForm) -> bool:
    return form.state == "open" and form.opened_at > tx.now - LIFE


def _one(tx: Tx, *which: ColumnElement[bool]) -> StaffForm | None:
    row: RowMapping | None = tx.first(_FORMS.where(*which).order_by(staff_forms.c.id.desc()).limit(1))
    return StaffForm(**row) if row is not None else None


_FORMS = select(*(staff_forms.c[name] for name in StaffForm.__dataclass_fields__))
