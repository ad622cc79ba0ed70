"""Two communities under one office, with the same things going on in each: what is whose must never show elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from storage import alarms, blobs, conversations, messages, tickets
from storage.chats import FIRST_WEB_CHAT, find_or_open
from storage.tables import alarms as alarm_table
from storage.tables import appointments as appointment_table
from storage.tables import buildings, communities, ticket_events
from storage.tables import chats as chat_table
from storage.tables import conversations as talk_table
from storage.tables import messages as message_table
from storage.tables import residents as resident_table
from storage.tables import tickets as ticket_table
from storage.transaction import Tx
from tests.desk_service import file_ticket


@dataclass(frozen=True, slots=True)
class Place:
    """One community and what goes on there; ``secret`` stands in every word that was said."""

    community: int
    building: int
    name: str
    secret: str
    chat: int
    ticket: str
    ticket_id: int
    talk: int
    alarm: int
    appointment: int
    blob: int

    def blank(self, kind: str) -> str:
        """What names this place's object of a kind in an address."""
        named = {"conversation": self.talk, "alarm": self.alarm, "appointment": self.appointment, "file": self.blob}
        return str(named.get(kind, self.ticket))


PLACED = frozenset({"ticket", "chain", "proxy", "file", "call_back", "conversation", "alarm", "appointment"})
"""Kinds of object that belong to a place."""
ELSEWHERE = frozenset(
    {
        *(
            "frame",
            "own",
            "canned",
            "call",
            "care",
            "duty",
            "deadline",
            "calendar",
            "question",
            "redirect",
            "figures",
            "export",
        ),
        *("poster", "health", "staff", "unit"),
    }
)
"""Kinds that belong to a person, to those named on them, or to the whole office."""
OTHERS = frozenset({"mediation", "occasion", "volunteer", "hours", "certificate", "disclosure", "notice"})
"""Kinds whose own tests say who meets which of them."""


def two_communities(tx: Tx) -> tuple[Place, Place]:
    return place(tx, "望江家园", "7", "甲处水管", 1), place(tx, "康居西城", "21", "乙处水管", 2)


def place(tx: Tx, community: str, building: str, secret: str, number: int) -> Place:
    community_id = tx.insert(communities, name=community, profile={}, created_at=tx.now)
    building_id = tx.insert(buildings, community_id=community_id, name=building, floors=30, units=2)
    remote = FIRST_WEB_CHAT + number
    told: dict[str, Any] = {"building": building, "title": secret, "description": secret, "place_note": secret}
    filed = file_ticket(tx, remote=remote, **told)
    chat_id = find_or_open(tx, channel="web", remote=remote)
    resident_id = tx.scalar(select(chat_table.c.resident_id).where(chat_table.c.id == chat_id))
    tx.execute(resident_table.update().where(resident_table.c.id == resident_id).values(building=building))
    values = {"state": "calling_back", "waiting_resident": False, "call_at": tx.now - timedelta(hours=1)}
    tx.execute(ticket_table.update().where(ticket_table.c.id == filed.id).values(values))
    said = messages.record(tx, chat_id=chat_id, sender="resident", text=f"{secret} 有煤气味")
    alarms.raise_alarm(tx, chat_id=chat_id, message_id=said, kind="gas", rule="gas", place=secret)
    talk, _ = conversations.ask_for_person(tx, chat_id=chat_id, reason="asked")
    due = {"at": tx.now - timedelta(minutes=5), "until": tx.now + timedelta(hours=1), "phone": "02399999999"}
    row = {"chat_id": chat_id, "reason": "asked", "way": "phone", "created_at": tx.now}
    appointment = tx.insert(appointment_table, **row, **due)
    blob = blobs.store(tx, chat_id=chat_id, kind="photo", mime="image/png", content=b"\x89PNG" + secret.encode())
    tickets.attach(tx, filed.id, [blob])
    alarm = int(tx.scalar(select(alarm_table.c.id).where(alarm_table.c.chat_id == chat_id)))
    ids = (community_id, building_id, building, secret, chat_id, filed.number, filed.id, talk, alarm, appointment, blob)
    return Place(*ids)


def state_of(tx: Tx, place: Place) -> list[Any]:
    """Everything somebody could have changed there."""
    of_chat = (talk_table, alarm_table, appointment_table, message_table, ticket_table)
    rows = [tx.tuples(select(table).where(table.c.chat_id == place.chat).order_by(table.c.id)) for table in of_chat]
    events = select(ticket_events).where(ticket_events.c.ticket_id == place.ticket_id).order_by(ticket_events.c.id)
    return [*rows, tx.tuples(events)]
