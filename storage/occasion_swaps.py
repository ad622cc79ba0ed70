"""Standing in: whoever cannot come asks somebody else, who must say yes and fit; until then the place stays theirs.

A name finds only somebody who has been at a shift before, and only where exactly one of them is called so; otherwise a code
is passed on by the one who asks. Nobody learns from here who lives in the community.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select

from knowledge.occasions import Occasion, Party, joining_refused
from storage import residents
from storage.occasion_places import Entry, end, entry_of, may_not, of_resident, settle
from storage.occasions import TOPIC, get, hold, record
from storage.tables import chats, claim_tries, occasions
from storage.tables import occasion_entries as entries
from storage.tables import occasion_swaps as swaps
from storage.tables import residents as people
from storage.tickets import GUESSES, guesses
from storage.transaction import Tx

_CODE = re.compile(r"(?<![A-Za-z0-9])TB[- ]?(\d{6})(?!\d)", re.I)


def find_code(text: str) -> str | None:
    """The code in a message, in its written form."""
    found = _CODE.search(text)
    return f"TB-{found[1]}" if found else None


@dataclass(frozen=True, slots=True)
class Asked:
    """``kind``: asked (``chat_id`` is whom), code, or not_joined, begun, event. ``language`` is theirs who is asked."""

    kind: str
    occasion: Occasion | None = None
    swap_id: int = 0
    code: str = ""
    chat_id: int = 0
    language: str = "zh"


@dataclass(frozen=True, slots=True)
class Answered:
    """``kind``: taken, declined, late, has, bad_code, slow, or why they do not fit (``knowledge.occasions``). ``asker`` is
    to be told, ``moved`` too."""

    kind: str
    occasion: Occasion | None = None
    asker: Entry | None = None
    entry: Entry | None = None
    moved: tuple[Entry, ...] = ()


def ask(tx: Tx, *, occasion_id: int, chat_id: int, name: str | None) -> Asked:
    """Ask whoever is called so, or make a code. What was asked before about this place is void."""
    occasion = hold(tx, occasion_id)
    had = of_resident(tx, occasion_id, residents.of_chat(tx, chat_id))
    if occasion is None or had is None or had.state != "joined" or had.checked_in_at is not None:
        return Asked("not_joined", occasion)
    if occasion.kind != "shift" or occasion.state != "open" or tx.now >= occasion.starts_at:
        return Asked("event" if occasion.kind != "shift" else "begun", occasion)
    _withdraw(tx, swaps.c.entry_id == had.id)
    other = _called(tx, name, occasion, had) if name else None
    code = _fresh(tx)
    whom = {"to_resident_id": other[0] if other else None}
    made = tx.insert(swaps, entry_id=had.id, code=code, **whom, state="asked", asked_at=tx.now)
    record(tx, occasion_id, actor="resident", action="swap_ask", entry_id=had.id, note=name)
    tx.wake(TOPIC)
    if other is None:
        return Asked("code", occasion, made, code)
    return Asked("asked", occasion, made, code, other[1], other[2])


def _withdraw(tx: Tx, which: ColumnElement[bool]) -> int:
    still = which & (swaps.c.state == "asked")
    return tx.changed(swaps.update().where(still).values(state="withdrawn", answered_at=tx.now))


def _fresh(tx: Tx) -> str:
    while True:
        code = f"TB-{secrets.randbelow(10**6):06d}"
        if tx.first(select(swaps.c.id).where(swaps.c.code == code)) is None:
            return code


def _called(tx: Tx, name: str, occasion: Occasion, asker: Entry) -> tuple[int, int, str] | None:
    """The one colleague of earlier shifts who is called so: resident, newest chat, its language."""
    shifts = select(occasions.c.id).where(occasions.c.kind == "shift")
    served = select(entries.c.resident_id).where(entries.c.occasion_id.in_(shifts), entries.c.state != "removed")
    known = (people.c.id.in_(served), people.c.name.is_not(None), people.c.id != asker.resident_id)
    rows = tx.all(select(people.c.id, people.c.name).where(*known))
    found = [int(row["id"]) for row in rows if is_called(str(row["name"]), name)]
    found = [one for one in found if of_resident(tx, occasion.id, one) is None]
    return _reached(tx, found[0]) if len(found) == 1 else None


def _reached(tx: Tx, resident_id: int) -> tuple[int, int, str] | None:
    there = (chats.c.resident_id == resident_id, chats.c.kind == "private", chats.c.left_at.is_(None))
    row = tx.first(select(chats.c.id, chats.c.language).where(*there).order_by(chats.c.id.desc()))
    return (resident_id, int(row["id"]), str(row["language"])) if row else None


_TITLES = re.compile(r"^(?:老|小|阿)|(?:师傅|老师|阿姨|嬢嬢|孃孃|叔叔?|哥|姐|先生|女士|大爷|婆婆|伯伯|大姐|大哥)$")


def is_called(name: str, said: str) -> bool:
    """老王, 王嬢嬢 and 王建国 may all be the one whose name is kept as 王嬢嬢 or 王建国; a full name must be the same."""
    if name == said:
        return True
    bare, kept = _TITLES.sub("", said), _TITLES.sub("", name)
    return bare == kept or (len(bare) == 1 and kept.startswith(bare))


# --- the answer -------------------------------------------------------------------------------------------------------
def by_code(tx: Tx, *, code: str, chat_id: int) -> Answered:
    """Whoever brings the code is offered the place: ``offer`` with its occasion; a guess is counted."""
    if guesses(tx, chat_id) >= GUESSES:
        return Answered("slow")
    row = tx.first(select(swaps.c.id, swaps.c.entry_id, swaps.c.state).where(swaps.c.code == code))
    asker = entry_of(tx, int(row["entry_id"])) if row else None
    if row is None or asker is None or row["state"] != "asked":
        tx.insert(claim_tries, chat_id=chat_id, at=tx.now)
        return Answered("bad_code")
    resident_id = residents.of_chat(tx, chat_id)
    if asker.resident_id == resident_id:
        return Answered("own", get(tx, asker.occasion_id))
    tx.execute(swaps.update().where(swaps.c.id == row["id"]).values(to_resident_id=resident_id))
    return Answered(f"offer:{row['id']}", get(tx, asker.occasion_id), asker)


def answer(tx: Tx, swap_id: int, *, chat_id: int, yes: bool) -> Answered:
    """What the one who was asked says: with a yes the place is theirs, if it is still to be had and they fit."""
    asker = _asker(tx, swap_id, residents.of_chat(tx, chat_id))
    occasion = hold(tx, asker.occasion_id) if asker else None
    if asker is None or occasion is None:
        return Answered("late")
    row = tx.first(select(swaps.c.state).where(swaps.c.id == swap_id))
    asker = entry_of(tx, asker.id)
    if row is None or row["state"] != "asked" or asker is None or asker.state != "joined":
        return Answered("late", occasion)
    if not yes:
        _close(tx, swap_id, "declined")
        record(tx, occasion.id, actor="resident", action="swap_no", entry_id=asker.id)
        return Answered("declined", occasion, asker)
    return _take(tx, swap_id, occasion, asker, chat_id)


def _asker(tx: Tx, swap_id: int, resident_id: int) -> Entry | None:
    """Whose place it is about, for nobody but the one who was asked."""
    mine = (swaps.c.id == swap_id) & (swaps.c.to_resident_id == resident_id)
    entry_id = tx.scalar(select(swaps.c.entry_id).where(mine))
    return entry_of(tx, int(entry_id)) if entry_id is not None else None


def _take(tx: Tx, swap_id: int, occasion: Occasion, asker: Entry, chat_id: int) -> Answered:
    resident_id = residents.of_chat(tx, chat_id)
    had = of_resident(tx, occasion.id, resident_id)
    if had is not None and had.state == "joined":
        return Answered("has", occasion, asker)
    if (refusal := joining_refused(occasion, Party(), tx.now) or may_not(tx, occasion, resident_id)) is not None:
        return Answered("late" if refusal in ("begun", "cancelled", "over") else refusal, occasion, asker)
    if had is not None:
        end(tx, had, state="cancelled", actor="resident")
    _close(tx, swap_id, "accepted")
    end(tx, asker, state="swapped", actor="resident")
    who = {"occasion_id": occasion.id, "resident_id": resident_id, "chat_id": chat_id}
    made = tx.insert(entries, **who, state="joined", since=tx.now)
    record(tx, occasion.id, actor="resident", action="swap_yes", entry_id=made, to_state="joined")
    moved = settle(tx, occasion.id)
    return Answered("taken", get(tx, occasion.id), asker, entry_of(tx, made), tuple(moved))


def _close(tx: Tx, swap_id: int, state: str) -> None:
    tx.execute(swaps.update().where(swaps.c.id == swap_id).values(state=state, answered_at=tx.now))


def keep(tx: Tx, *, occasion_id: int, chat_id: int) -> Occasion | None:
    """They come after all: nobody need stand in. None where they have no place."""
    had = of_resident(tx, occasion_id, residents.of_chat(tx, chat_id))
    if had is None:
        return None
    _withdraw(tx, swaps.c.entry_id == had.id)
    return get(tx, occasion_id)
