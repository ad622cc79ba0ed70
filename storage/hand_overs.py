"""What was handed to somebody else - a unit, 12345, a bureau: to whom, how, which of it, and what came of it (WO-08).

The matter is theirs to do and still ours to answer for: no promise of ours stops, and somebody asks how it stands until
there is an answer. A confidential caller is named in a hand-over only with a reason, which is kept (WO-23, WO-24).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, and_, select

from knowledge import catalogue
from knowledge import units as rules
from knowledge.folding import fold
from knowledge.life import Refusal, is_open
from storage import assigning, desk_acts, units
from storage.access import NotThere
from storage.desk_acts import Conflict, Done, Tell
from storage.offices import office_for
from storage.stepping_aside import open_to
from storage.tables import hand_overs, tickets
from storage.tickets import OPEN, record
from storage.transaction import Tx
from storage.units import Unit
from storage.work_steps import party_of

WAYS = ("phone", "paper", "online")
FIELDS = ("words", "place", "flat", "caller", "phone", "details", "due", "history")
"""What can be handed over; the number and the kind of matter always are."""
OF_THE_CALLER = frozenset({"flat", "caller", "phone"})
AGREED = ("filed", "chat", "phone", "counter", "danger")
"""How a resident said yes to being named there: when it was filed, in the chat, by telephone, at the counter; in danger of
life nobody waits for it (PI-08)."""
LONGEST_BODY = 40
THE_DESKS = Refusal("party", "转交由接线员或跟进这张工单的人来做。", "Only the desk, or who follows it, hands it over.")
OVER = Refusal("over", "工单已经结束，不用再转。", "This ticket is over: there is nothing to hand over.")
TO_WHOM = Refusal("to", "请选单位，或写明转给谁。", "Choose a unit, or write down to whom.")
HOW = Refusal("way", "请选怎么转的。", "Choose how it was handed over.")
WHY_NAMED = Refusal(
    "why_caller",
    "这是保密的工单：要告诉对方是谁、住哪间，请写明为什么必须说。",
    "This is confidential: write down why they must know who it is, or which flat.",
)
NAMELESS = Refusal(
    "why_caller", "匿名的工单不转姓名、电话和房号。", "Of an anonymous matter no name, number or flat is passed on."
)
NOT_ASKED = Refusal(
    "agreed",
    "姓名、电话、房号要转给别人，先告诉居民转给谁、转什么，居民同意了再转。请选是怎么同意的。",
    "Name, number or flat go to somebody else: tell the resident who gets what, and ask. Choose how they agreed.",
)
GONE = Refusal("over", "这次转交已经了结。", "This hand-over has been settled.")


@dataclass(frozen=True, slots=True)
class Handing:
    """What is handed over, to whom and how; ``their_number``: what the other side files it under."""

    unit_id: int | None
    body: str
    way: str
    fields: Collection[str]
    why_caller: str = ""
    agreed: str = ""
    note: str = ""
    their_number: str = ""


@dataclass(frozen=True, slots=True)
class Handed:
    """One hand-over, with whom it went to."""

    row: RowMapping
    unit: Unit | None

    @property
    def open(self) -> bool:
        return self.row["answered_at"] is None and self.row["taken_back_at"] is None

    def name(self, language: str) -> str:
        return self.unit.name(language) if self.unit else str(self.row["body"])


def hand(
    tx: Tx, ticket_id: int, handing: Handing, *, staff_id: int, revision: int, tell: Tell
) -> Done | Conflict | Refusal:
    """Hand it over and tell its resident who has it now. MayNot, LookupError."""
    member, row = desk_acts.held_by(tx, ticket_id, staff_id=staff_id)
    if row["revision"] != revision:
        return Conflict(row["revision"])
    unit = units.get(tx, handing.unit_id)
    refused = None if party_of(tx, row, member).desk else THE_DESKS
    refused = refused or _why_not(tx, row, handing, unit)
    if refused is not None:
        return refused
    name = unit.zh if unit else handing.body
    values: dict[str, Any] = {
        "unit_id": unit.id if unit else None,
        "body": None if unit else handing.body,
        "way": handing.way,
    }
    values |= {"fields": [field for field in FIELDS if field in handing.fields], "note": handing.note or None}
    values |= {"why_caller": handing.why_caller or None, "their_number": handing.their_number or None}
    values |= {"agreed": handing.agreed if OF_THE_CALLER.intersection(handing.fields) else None}
    tx.insert(hand_overs, ticket_id=ticket_id, by=member.id, at=tx.now, ask_at=_ask_at(tx, row), **values)
    first = {"first_contact_at": row["first_contact_at"] or tx.now}
    tx.execute(tickets.update().where(tickets.c.id == ticket_id).values(revision=row["revision"] + 1, **first))
    message_id = desk_acts.tell_all(tx, ticket_id, member, "hand_over", row["due_at"], tell)
    _write(tx, row, member.id, "hand_over", name, message_id)
    return Done(row["state"])


def _why_not(tx: Tx, row: RowMapping, handing: Handing, unit: Unit | None) -> Refusal | None:
    named = OF_THE_CALLER.intersection(handing.fields)
    if not is_open(row["state"]):
        return OVER
    if unit is None and not handing.body.strip():
        return TO_WHOM
    if handing.way not in WAYS:
        return HOW
    if named and row["anonymous"]:
        return NAMELESS
    if named and row["confidential"] and not handing.why_caller.strip():
        return WHY_NAMED
    if named and handing.agreed not in AGREED and not (unit and unit.house):
        return NOT_ASKED
    return assigning.why_not(tx, row, unit) if unit else _about_them(row, handing.body)


def _about_them(row: RowMapping, body: str) -> Refusal | None:
    """WO-24 again, for whoever is named in words."""
    kind, about = catalogue.category(str(row["route"]), row["category"]), (row["details"] or {}).get("about")
    barred = rules.complained_of(kind, about, f"{row['title']} {row['description']}")
    spoken = (pattern for owner, pattern in rules.shipped().about.values() if owner in barred)
    return assigning.ABOUT_THEM if any(pattern.search(fold(body)) for pattern in spoken) else None


def _ask_at(tx: Tx, row: RowMapping) -> datetime:
    return rules.shipped().ask_after[row["urgency"]].after(tx.now, office_for(tx, row), "WO-08").due_at


Change = Callable[[RowMapping, RowMapping], dict[str, Any]]


def confirmed(tx: Tx, hand_id: int, *, staff_id: int, word: str, their_number: str) -> Done | Refusal:
    """They say that they have it; who said so."""
    if not word.strip():
        return Refusal("said_by", "请写明对方是谁说收到的。", "Write down who there said that they have it.")
    kept = {"confirmed_at": tx.now, "confirmed_word": word}
    values = kept | ({"their_number": their_number} if their_number else {})
    return _go_on(tx, hand_id, staff_id, "hand_over_confirmed", word, values)


def asked(tx: Tx, hand_id: int, *, staff_id: int, word: str) -> Done | Refusal:
    """Somebody asked how it stands, and what they heard."""
    return _go_on(tx, hand_id, staff_id, "hand_over_asked", word or None, {})


def answered(tx: Tx, hand_id: int, *, staff_id: int, text: str, tell: Tell | None) -> Done | Refusal:
    """The answer comes back into the ticket; ``tell``: and to its resident."""
    if not text.strip():
        return desk_acts.NO_REASON
    values = {"answered_at": tx.now, "answer": text, "ask_at": None}
    return _go_on(tx, hand_id, staff_id, "hand_over_answer", text, values, tell)


def taken_back(tx: Tx, hand_id: int, *, staff_id: int, why: str, tell: Tell) -> Done | Refusal:
    """We go on ourselves."""
    if not why.strip():
        return desk_acts.NO_REASON
    return _go_on(tx, hand_id, staff_id, "hand_over_back", why, {"taken_back_at": tx.now, "ask_at": None}, tell)


def _go_on(
    tx: Tx, hand_id: int, staff_id: int, action: str, note: str | None, values: dict[str, Any], tell: Tell | None = None
) -> Done | Refusal:
    found = one(tx, hand_id, staff_id=staff_id)
    member, row = desk_acts.held_by(tx, int(found.row["ticket_id"]), staff_id=staff_id)
    if not party_of(tx, row, member).desk:
        return THE_DESKS
    if not found.open:
        return GONE
    values = {"ask_at": _ask_at(tx, row)} | values
    tx.execute(hand_overs.update().where(hand_overs.c.id == hand_id).values(values))
    ticket_id = int(row["id"])
    tx.execute(tickets.update().where(tickets.c.id == ticket_id).values(revision=row["revision"] + 1))
    told = tell is not None and is_open(row["state"])
    message_id = desk_acts.tell_all(tx, ticket_id, member, action, row["due_at"], tell) if told and tell else None
    _write(tx, row, member.id, action, note, message_id)
    return Done(row["state"])


def one(tx: Tx, hand_id: int, *, staff_id: int) -> Handed:
    """One hand-over of a ticket this member may meet; NotThere."""
    mine = select(tickets.c.id).where(tickets.c.id == hand_overs.c.ticket_id, open_to(staff_id))
    row = tx.first(select(hand_overs).where(hand_overs.c.id == hand_id, mine.exists()))
    if row is None:
        raise NotThere
    return Handed(row, units.get(tx, row["unit_id"]))


def of_ticket(tx: Tx, ticket_id: int) -> Sequence[Handed]:
    rows = tx.all(select(hand_overs).where(hand_overs.c.ticket_id == ticket_id).order_by(hand_overs.c.id.desc()))
    return [Handed(row, units.get(tx, row["unit_id"])) for row in rows]


def to_ask(tx: Tx) -> list[tuple[RowMapping, Handed]]:
    """Hand-overs of open tickets there has been no word of: each is told of once, and again after as long."""
    due = and_(may_be_due(tx), tickets.c.state.in_(OPEN))
    joined = select(hand_overs).join(tickets, tickets.c.id == hand_overs.c.ticket_id).where(due)
    found = []
    for hand_over in tx.all(joined.order_by(hand_overs.c.ask_at).limit(50).with_for_update(skip_locked=True)):
        row = tx.first(select(tickets).where(tickets.c.id == hand_over["ticket_id"]))
        assert row is not None
        values = {"ask_at": _ask_at(tx, row)}
        tx.execute(hand_overs.update().where(hand_overs.c.id == hand_over["id"]).values(values))
        found.append((row, Handed(hand_over, units.get(tx, hand_over["unit_id"]))))
    return found


def may_be_due(tx: Tx) -> ColumnElement[bool]:
    return hand_overs.c.ask_at <= tx.now


def _write(tx: Tx, row: RowMapping, staff_id: int, action: str, note: str | None, message_id: int | None) -> None:
    state = row["state"]
    who = {"actor": "staff", "staff_id": staff_id, "from_state": state, "to_state": state}
    record(tx, int(row["id"]), action=action, note=note, message_id=message_id, **who)
    tx.wake("desk")
