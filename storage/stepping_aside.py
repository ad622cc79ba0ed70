"""The gate of WO-24: a complaint is not there for whom it is about - in no list, count, search, page, file or step.

A ticket in mediation is on the mediation desk and on no other (ME-15): here it is there for nobody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, or_, select

from knowledge import forms
from knowledge.stepping_aside import Barred, barred
from storage import search
from storage.messages import Message
from storage.staff import Member
from storage.tables import drafts, mediations, messages, staff, ticket_barred, tickets
from storage.transaction import Tx
from storage.within import kept, tickets_within


def bar(tx: Tx, ticket_id: int, barred: Barred, *, chat_id: int, since: int | None) -> None:
    """From now on these roles and these people do not see the ticket, nor what was said since message ``since`` on the
    way to it."""
    for role in sorted(barred.roles):
        tx.insert(ticket_barred, ticket_id=ticket_id, role=role.value, name=None)
    for name in sorted(barred.names):
        tx.insert(ticket_barred, ticket_id=ticket_id, role=None, name=name)
    if since is not None:
        said = (messages.c.chat_id == chat_id) & (messages.c.id >= since) & messages.c.ticket_id.is_(None)
        tx.execute(messages.update().where(said).values(ticket_id=ticket_id))
        search.renew(tx, ticket_id)


def who_steps_aside(tx: Tx, answers: Mapping[str, Any]) -> Barred:
    """From what is told in this form, filed or not."""
    told = dict(answers)
    colleagues = [str(name) for (name,) in tx.tuples(select(staff.c.name).where(staff.c.disabled_at.is_(None)))]
    return barred(forms.kind_of(told), forms.known(told).get("about"), str(told.get("description") or ""), colleagues)


def begun_about(tx: Tx, chat_id: int, member: Member | None) -> int | None:
    """Somebody is in the middle of complaining of this member: the message it began with, None where nobody is."""
    mine = (drafts.c.chat_id == chat_id) & drafts.c.state.in_(("open", "held"))
    draft = tx.first(select(drafts.c.form, drafts.c.answers).where(mine))
    if member is None or draft is None or draft["form"] not in forms.FORMS:
        return None
    found = who_steps_aside(tx, draft["answers"])
    about_them = member.name in found.names or member.role in {role.value for role in found.roles}
    return int(draft["answers"].get("said_id") or 0) if about_them else None


def without_begun(tx: Tx, chat_id: int, said: Sequence[Message], member: Member | None) -> list[Message]:
    """What was said, less a complaint of this member that is still being written; what was said to them stays."""
    since = begun_about(tx, chat_id, member)
    return [one for one in said if since is None or one.id < since or one.conversation_id is not None]


@kept
def open_to(staff_id: int) -> ColumnElement[bool]:
    """True of the tickets this member may meet: those of their places and subjects that they need not step aside from; a
    condition on ``tickets``."""
    aside = tickets.c.id.not_in(_closed_to(staff_id)) & tickets.c.id.not_in(_IN_MEDIATION)
    return aside & tickets_within(staff_id)


def may_see(tx: Tx, ticket_id: int, *, staff_id: int) -> bool:
    return bool(tx.scalar(select(exists().where(tickets.c.id == ticket_id, open_to(staff_id)))))


def steps_aside(tx: Tx, ticket_id: int, *, staff_id: int) -> bool:
    """True when it is about this member, whatever else they may meet."""
    mine = _closed_to(staff_id).where(ticket_barred.c.ticket_id == ticket_id)
    return tx.first(mine) is not None


def anybody(tx: Tx, ticket_id: int) -> bool:
    """True when somebody must step aside from it: then it is not spoken of where all staff read."""
    return bool(tx.scalar(select(exists().where(ticket_barred.c.ticket_id == ticket_id))))


def without_barred(tx: Tx, said: list[Message], *, staff_id: int) -> list[Message]:
    """What was said, less whatever belongs to a complaint this member must not see, or to a mediation."""
    closed = {int(row["ticket_id"]) for row in tx.all(_closed_to(staff_id).union(_IN_MEDIATION))}
    return [message for message in said if message.ticket_id not in closed]


def no_complaint() -> ColumnElement[bool]:
    """True of messages that belong to no ticket anybody steps aside from, nor to a mediation: for lists everybody sees."""
    hidden = select(ticket_barred.c.ticket_id).union(_IN_MEDIATION)
    return or_(messages.c.ticket_id.is_(None), messages.c.ticket_id.not_in(hidden))


def _closed_to(staff_id: int) -> Select[tuple[int]]:
    me = select(staff.c.role, staff.c.name).where(staff.c.id == staff_id).subquery()
    mine = or_(ticket_barred.c.role == me.c.role, ticket_barred.c.name == me.c.name)
    return select(ticket_barred.c.ticket_id).join(me, mine)


_IN_MEDIATION = select(mediations.c.ticket_id)
