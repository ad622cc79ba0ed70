"""What a colleague has in hand, what nobody has, and one ticket with its buttons: in their own chat, never in the group."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, RowMapping, select

from handlers import ticket_words
from handlers.outcome import Button, Outcome, Rows, plain
from handlers.staff.acting import page_of
from handlers.staff.cards import card_buttons
from handlers.staff.work import Stopped, Work
from handlers.texts.catalogue import Texts
from handlers.texts.moments import spoken
from knowledge.life import name
from storage import group_members, messages, staff_telegram
from storage.staff import Member
from storage.stepping_aside import open_to
from storage.tables import tickets
from storage.tickets import OPEN
from storage.transaction import Tx

SHOW = "ws"
"""What the buttons of a list begin with."""
MOST, WORDS = 8, 4
LONGEST = 600


def listed(tx: Tx, work: Work, member: Member, which: str) -> bool:
    """Said in their private chat; False where they cannot be reached there."""
    chat_id = staff_telegram.reached(tx, member.id)
    if chat_id is None:
        return False
    words = work.case.front.texts["zh"] if work.case.scene.kind == "staff" else work.words
    mine = tickets.c.assigned_to == member.id if which == "mine" else tickets.c.assigned_to.is_(None)
    rows = _some(tx, mine, member)
    lines = [_line(tx, words, row) for row in rows[:MOST]]
    more = [words("work.more", count=len(rows) - MOST)] if len(rows) > MOST else []
    text = "\n".join([words(f"work.{which}", count=len(rows)), *lines, *more])
    buttons = [Button(str(row["number"]), f"{SHOW}:{row['id']}:show") for row in rows[:MOST]]
    pairs = [buttons[at : at + 2] for at in range(0, len(buttons), 2)]
    messages.say(tx, chat_id=chat_id, text=text, buttons=plain(pairs))
    return True


def _some(tx: Tx, which: ColumnElement[bool], member: Member) -> list[RowMapping]:
    query = select(tickets).where(which, tickets.c.state.in_(OPEN), open_to(member.id))
    query = query.where(*group_members.still_theirs(tx, member.id))
    return list(tx.all(query.order_by(tickets.c.urgency, tickets.c.due_at).limit(100)))


def _line(tx: Tx, words: Texts, row: RowMapping) -> str:
    due = spoken(words, row["due_at"], now=tx.now)
    matter, place = ticket_words.matter(words, row), f"{row['building']}栋" if row["building"] else ""
    state = name(row["state"], words.language)
    return words("work.line", number=row["number"], matter=matter, place=place, due=due, state=state)


def press(work: Work, parts: list[str]) -> Outcome[Any]:
    """A ticket of a list is opened."""
    done = work.by_colleague(lambda tx, member: show(tx, work, member, int(parts[0])))
    return done.toasted(lambda found: work.words(f"colleague.{found.key}") if isinstance(found, Stopped) else None)


def show(tx: Tx, work: Work, member: Member, ticket_id: int) -> None:
    """One ticket in their private chat, as much of it as the console would show them."""
    page, words = page_of(tx, ticket_id, member), work.words
    row = page.ticket
    parts = [_line(tx, words, row)]
    if page.sight != "outline":
        said = [one for one in page.thread if one.text.strip()][-WORDS:]
        parts.append(str(row["description"])[:LONGEST])
        parts += [words(f"work.said_{one.sender}", words=one.text[:LONGEST]) for one in said]
    if page.sight == "all" and (row["room"] or row["phone"]):
        parts.append(words("work.where", place=ticket_words.place(row), phone=row["phone"] or "–"))
    rows: Rows = card_buttons(row, words)
    messages.say(tx, chat_id=work.case.chat_id, text="\n\n".join(parts), buttons=plain(rows))
