"""Two communities under one office, with the same things going on in each: what is whose must never show elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Table, select

from handlers.web.console.gates import NAMES, Need
from knowledge import series
from storage import (
    alarms,
    answers,
    blobs,
    conversations,
    incidents,
    mediation_opening,
    messages,
    notices,
    redirects,
    tickets,
)
from storage import residents as people
from storage import tables as t
from storage.chats import FIRST_WEB_CHAT, find_or_open
from storage.mediation_opening import Application, Whereabouts
from storage.notices import Composed
from storage.transaction import Tx
from tests.desk_service import a_photo, file_ticket, hire


@dataclass(frozen=True, slots=True)
class Place:
    """One community and what goes on there; ``secret`` stands in every word that was said. ``ids``: what a blank of an
    address is filled with, by what it names."""

    community: int
    building: int
    name: str
    secret: str
    chat: int
    ticket: str
    ticket_id: int
    alarm: int
    ids: dict[str, int | str]

    def blank(self, rule: Need, blank: str) -> str:
        what = ({**NAMES.get(rule.kind, {})} | dict(rule.names)).get(blank, rule.kind)
        return str(self.ids.get(what, self.ids.get(blank, self.ticket)))


PLACED = frozenset(
    {"ticket", "chain", "proxy", "file", "call_back", "conversation", "alarm", "appointment", "mediation", "occasion"}
    | {"volunteer", "hours", "certificate", "disclosure", "notice", "question", "redirect", "health"}
    | {"incident", "community", "import", "register", "group"}
)
"""Kinds of object that belong to a place."""
ELSEWHERE = frozenset(
    {
        *("frame", "own", "canned", "call", "care", "household", "duty", "deadline", "calendar", "catalogue"),
        *("figures", "export", "poster", "staff", "look", "unit", "faq", "wording", "setup"),
        *("backup", "retention", "audit", "data_request"),
    }
)
"""Kinds that belong to a person, to those named on them, or to the whole office."""


def two_communities(tx: Tx) -> tuple[Place, Place]:
    organiser, _ = hire(tx, "总干事", "admin")
    return place(tx, "望江家园", "7", "甲处水管", 1, organiser), place(tx, "康居西城", "21", "乙处水管", 2, organiser)


def place(tx: Tx, community: str, building: str, secret: str, number: int, organiser: int) -> Place:
    community_id = tx.insert(t.communities, name=community, profile={}, created_at=tx.now)
    building_id = tx.insert(t.buildings, community_id=community_id, name=building, floors=30, units=2)
    remote = FIRST_WEB_CHAT + number
    told: dict[str, Any] = {"building": building, "title": secret, "description": secret, "place_note": secret}
    filed = file_ticket(tx, remote=remote, **told)
    chat_id = find_or_open(tx, channel="web", remote=remote)
    people.remember(tx, chat_id=chat_id, name=secret, building=building)
    values = {"state": "calling_back", "waiting_resident": False, "call_at": tx.now - timedelta(hours=1)}
    tx.execute(t.tickets.update().where(t.tickets.c.id == filed.id).values(values))
    said = messages.record(tx, chat_id=chat_id, sender="resident", text=f"{secret} 有煤气味")
    alarms.raise_alarm(tx, chat_id=chat_id, message_id=said, kind="gas", rule="gas", place=secret)
    talk, _ = conversations.ask_for_person(tx, chat_id=chat_id, reason="asked")
    due = {"at": tx.now - timedelta(minutes=5), "until": tx.now + timedelta(hours=1), "phone": "02399999999"}
    row = {"chat_id": chat_id, "reason": "asked", "way": "phone", "created_at": tx.now}
    blob = blobs.store(tx, chat_id=chat_id, kind="photo", mime="image/jpeg", content=a_photo(comment=secret))
    tickets.attach(tx, filed.id, [blob])
    alarm = int(tx.scalar(select(t.alarms.c.id).where(t.alarms.c.chat_id == chat_id)))
    ids: dict[str, int | str] = {
        "conversation": talk,
        "alarm": alarm,
        "appointment": tx.insert(t.appointments, **row, **due),
        "file": blob,
        "blob_id": blob,
        "case": _case(tx, building, secret, number),
        "hand_over": tx.insert(t.hand_overs, ticket_id=filed.id, body="12345", **_handed(tx, secret, organiser)),
        **_house(tx, community_id, building_id, secret),
        "pass": _passed(tx, filed.id, community_id, secret, organiser),
        "incident": _happening(tx, building, secret, filed.id, organiser),
        **_asked(tx, chat_id, said, secret),
        **_published(tx, community_id, chat_id, secret, organiser),
        **_volunteering(tx, community_id, building, chat_id, secret, number, organiser),
    }
    return Place(community_id, building_id, building, secret, chat_id, filed.number, filed.id, alarm, ids)


def _passed(tx: Tx, ticket_id: int, community_id: int, secret: str, organiser: int) -> int:
    """An offer that was settled long ago."""
    said = {"from_id": community_id, "to_id": community_id, "reason": secret, "state": "returned"}
    said |= {"offered_by": organiser, "answered_by": organiser, "answered_at": tx.now}
    return tx.insert(t.ticket_passes, ticket_id=ticket_id, offered_at=tx.now, **said)


def _house(tx: Tx, community_id: int, building_id: int, secret: str) -> dict[str, int | str]:
    """What the community consists of, and the estate it is in."""
    estate = tx.insert(t.estates, name=secret, made_at=tx.now)
    tx.execute(t.communities.update().where(t.communities.c.id == community_id).values(estate_id=estate))
    tx.insert(t.flats, building_id=building_id, unit="1", floor=12, room="1204")
    body = {"kind": "head", "name": secret, "buildings": [], "made_at": tx.now}
    made = tx.insert(t.community_bodies, community_id=community_id, **body)
    return {"community": community_id, "building": building_id, "estate": estate, "body": made}


def _handed(tx: Tx, secret: str, organiser: int) -> dict[str, Any]:
    return {"way": "phone", "fields": ["words"], "note": secret, "by": organiser, "at": tx.now}


def _happening(tx: Tx, building: str, secret: str, ticket_id: int, organiser: int) -> int:
    """The lift, and the ticket in it."""
    said = {"title": secret, "title_en": secret, "known": secret, "known_en": secret}
    plan = incidents.Plan(kind="fault", category="property", topic="lift", building=building, unit=None, **said)
    incident = incidents.open_(tx, plan, staff_id=organiser)
    incidents.join(tx, incident, ticket_id, staff_id=organiser)
    return incident


def _case(tx: Tx, building: str, secret: str, number: int) -> int:
    """Applied for, and nobody's yet."""
    remote = FIRST_WEB_CHAT + 10 + number
    told: dict[str, Any] = {"building": building, "title": secret, "description": secret, "place_note": secret}
    filed = file_ticket(tx, remote=remote, route="dispute", category="noise", **told)
    chat_id = find_or_open(tx, channel="web", remote=remote)
    given = Application(Whereabouts(name=secret, building=building), secret, may_contact=True, told="1")
    case = mediation_opening.apply(tx, filed.id, chat_id=chat_id, given=given)
    assert case is not None
    return case.id


def _asked(tx: Tx, chat_id: int, said: int, secret: str) -> dict[str, int | str]:
    """A question without an answer, another door, an update that was parked and a letter that was lost."""
    answers.keep(tx, chat_id=chat_id, question_id=said, entry=None, clause=None, version=None, score=0.0)
    group = tx.insert(t.gap_groups, made_at=tx.now)
    tx.execute(t.gaps.update().where(t.gaps.c.chat_id == chat_id).values(group_id=group, core=secret))
    redirects.note(tx, chat_id=chat_id, message_id=said, route="service_request", category="repair", reason="duty")
    failed = {"error": secret, "finished_at": tx.now}
    update = {"channel": "web", "update_key": secret, "payload": secret, "received_at": tx.now, "state": "parked"}
    letter = {"message_id": said, "operation": "send", "state": "dead", "next_at": tx.now}
    letter |= {"priority": 1, "repeatable": True, "created_at": tx.now}
    return {
        "gap": group,
        "update": tx.insert(t.inbox, chat_id=chat_id, **update, **failed),
        "letter": tx.insert(t.outbox, chat_id=chat_id, **letter, **failed),
    }


def _published(tx: Tx, community_id: int, chat_id: int, secret: str, organiser: int) -> dict[str, int | str]:
    written = {"kind": "finance", "title": secret, "body": secret, "created_at": tx.now, "created_by": organiser}
    item = tx.insert(t.disclosure_items, community_id=community_id, state="published", published_at=tx.now, **written)
    words = {"kind": "question", "words": secret, "asked_at": tx.now, "due_at": tx.now + timedelta(days=3)}
    composed = Composed(topic="other", title=secret, text=secret)
    photo = blobs.store(tx, chat_id=None, kind="photo", mime="image/jpeg", content=a_photo(comment=secret))
    kept = {"posted_at": tx.now, "posted_by": organiser, "photo_id": photo}
    board = tx.insert(t.boards, community_id=community_id, name=secret, kind="office", buildings=[])
    step = {"quarter": "2026Q3", "step": "collect", "due_at": tx.now + timedelta(days=9)}
    blob = blobs.store(tx, chat_id=None, kind="document", mime="text/plain", content=secret.encode(), name="a.txt")
    paper = {"blob_id": blob, "name": secret, "looked": "text", "at": tx.now, "added_by": organiser}
    return {
        "board": board,
        "posting": tx.insert(t.disclosure_postings, board_id=board, item_id=item, **kept),
        "step": tx.insert(t.disclosure_steps, community_id=community_id, **step),
        "paper": tx.insert(t.disclosure_files, item_id=item, **paper),
        "import": _brought(tx, community_id, secret, organiser),
        "register": _entered(tx, community_id, secret),
        "item": item,
        "ask": tx.insert(t.disclosure_asks, item_id=item, chat_id=chat_id, **words),
        "notice": notices.draft(tx, composed, staff_id=organiser, community_id=community_id),
    }


def _entered(tx: Tx, community_id: int, secret: str) -> int:
    """Somebody the housing authority named."""
    door = {"community_id": community_id, "building": "7" if secret.startswith("甲") else "21", "unit": "2"}
    return tx.insert(t.household_people, room="1204", name=secret, role="tenant", entered_at=tx.now, **door)


def _brought(tx: Tx, community_id: int, secret: str, organiser: int) -> int:
    """A list of households that waits to be confirmed."""
    file = {"file_name": secret, "sha256": "0" * 64, "size": 1, "content": b"x", "whole": False, "state": "ready"}
    counts = {"new": 1, "changed": 0, "gone": 0, "same": 0}
    of = {"kind": "households", "community_id": community_id, "staff_id": organiser, "created_at": tx.now}
    key = tx.insert(t.imports, counts=counts, **file, **of)
    row = {"building": "7", "unit": "1", "room": "101", "name": secret, "role": "tenant", "phone": ""}
    tx.insert(t.import_rows, import_id=key, key=secret, after=row)
    return key


def _volunteering(
    tx: Tx, community_id: int, building: str, chat_id: int, secret: str, number: int, organiser: int
) -> dict[str, int | str]:
    """A shift that runs, whoever serves in it, what they have served, claim, and can show."""
    resident_id = people.of_chat(tx, chat_id)
    span = {"starts_at": tx.now - timedelta(hours=1), "ends_at": tx.now + timedelta(hours=1)}
    of = {"kind": "shift", "category": "order", "title": secret, "place": secret, "places_max": 9, "created_at": tx.now}
    occasion = tx.insert(
        t.occasions, community_id=community_id, building=building, organiser_id=organiser, state="open", **of, **span
    )
    entry = {"occasion_id": occasion, "resident_id": resident_id, "chat_id": chat_id, "state": "joined"}
    who = {"resident_id": resident_id, "chat_id": chat_id, "name": secret, "building": building, "state": "active"}
    said = {"categories": [], "times": [], "reach": [], "skills": secret, "age": "adult", "consent_version": "1"}
    when = {"told_risks_at": tx.now, "consented_at": tx.now, "joined_at": tx.now}
    label = series.make("LV", tx.now.date(), number)
    volunteer = tx.insert(t.volunteers, number=label, **who, **said, **when)
    at = {"starts_at": tx.now - timedelta(hours=9), "ends_at": tx.now - timedelta(hours=8), "minutes": 60}
    hours = {"kind": "served", "what": secret, "staff_id": organiser, "at": tx.now}
    claim = {"words": secret, "minutes": 60, "from_at": at["starts_at"], "until_at": at["ends_at"]}
    line = {"what": secret, "category": None, "place": None, "minutes": 60, "entry": 1}
    moments = {"start": tx.now.isoformat(), "end": tx.now.isoformat()}
    says = {"number": label, "name": secret, "entries": [line | moments], "first": moments["start"]}
    says |= {"last": moments["end"], "issuer": secret, "responsible": secret, "handler": secret, "phone": "0"}
    issued = {"number": f"LC-{number}", "state": "issued", "asked_at": tx.now, "issued_at": tx.now, "says": says}
    return {
        "occasion": occasion,
        "entry": tx.insert(t.occasion_entries, since=tx.now, **entry),
        "volunteer": label,
        "volunteer_id": volunteer,
        "hours": tx.insert(t.volunteer_hours, volunteer_id=volunteer, **hours, **at),
        "claim": tx.insert(t.volunteer_claims, volunteer_id=volunteer, chat_id=chat_id, created_at=tx.now, **claim),
        "certificate": tx.insert(t.certificates, volunteer_id=volunteer, minutes=60, last_entry=1, **issued),
    }


OF_CHAT = (
    t.conversations, t.alarms, t.appointments, t.messages, t.tickets, t.inbox, t.occasion_entries, t.volunteers,
    t.volunteer_claims, t.disclosure_asks, t.redirects,
)  # fmt: skip
OF_INCIDENT = (t.incident_events, t.incident_tickets)
OF_COMMUNITY = (
    *(t.occasions, t.disclosure_items, t.notices, t.buildings, t.community_bodies, t.office_hours),
    *(t.disclosure_steps, t.boards, t.imports, t.household_people),
)


def state_of(tx: Tx, place: Place) -> list[Any]:
    """Everything somebody could have changed there, or put there."""
    volunteer = place.ids["volunteer_id"]
    found = [_rows(tx, table, "chat_id", place.chat) for table in OF_CHAT]
    found += [_rows(tx, table, "community_id", place.community) for table in OF_COMMUNITY]
    found += [_rows(tx, table, "volunteer_id", volunteer) for table in (t.volunteer_hours, t.certificates)]
    found += [_rows(tx, t.volunteer_invitations, "volunteer_id", volunteer), _rows(tx, t.outbox, "chat_id", place.chat)]
    found += [
        _rows(tx, t.mediations, "id", place.ids["case"]),
        _rows(tx, t.mediation_words, "mediation_id", place.ids["case"]),
        _rows(tx, t.disclosure_postings, "board_id", place.ids["board"]),
        _rows(tx, t.disclosure_files, "item_id", place.ids["item"]),
    ]
    found += [_rows(tx, table, "incident_id", place.ids["incident"]) for table in OF_INCIDENT]
    found += [_rows(tx, t.flats, "building_id", place.building), _rows(tx, t.communities, "id", place.community)]
    found += [_rows(tx, t.estates, "id", place.ids["estate"])]
    found.append(_rows(tx, t.ticket_passes, "ticket_id", place.ticket_id))
    return [*found, _rows(tx, t.ticket_events, "ticket_id", place.ticket_id)]


def _rows(tx: Tx, table: Table, column: str, value: object) -> list[Any]:
    order = table.c.id if "id" in table.c else table.c[column]
    return list(tx.tuples(select(table).where(table.c[column] == value).order_by(order)))
