"""Questions and objections about what is published, each with a clock (DI-04): three days, then the sub-district's ten.

Staff read what was said and answer it; who said it they are not told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, RowMapping, select

from knowledge.disclosure import OUTCOMES, rules
from knowledge.escalation import Level
from knowledge.quarters import Quarter
from storage import staff
from storage.disclosure import Wrong, publisher
from storage.tables import chats, disclosure_asks, disclosure_items
from storage.transaction import Tx

LONGEST_WORDS, LONGEST_ANSWER = 1000, 1500


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A question or objection; ``title`` of the item it is about."""

    id: int
    item_id: int | None
    chat_id: int
    kind: str
    quarter: str | None
    words: str
    state: str
    level: int
    asked_at: datetime
    due_at: datetime
    late: int
    outcome: str | None
    answer: str | None
    answered_at: datetime | None
    title: str | None
    language: str


_ASK = (
    select(
        *(disclosure_asks.c[name] for name in Ask.__dataclass_fields__ if name in disclosure_asks.c),
        disclosure_items.c.title,
        chats.c.language,
    )
    .outerjoin(disclosure_items, disclosure_items.c.id == disclosure_asks.c.item_id)
    .join(chats, chats.c.id == disclosure_asks.c.chat_id)
)


@dataclass(frozen=True, slots=True)
class Filed:
    """An objection that is kept; ``again``: it had been before."""

    id: int
    due_at: datetime
    again: bool = False


def file(
    tx: Tx, *, chat_id: int, message_id: int | None, kind: str, words: str, item_id: int | None, quarter: Quarter | None
) -> Filed:
    """Keep it and start its clock; the same message is one objection, however often it is pressed."""
    before = tx.first(
        select(disclosure_asks.c.id, disclosure_asks.c.due_at).where(
            disclosure_asks.c.chat_id == chat_id, disclosure_asks.c.message_id == message_id
        )
    )
    if message_id is not None and before is not None:
        return Filed(int(before["id"]), before["due_at"], again=True)
    due_at = tx.now + rules().terms.of(kind)
    values = {"kind": kind, "words": words[:LONGEST_WORDS], "asked_at": tx.now, "due_at": due_at}
    ask_id = tx.insert(
        disclosure_asks,
        chat_id=chat_id,
        message_id=message_id,
        item_id=item_id,
        quarter=str(quarter) if quarter else None,
        **values,
    )
    tx.wake("desk")
    return Filed(ask_id, due_at)


def of_chat(tx: Tx, chat_id: int, *, limit: int = 5) -> list[Ask]:
    """What somebody asked, newest first."""
    mine = (disclosure_asks.c.chat_id == chat_id) & (disclosure_asks.c.state != "withdrawn")
    rows = tx.all(_ASK.where(mine).order_by(disclosure_asks.c.id.desc()).limit(limit))
    return [Ask(**row) for row in rows]


def get(tx: Tx, ask_id: int) -> Ask | None:
    row = tx.first(_ASK.where(disclosure_asks.c.id == ask_id))
    return Ask(**row) if row else None


def take_higher(tx: Tx, ask_id: int, *, chat_id: int) -> Ask | None:
    """Its resident is not content with the answer: it goes to the sub-district (DI-04). None when it is not theirs, was
    not answered, or is there already."""
    mine = (disclosure_asks.c.id == ask_id) & (disclosure_asks.c.chat_id == chat_id)
    below = (disclosure_asks.c.state == "answered") & (disclosure_asks.c.level < Level.SUBDISTRICT)
    values = {"state": "open", "level": int(Level.SUBDISTRICT), "due_at": tx.now + rules().terms.above}
    if not tx.changed(disclosure_asks.update().where(mine, below).values(**values, warned_at=None)):
        return None
    tx.wake("desk")
    return get(tx, ask_id)


def drop(tx: Tx, ask_id: int, *, chat_id: int) -> bool:
    """The resident takes it back; False when it was over before."""
    mine = (disclosure_asks.c.id == ask_id) & (disclosure_asks.c.chat_id == chat_id)
    values = {"state": "withdrawn", "answered_at": tx.now}
    tx.wake("desk")
    return bool(tx.changed(disclosure_asks.update().where(mine, disclosure_asks.c.state == "open").values(values)))


# --- staff ------------------------------------------------------------------------------------------------------------
def listed(tx: Tx, *where: ColumnElement[bool], answered: int = 20) -> list[Ask]:
    """Everything open, what is due first on top, then the last that were answered."""
    waiting = tx.all(_ASK.where(disclosure_asks.c.state == "open", *where).order_by(disclosure_asks.c.due_at))
    done = _ASK.where(disclosure_asks.c.state == "answered", *where).order_by(disclosure_asks.c.answered_at.desc())
    return [Ask(**row) for row in (*waiting, *tx.all(done.limit(answered)))]


def of_item(tx: Tx, item_id: int) -> list[Ask]:
    rows = tx.all(_ASK.where(disclosure_asks.c.item_id == item_id).order_by(disclosure_asks.c.id.desc()))
    return [Ask(**row) for row in rows if row["state"] != "withdrawn"]


def count_open(tx: Tx, *where: ColumnElement[bool]) -> int:
    return len(tx.tuples(select(disclosure_asks.c.id).where(disclosure_asks.c.state == "open", *where)))


def answer(tx: Tx, ask_id: int, *, staff_id: int, outcome: str, text: str) -> Ask | None:
    """Answer it; None when it is not open any more. Wrong for an outcome there is not, that is not so, or without words."""
    publisher(tx, staff_id)
    if outcome not in OUTCOMES or not text.strip():
        raise Wrong("empty" if outcome in OUTCOMES else "no_kind")
    if outcome == "corrected" and not _was_corrected(tx, ask_id):
        raise Wrong("not_corrected")
    values = {"outcome": outcome, "answer": text[:LONGEST_ANSWER], "answered_at": tx.now, "answered_by": staff_id}
    mine = (disclosure_asks.c.id == ask_id) & (disclosure_asks.c.state == "open")
    if not tx.changed(disclosure_asks.update().where(mine).values(**values, state="answered")):
        return None
    staff.note(tx, staff_id, "disclosure_answer", str(ask_id), outcome=outcome)
    tx.wake("desk")
    return get(tx, ask_id)


def _was_corrected(tx: Tx, ask_id: int) -> bool:
    """Nobody is told that something was corrected that still stands as it was."""
    mine = disclosure_items.c.id == disclosure_asks.c.item_id
    query = select(disclosure_items.c.state).join(disclosure_asks, mine).where(disclosure_asks.c.id == ask_id)
    return tx.scalar(query) in ("corrected", "withdrawn")


# --- the clock --------------------------------------------------------------------------------------------------------
def soon(tx: Tx) -> list[Ask]:
    """Open ones that are due before long and have not been warned of; each counts as warned."""
    near = (disclosure_asks.c.due_at > tx.now) & (disclosure_asks.c.due_at <= tx.now + rules().terms.soon)
    rows = _held(tx, near & disclosure_asks.c.warned_at.is_(None))
    for row in rows:
        tx.execute(disclosure_asks.update().where(disclosure_asks.c.id == row["id"]).values(warned_at=tx.now))
    return [ask for row in rows if (ask := get(tx, int(row["id"]))) is not None]


def late(tx: Tx) -> list[Ask]:
    """Those whose time is up: each climbs to the sub-district, with its ten days; at the top it gets them anew."""
    climbed = []
    for row in _held(tx, disclosure_asks.c.due_at <= tx.now):
        values = {"level": int(Level.SUBDISTRICT), "late": row["late"] + 1, "warned_at": None}
        values |= {"due_at": tx.now + rules().terms.above}
        tx.execute(disclosure_asks.update().where(disclosure_asks.c.id == row["id"]).values(values))
        found = get(tx, int(row["id"]))
        assert found is not None
        climbed.append(found)
        tx.wake("desk")
    return climbed


def _held(tx: Tx, which: object) -> Sequence[RowMapping]:
    query = select(disclosure_asks).where(disclosure_asks.c.state == "open", which)  # type: ignore[arg-type]
    return tx.all(query.order_by(disclosure_asks.c.id).with_for_update(skip_locked=True))
