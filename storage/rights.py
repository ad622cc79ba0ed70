"""What a chat may see of tickets and do to them: its resident's own, those claimed with their code, those of somebody
whose proxy they are.

Whatever changes a ticket from its resident's side goes through ``access``: one gate, whichever way it was said. What a
proxy may do is decided by ``knowledge.proxies`` and by the clock, not by what was on their screen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select

from knowledge.life import State
from knowledge.proxies import Act, allows
from storage import folded, messages, proxies
from storage.proxies import Proxy
from storage.tables import chats, ticket_followers, tickets
from storage.tables import messages as message_table
from storage.transaction import Tx


@dataclass(frozen=True, slots=True)
class Glance:
    """A ticket as its resident sees it in a list."""

    id: int
    number: str
    claim_code: str
    title: str
    category: str | None
    state: str
    waiting_resident: bool
    opened_at: datetime
    due_at: datetime
    revision: int


@dataclass(frozen=True, slots=True)
class Access:
    """The right to do one thing to one ticket; ``under`` is the authority of a proxy, None for whoever it belongs to."""

    ticket: Glance
    act: Act
    under: Proxy | None

    def keep(self, tx: Tx) -> None:
        """It was done: a proxy's record says so."""
        if self.under is not None:
            proxies.note(tx, self.under.id, actor="proxy", action=self.act.value, ticket=self.ticket.number)


def access(tx: Tx, ticket_id: int, *, chat_id: int, act: Act) -> Access | None:
    """None where this is not this chat's resident's to do. Of a ticket that was folded into another it is the other's."""
    ticket = _living(tx, visible(tx, ticket_id, chat_id=chat_id), chat_id)
    if ticket is None:
        return None
    under = authority(tx, ticket.id, chat_id=chat_id)
    return Access(ticket, act, under) if under is None or allows(under.scope, act) else None


def authority(tx: Tx, ticket_id: int, *, chat_id: int) -> Proxy | None:
    """Under which authority this chat sees this ticket; None where it is their own, or claimed with its code."""
    if tx.scalar(select(tickets.c.id).where(tickets.c.id == ticket_id, _own(chat_id))) is not None:
        return None
    resident_id = tx.scalar(select(tickets.c.resident_id).where(tickets.c.id == ticket_id))
    held = [one for one in proxies.held_by(tx, chat_id) if one.resident_id == resident_id]
    return max(held, key=lambda one: one.scope == "act", default=None)


def visible(tx: Tx, ticket_id: int, *, chat_id: int) -> Glance | None:
    """One ticket, if this chat may see it."""
    found = glances(tx, tickets.c.id == ticket_id, seen_from(tx, chat_id), limit=1)
    return found[0] if found else None


def _living(tx: Tx, ticket: Glance | None, chat_id: int) -> Glance | None:
    if ticket is None or ticket.state != State.MERGED:
        return ticket
    return visible(tx, folded.into(tx, ticket.id) or ticket.id, chat_id=chat_id)


def seen_from(tx: Tx, chat_id: int) -> ColumnElement[bool]:
    """The tickets a chat may see."""
    return or_(_own(chat_id), proxies.seen_by_proxies(tx, chat_id))


def _own(chat_id: int) -> ColumnElement[bool]:
    """Its resident's own, those claimed with their code, and what any of these were folded into."""
    resident = select(chats.c.resident_id).where(chats.c.id == chat_id)
    with_code = ticket_followers.c.kind == "claim"
    claimed = select(ticket_followers.c.ticket_id).where(ticket_followers.c.resident_id.in_(resident), with_code)
    merged = _merged.c.state == State.MERGED.value
    theirs = or_(_merged.c.resident_id.in_(resident), _merged.c.id.in_(claimed))
    living = folded.living_of(select(_merged.c.id).where(and_(merged, theirs)))
    return or_(tickets.c.resident_id.in_(resident), tickets.c.id.in_(claimed), tickets.c.id.in_(living))


def asked(tx: Tx, chat_id: int, which: ColumnElement[bool]) -> list[Glance]:
    """Those of a chat's own for which this holds, newest first: a proxy answers only where they choose to."""
    return glances(tx, _own(chat_id), which, limit=1)


def glances(tx: Tx, *which: ColumnElement[bool], limit: int) -> list[Glance]:
    """Newest first."""
    query = select(*_GLANCE).where(*which).order_by(tickets.c.id.desc()).limit(limit)
    return [Glance(*row) for row in tx.tuples(query)]


def helped(tx: Tx, chat_id: int) -> dict[int, Proxy]:
    """Whose proxy the resident of this chat is, by resident; the farther reaching authority where there are two."""
    held = sorted(proxies.held_by(tx, chat_id), key=lambda one: one.scope == "act")
    return {one.resident_id: one for one in held}


def acts_since(tx: Tx, mark: int, under: Proxy) -> Sequence[Act]:
    """What was done under an authority after this line of its record."""
    return [Act(action) for action in proxies.actions_since(tx, mark, under.id)]


def revise(tx: Tx, message_id: int, *, chat_id: int, text: str) -> bool:
    """Somebody edited what they had said. Words that stand in a ticket change there too, and so only for whoever may still
    say something about it; False: nothing changed."""
    ticket_id = tx.scalar(select(message_table.c.ticket_id).where(message_table.c.id == message_id))
    right = None if ticket_id is None else access(tx, int(ticket_id), chat_id=chat_id, act=Act.EDIT)
    if ticket_id is not None and right is None and not _follows(tx, int(ticket_id), chat_id):
        return False
    messages.revise(tx, message_id, text=text)
    if right is not None:
        right.keep(tx)
    return True


def _follows(tx: Tx, ticket_id: int, chat_id: int) -> bool:
    """They said "me too", and their own words stand in it."""
    mine = (ticket_followers.c.ticket_id == ticket_id) & (ticket_followers.c.chat_id == chat_id)
    return tx.scalar(select(ticket_followers.c.ticket_id).where(mine)) is not None


_merged = tickets.alias("merged_ticket")
_GLANCE = [tickets.c[name] for name in Glance.__dataclass_fields__]
