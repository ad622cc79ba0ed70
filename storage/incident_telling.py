"""One answer for every ticket of an incident: said in each ticket's own thread, once, whatever breaks in between.

An answer is a line of the incident's history and one row a ticket. A row is told in the transaction that says so - the
first ones with the answer itself, the rest step by step (the clock). It is the ticket's own step: it keeps its first
contact and asks for its own resident's verdict. Who joined by "me too" hears it once, in public words, however many of
the tickets they follow. Nobody's word or name is in it but the answer's own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import RowMapping, or_, select

from knowledge import life
from knowledge.incidents import Person
from knowledge.life import Flag, Refusal, State
from storage import clocks, folded, incidents, joining, messages
from storage.chats import language_of
from storage.desk_acts import Conflict, Done
from storage.messages import Buttons
from storage.tables import (
    chats,
    incident_events,
    incident_heard,
    incident_tellings,
    incident_tickets,
    residents,
    tickets,
)
from storage.tables import incidents as incident_table
from storage.tables import messages as message_table
from storage.tickets import OPEN, listeners, record
from storage.transaction import Tx

AT_ONCE = 20
"""Tickets told in one transaction: some tens of milliseconds, so that residents' messages need not wait."""
ANSWERS = ("answer", "finish")
DESK = "operator"
"""An answer to all is the desk's step on every one of them, whoever has it."""


@dataclass(frozen=True, slots=True)
class Said:
    """One answer: ``action`` is ``answer`` or ``finish``."""

    incident: RowMapping
    action: str
    text: str
    text_en: str | None


Make = Callable[[Said, str, RowMapping | None], tuple[str, Buttons]]
"""The words and buttons in a language, for a ticket's own people; without a ticket, for neighbours."""
NOBODY_LEFT = Refusal("nobody", "这个事件里没有还没办完的工单。", "No open ticket is in this incident.")


def answer(
    tx: Tx,
    incident_id: int,
    *,
    staff_id: int,
    revision: int,
    action: str,
    text: str,
    text_en: str | None,
    make: Make,
) -> Done | Conflict | Refusal:
    """Answer all. The same form sent twice is one answer; ValueError for another action."""
    if action not in ANSWERS:
        raise ValueError(action)
    row = incidents.held(tx, incident_id, staff_id=staff_id)
    if row["revision"] != revision:
        same = _last(tx, incident_id) == (staff_id, action, text)
        return Done(row["state"], again=True) if same else Conflict(row["revision"])
    if row["state"] != "open":
        return incidents.SHUT
    inside = _open_inside(tx, incident_id)
    if not inside:
        return NOBODY_LEFT
    event_id = incidents.note(tx, incident_id, staff_id, action, text=text, text_en=text_en)
    tx.execute(incident_table.update().where(incident_table.c.id == incident_id).values(revision=revision + 1))
    tx.execute(incident_tellings.insert(), [{"event_id": event_id, "ticket_id": ticket_id} for ticket_id in inside])
    tell_some(tx, make, event_id=event_id)
    return Done(row["state"])


def _last(tx: Tx, incident_id: int) -> tuple[Any, ...] | None:
    mine = select(incident_events.c.staff_id, incident_events.c.action, incident_events.c.text)
    mine = mine.where(incident_events.c.incident_id == incident_id, incident_events.c.action.in_(ANSWERS))
    return next(iter(tx.tuples(mine.order_by(incident_events.c.id.desc()).limit(1))), None)


def _open_inside(tx: Tx, incident_id: int) -> list[int]:
    """Its open tickets; for one that was merged into another, the other."""
    mine = (incident_tickets.c.incident_id == incident_id) & (incident_tickets.c.state == "in")
    inside = select(incident_tickets.c.ticket_id).where(mine)
    theirs = or_(tickets.c.id.in_(inside), tickets.c.id.in_(folded.living_of(inside)))
    query = select(tickets.c.id).where(theirs, tickets.c.state.in_(OPEN)).order_by(tickets.c.id)
    return [int(row["id"]) for row in tx.all(query)]


def tell_joined(tx: Tx, incident_id: int, ticket_id: int, *, make: Make) -> bool:
    """A ticket that joined hears what was answered last; False where nothing was, or it is over. Once for each answer."""
    mine = (incident_events.c.incident_id == incident_id) & (incident_events.c.action.in_(ANSWERS))
    last = tx.first(select(incident_events).where(mine).order_by(incident_events.c.id.desc()).limit(1))
    if last is None or last["action"] != "answer":
        return False
    told = (incident_tellings.c.event_id == last["id"]) & (incident_tellings.c.ticket_id == ticket_id)
    if tx.scalar(select(incident_tellings.c.id).where(told)) is not None:
        return False
    tx.insert(incident_tellings, event_id=last["id"], ticket_id=ticket_id)
    return bool(tell_some(tx, make, event_id=int(last["id"])))


def waiting(_tx: Tx) -> Any:
    return incident_tellings.c.state == "waiting"


def tell_some(tx: Tx, make: Make, *, event_id: int | None = None) -> int:
    """Tell the next tickets that wait; how many were looked at."""
    due = select(incident_tellings).where(incident_tellings.c.state == "waiting")
    if event_id is not None:
        due = due.where(incident_tellings.c.event_id == event_id)
    rows = tx.all(due.order_by(incident_tellings.c.id).limit(AT_ONCE).with_for_update(skip_locked=True))
    for row in rows:
        done = _tell(tx, row, make)
        mine = incident_tellings.c.id == row["id"]
        tx.execute(incident_tellings.update().where(mine).values(state="said" if done else "skipped", at=tx.now))
    return len(rows)


def _tell(tx: Tx, telling: RowMapping, make: Make) -> bool:
    """The step on one ticket; False where it cannot be taken any more: it is over, or was reported as done before."""
    event = tx.first(select(incident_events).where(incident_events.c.id == telling["event_id"]))
    row = tx.first(select(tickets).where(tickets.c.id == telling["ticket_id"]).with_for_update())
    assert event is not None
    assert row is not None
    state = life.step(row["state"], event["action"], DESK)
    if isinstance(state, Refusal):
        return False
    values = _values(tx, row, event["action"], state)
    tx.execute(tickets.update().where(tickets.c.id == row["id"]).values(values))
    message_id = _say(tx, event, row, make)
    line: dict[str, Any] = {"from_state": row["state"], "to_state": state.value, "message_id": message_id}
    line |= {"actor": "staff", "staff_id": event["staff_id"], "note": event["text"]}
    record(tx, int(row["id"]), action=event["action"], **line)
    tx.wake("desk")
    return True


def _values(tx: Tx, row: RowMapping, action: str, state: State) -> dict[str, Any]:
    flags = life.flags_after({Flag.WAITING_RESIDENT} if row["waiting_resident"] else (), action)
    values: dict[str, Any] = {
        "state": state.value,
        "waiting_resident": Flag.WAITING_RESIDENT in flags,
        "revision": row["revision"] + 1,
        "first_contact_at": row["first_contact_at"] or tx.now,
    }
    if action == "finish":
        return values | clocks.finished(row, tx)
    return values | (clocks.answered(row, tx) if row["waiting_resident"] else {})


def _say(tx: Tx, event: RowMapping, row: RowMapping, make: Make) -> int | None:
    """To whoever hears of the ticket, and once to each neighbour; our id of the message where it was filed."""
    incident = tx.first(select(incident_table).where(incident_table.c.id == event["incident_id"]))
    assert incident is not None
    said = Said(incident, event["action"], event["text"], event["text_en"])
    ticket_id, found = int(row["id"]), []
    for chat_id in listeners(tx, ticket_id):
        text, buttons = make(said, language_of(tx, chat_id), row)
        who: dict[str, Any] = {"sender": "staff", "staff_id": event["staff_id"], "ticket_id": ticket_id}
        found.append(messages.say(tx, chat_id=chat_id, text=text, buttons=buttons, **who))
        _heard(tx, event, ticket_id, chat_id, found[-1], "reporter")
    for chat_id in _neighbours(tx, event, ticket_id):
        text, buttons = make(said, language_of(tx, chat_id), None)
        told = messages.say(tx, chat_id=chat_id, text=text, buttons=buttons)
        _heard(tx, event, ticket_id, chat_id, told, "me_too")
    return found[0] if found else None


def _neighbours(tx: Tx, event: RowMapping, ticket_id: int) -> list[int]:
    """Those who said "me too" and hear it neither as reporters of a ticket of their own nor from another ticket."""
    following = joining.listeners(tx, ticket_id)
    told = select(incident_heard.c.chat_id).where(incident_heard.c.event_id == event["id"])
    known = {int(chat_id) for (chat_id,) in tx.tuples(told.where(incident_heard.c.chat_id.in_(following)))}
    theirs = select(incident_tellings.c.ticket_id).where(incident_tellings.c.event_id == event["id"])
    whose = select(tickets.c.resident_id).where(tickets.c.id.in_(theirs))
    reports = select(chats.c.id).where(chats.c.id.in_(following), chats.c.resident_id.in_(whose))
    known |= {int(chat_id) for (chat_id,) in tx.tuples(reports)} if following else set()
    return [chat_id for chat_id in following if chat_id not in known]


def _heard(tx: Tx, event: RowMapping, ticket_id: int, chat_id: int, message_id: int, kind: str) -> None:
    row = {"event_id": int(event["id"]), "ticket_id": ticket_id, "chat_id": chat_id}
    tx.insert(incident_heard, message_id=message_id, kind=kind, **row)


def reporters(tx: Tx, incident_id: int) -> list[Person]:
    """Whoever is behind its tickets: nothing of theirs may be in what all read."""
    mine = (incident_tickets.c.incident_id == incident_id) & (incident_tickets.c.state == "in")
    query = select(residents.c.name, residents.c.phone, tickets.c.room, tickets.c.phone.label("given"))
    query = query.join(tickets, tickets.c.resident_id == residents.c.id)
    rows = tx.all(query.join(incident_tickets, incident_tickets.c.ticket_id == tickets.c.id).where(mine))
    return [Person(row["name"], phone, row["room"]) for row in rows for phone in (row["phone"], row["given"])]


# --- who has heard it -------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Heard:
    """How far one answer has come. ``unseen``: the tickets whose people were told and have not looked yet."""

    told: int
    neighbours: int
    waiting: int
    skipped: int
    unseen: frozenset[int]
    unseen_neighbours: int


def heard(tx: Tx, event_id: int) -> Heard:
    """On the chat page what was handed out is seen; elsewhere only a press or a word since then tells so."""
    states = [state for (state,) in tx.tuples(select(incident_tellings.c.state).where(_of(event_id)))]
    rows = _unseen(tx, event_id)
    all_told = select(incident_heard.c.kind).where(incident_heard.c.event_id == event_id)
    kinds = [kind for (kind,) in tx.tuples(all_told)]
    return Heard(
        told=states.count("said"),
        neighbours=kinds.count("me_too"),
        waiting=states.count("waiting"),
        skipped=states.count("skipped"),
        unseen=frozenset(ticket_id for ticket_id, kind in rows if kind == "reporter"),
        unseen_neighbours=sum(kind == "me_too" for _, kind in rows),
    )


def _of(event_id: int) -> Any:
    return incident_tellings.c.event_id == event_id


def _unseen(tx: Tx, event_id: int) -> Sequence[tuple[int, str]]:
    said, theirs = message_table, message_table.alias()
    later = select(theirs.c.id).where(theirs.c.chat_id == said.c.chat_id, theirs.c.sender == "resident")
    answered = later.where(theirs.c.id > said.c.id).exists()
    read = (chats.c.channel == "web") & (chats.c.read_seq >= said.c.seq)
    query = select(incident_heard.c.ticket_id, incident_heard.c.kind, ~(read | answered))
    query = query.join(said, said.c.id == incident_heard.c.message_id).join(chats, chats.c.id == said.c.chat_id)
    rows = tx.tuples(query.where(incident_heard.c.event_id == event_id))
    seen = {(ticket_id, kind) for ticket_id, kind, unseen in rows if not unseen and kind == "reporter"}
    return [(int(ticket_id), kind) for ticket_id, kind, unseen in rows if unseen and (ticket_id, kind) not in seen]
