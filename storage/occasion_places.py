"""Places in an occasion: taken, given back, waited for. A free place goes at once to whoever is first in line.

Every unit holds the occasion first, so that of two who want the last place at the same instant one gets it and the other
stands first in line. Asking twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, select

from knowledge.occasions import Occasion, Party, joining_refused, moving_up
from knowledge.volunteers import may_serve
from storage import residents, volunteers
from storage.belonging import shown_to
from storage.occasions import CURRENT, TOPIC, coming, get, hold, record
from storage.tables import chats, messages, occasions
from storage.tables import occasion_entries as entries
from storage.transaction import Tx

SEEN = "seen"
PREFIX = "oc"
"""Of the buttons that belong to occasions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A resident's place, or their place in the line."""

    id: int
    occasion_id: int
    resident_id: int
    chat_id: int
    adults: int
    children: int
    state: str
    since: datetime
    checked_in_at: datetime | None
    checked_out_at: datetime | None
    attended: bool | None
    revision: int
    language: str

    @property
    def party(self) -> Party:
        return Party(self.adults, self.children)


@dataclass(frozen=True, slots=True)
class Joined:
    """What came of wanting a place. ``kind``: joined, waiting (``ahead``: how many people stand before), had (it is so
    already), changed (another number of people), or why not (``knowledge.occasions.joining_refused``, "gone")."""

    kind: str
    occasion: Occasion | None = None
    entry: Entry | None = None
    ahead: int = 0
    moved: Sequence[Entry] = ()


@dataclass(frozen=True, slots=True)
class Left:
    """What came of giving a place back: who moved up. ``entry`` None: there was nothing to give back; one that is checked
    in stays."""

    occasion: Occasion | None
    entry: Entry | None = None
    moved: Sequence[Entry] = ()


def join(tx: Tx, *, occasion_id: int, chat_id: int, party: Party | None = None) -> Joined:
    """A place for the chat's resident and who comes with them; the line where none is free. Somebody who has one
    already and names another ``party`` changes its number; without ``party`` it stays as it is."""
    occasion = hold(tx, occasion_id)
    if occasion is None:
        return Joined("gone")
    resident_id = residents.of_chat(tx, chat_id)
    had = of_resident(tx, occasion_id, resident_id)
    wanted = party or (had.party if had else Party())
    if (refusal := joining_refused(occasion, wanted, tx.now) or may_not(tx, occasion, resident_id)) is not None:
        return Joined(refusal, occasion, had)
    if had is not None:
        return _again(tx, occasion, had, wanted)
    state = "joined" if _fits(occasion, wanted.heads) else "waiting"
    who = {"occasion_id": occasion_id, "resident_id": resident_id, "chat_id": chat_id}
    made = tx.insert(entries, **who, adults=wanted.adults, children=wanted.children, state=state, since=tx.now)
    record(tx, occasion_id, actor="resident", action="join", entry_id=made, to_state=state)
    return _joined(tx, state, occasion_id, made)


def may_not(tx: Tx, occasion: Occasion, resident_id: int) -> str | None:
    """Why somebody may not serve at a shift (``knowledge.volunteers.may_serve``); an event is for everybody (VO-05)."""
    if occasion.kind == "event":
        return None
    return may_serve(volunteers.of_resident(tx, resident_id), occasion)


def _fits(occasion: Occasion, heads: int) -> bool:
    """There is room, and nobody in line whom it would pass over."""
    return heads <= occasion.free and not occasion.waiting


def _joined(tx: Tx, kind: str, occasion_id: int, entry_id: int, moved: Sequence[Entry] = ()) -> Joined:
    tx.wake(TOPIC)
    entry = entry_of(tx, entry_id)
    assert entry is not None
    return Joined(kind, get(tx, occasion_id), entry, ahead(tx, entry), moved)


def _again(tx: Tx, occasion: Occasion, had: Entry, wanted: Party) -> Joined:
    """The same once more, or with another number of people: fewer always, more while there is room for them."""
    if wanted == had.party:
        return Joined("had", occasion, had, ahead(tx, had))
    more = wanted.heads - had.party.heads
    if had.state == "joined" and more > 0 and more > occasion.free:
        return Joined("no_room", occasion, had)
    values = {"adults": wanted.adults, "children": wanted.children, "revision": had.revision + 1}
    tx.execute(entries.update().where(entries.c.id == had.id).values(values))
    step = {"from_state": had.state, "to_state": had.state, "note": f"{had.party.heads} → {wanted.heads}"}
    record(tx, occasion.id, actor="resident", action="party", entry_id=had.id, **step)
    return _joined(tx, "changed", occasion.id, had.id, settle(tx, occasion.id))


def leave(tx: Tx, *, occasion_id: int, chat_id: int) -> Left:
    """Give the place back, or leave the line; whoever is first in line has it at once."""
    occasion = hold(tx, occasion_id)
    had = of_resident(tx, occasion_id, residents.of_chat(tx, chat_id))
    if occasion is None or had is None or had.checked_in_at is not None:
        return Left(occasion, had)
    end(tx, had, state="cancelled", actor="resident")
    return Left(get(tx, occasion_id), had, settle(tx, occasion_id))


def end(tx: Tx, entry: Entry, *, state: str, actor: str, staff_id: int | None = None) -> None:
    """The place is nobody's any more; the caller holds the occasion and settles it."""
    values = {"state": state, "ended_at": tx.now, "revision": entry.revision + 1}
    tx.execute(entries.update().where(entries.c.id == entry.id).values(values))
    step = {"from_state": entry.state, "to_state": state, "staff_id": staff_id}
    record(tx, entry.occasion_id, actor=actor, action="leave", entry_id=entry.id, **step)
    tx.wake(TOPIC)


def settle(tx: Tx, occasion_id: int) -> list[Entry]:
    """Give what is free to the line; those who moved up, for them to be told. Nobody moves up once it has begun."""
    occasion = hold(tx, occasion_id)
    if occasion is None or occasion.state != "open" or tx.now >= occasion.starts_at or not occasion.waiting:
        return []
    line = [entry for entry in of_occasion(tx, occasion_id) if entry.state == "waiting"]
    chosen = moving_up(occasion.free, [(entry.id, entry.party.heads) for entry in line])
    for entry_id in chosen:
        values = {"state": "joined", "moved_up_at": tx.now}
        tx.execute(entries.update().where(entries.c.id == entry_id).values(values))
        step = {"from_state": "waiting", "to_state": "joined"}
        record(tx, occasion_id, actor="bot", action="move_up", entry_id=entry_id, **step)
    if chosen:
        tx.wake(TOPIC)
    return [entry for entry in of_occasion(tx, occasion_id) if entry.id in chosen]


def seen(tx: Tx, *, occasion_id: int, chat_id: int) -> None:
    """They have read what they were told about it: nobody need call them."""
    mine = (entries.c.occasion_id == occasion_id) & (entries.c.chat_id == chat_id)
    for row in tx.all(select(entries.c.id).where(mine)):
        record(tx, occasion_id, actor="resident", action=SEEN, entry_id=row["id"])
    tx.wake(TOPIC)


@dataclass(frozen=True, slots=True)
class Board:
    """What somebody who speaks of occasions can mean: all that are coming, their own, those they have before them."""

    coming: Sequence[Occasion]
    mine: Sequence[tuple[Occasion, Entry]]
    on_screen: Sequence[int]

    def entry(self, occasion_id: int) -> Entry | None:
        return next((entry for occasion, entry in self.mine if occasion.id == occasion_id), None)


def board(tx: Tx, chat_id: int, *, until: datetime) -> Board:
    return Board(
        coming(tx, shown_to(tx, occasions.c.community_id, chat_id), until=until),
        of_chat(tx, chat_id),
        on_screen(tx, chat_id),
    )


LATEST, STILL_THERE = 3, timedelta(hours=24)
"""What the bot said last, and for how long it counts as being before somebody's eyes."""


def on_screen(tx: Tx, chat_id: int) -> list[int]:
    """The occasions of the newest message that had buttons for any, among the last few."""
    said = (messages.c.chat_id == chat_id) & (messages.c.sender == "bot") & (messages.c.at > tx.now - STILL_THERE)
    rows = tx.all(select(messages.c.buttons).where(said).order_by(messages.c.id.desc()).limit(LATEST))
    for row in rows:
        marks = [str(one.get("data", "")).split(":") for line in row["buttons"] or () for one in line]
        found = [int(mark[1]) for mark in marks if mark[0] == PREFIX and len(mark) > 2 and mark[1].isdigit()]
        if found:
            return list(dict.fromkeys(one for one in found if one))
    return []


# --- reading ----------------------------------------------------------------------------------------------------------
def entry_of(tx: Tx, entry_id: int) -> Entry | None:
    return _one(tx, entries.c.id == entry_id)


def of_resident(tx: Tx, occasion_id: int, resident_id: int) -> Entry | None:
    """The place, or the place in line, that counts."""
    mine = (entries.c.occasion_id == occasion_id) & (entries.c.resident_id == resident_id)
    return _one(tx, mine & entries.c.state.in_(CURRENT))


def of_occasion(tx: Tx, occasion_id: int) -> list[Entry]:
    """Everybody who has a place or waits, in the order in which they came."""
    return _read(tx, (entries.c.occasion_id == occasion_id) & entries.c.state.in_(CURRENT))


def of_chat(tx: Tx, chat_id: int) -> list[tuple[Occasion, Entry]]:
    """What the chat's resident has joined or waits for and is not over, the nearest first."""
    resident_id = tx.scalar(select(chats.c.resident_id).where(chats.c.id == chat_id))
    if resident_id is None:
        return []
    found = [
        (occasion, entry)
        for entry in _read(tx, (entries.c.resident_id == resident_id) & entries.c.state.in_(CURRENT))
        if (occasion := get(tx, entry.occasion_id)) is not None and occasion.state == "open"
    ]
    return sorted(found, key=lambda pair: (pair[0].starts_at, pair[0].id))


def ahead(tx: Tx, entry: Entry) -> int:
    """How many people stand before them in the line; 0 for whoever has a place."""
    if entry.state != "waiting":
        return 0
    line = [one for one in of_occasion(tx, entry.occasion_id) if one.state == "waiting"]
    return sum(one.party.heads for one in line if (one.since, one.id) < (entry.since, entry.id))


def _one(tx: Tx, which: ColumnElement[bool]) -> Entry | None:
    found = _read(tx, which)
    return found[0] if found else None


def _read(tx: Tx, which: ColumnElement[bool]) -> list[Entry]:
    query = select(entries, chats.c.language).join(chats, chats.c.id == entries.c.chat_id).where(which)
    return [_entry(row) for row in tx.all(query.order_by(entries.c.since, entries.c.id))]


_FIELDS = tuple(Entry.__dataclass_fields__)


def _entry(row: RowMapping) -> Entry:
    values: dict[str, Any] = {name: row[name] for name in _FIELDS}
    return Entry(**values)
