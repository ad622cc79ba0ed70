"""Heart cards (连心卡): made, given, lost, dead; what opens when one is scanned, and the words left there.

Whoever scans a card learns who of the office it leads to, and nothing of whose it is: a card that was lost tells a finder
nothing, and what a finder says reaches the worker as words, never as the household's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import RowMapping, select

from knowledge import households as rule
from knowledge.legible import fresh_code
from storage import facts, messages, staff
from storage.access import NotThere
from storage.households import held
from storage.households_of import households_of
from storage.tables import card_chats, chats, heart_cards, household_words, households
from storage.tables import staff as staff_table
from storage.transaction import Tx

LENGTH = 10
LONGEST_WORDS = 1000
ENDINGS = ("lost", "spoilt")
PHONE = "card_phone"


# --- the desk ---------------------------------------------------------------------------------------------------------
def current(tx: Tx, household_id: int) -> RowMapping | None:
    """The card that counts."""
    mine = (heart_cards.c.household_id == household_id) & (heart_cards.c.state != "dead")
    return tx.first(select(heart_cards).where(mine).order_by(heart_cards.c.id.desc()))


def of(tx: Tx, household_id: int) -> Sequence[RowMapping]:
    """Every card there was, newest first."""
    query = select(heart_cards).where(heart_cards.c.household_id == household_id)
    return tx.all(query.order_by(heart_cards.c.id.desc()))


def make(tx: Tx, household_ids: Iterable[int], *, staff_id: int) -> int:
    """A card for each that has none, or one that names somebody who is not its worker any more; how many were made."""
    return sum(_make(tx, one, staff_id) for one in household_ids)


def _make(tx: Tx, household_id: int, staff_id: int) -> bool:
    row = held(tx, household_id, staff_id=staff_id, act="act")
    before = current(tx, household_id)
    if row["worker_id"] is None or (before is not None and before["worker_id"] == row["worker_id"]):
        return False
    kill(tx, household_id, why="worker")
    code = fresh_code(LENGTH)
    values = {"code": code, "worker_id": row["worker_id"], "made_at": tx.now, "made_by": staff_id}
    tx.insert(heart_cards, household_id=household_id, **values)
    staff.note(tx, staff_id, "card_make", str(household_id))
    return True


def kill(tx: Tx, household_id: int, *, why: str) -> int:
    """Its code opens nothing from now on."""
    mine = (heart_cards.c.household_id == household_id) & (heart_cards.c.state != "dead")
    return tx.changed(heart_cards.update().where(mine).values(state="dead", ended_at=tx.now, why=why))


def replace(tx: Tx, household_id: int, *, why: str, staff_id: int) -> bool:
    """Lost, or spoilt: the old code is dead at once, a new card is to be printed. ValueError for no such reason."""
    if why not in ENDINGS:
        raise ValueError(why)
    held(tx, household_id, staff_id=staff_id, act="act")
    if not kill(tx, household_id, why=why):
        return False
    staff.note(tx, staff_id, "card_dead", str(household_id), why=why)
    return _make(tx, household_id, staff_id)


def given(tx: Tx, household_id: int, *, staff_id: int) -> bool:
    """It was handed over; False where there is none to hand over."""
    held(tx, household_id, staff_id=staff_id, act="act")
    mine = (heart_cards.c.household_id == household_id) & (heart_cards.c.state == "made")
    done = tx.changed(heart_cards.update().where(mine).values(state="given", given_at=tx.now))
    if done:
        staff.note(tx, staff_id, "card_given", str(household_id))
    return bool(done)


def to_print(
    tx: Tx, *, staff_id: int, building: str | None = None, household_id: int | None = None
) -> list[RowMapping]:
    """The cards of the households one may open, by flat."""
    which = [heart_cards.c.state != "dead", households.c.state == "active", households_of(staff_id)]
    if building:
        which.append(households.c.building == building)
    if household_id:
        which.append(households.c.id == household_id)
    places = (households.c.building, households.c.unit, households.c.room, households.c.name)
    query = select(heart_cards, *places, staff_table.c.name.label("worker"))
    query = query.join(households, households.c.id == heart_cards.c.household_id)
    query = query.join(staff_table, staff_table.c.id == heart_cards.c.worker_id)
    return list(tx.all(query.where(*which).order_by(*places[:3], heart_cards.c.id)))


def phone(tx: Tx, community_id: int | None) -> str:
    """The number on the cards of a community; the house's where it has none of its own."""
    own = facts.get(tx, _phone_of(community_id))
    return str(facts.get(tx, PHONE) or "") if own is None else str(own)


def _phone_of(community_id: int | None) -> str:
    return f"{PHONE}:{community_id}" if community_id else PHONE


def ring(tx: Tx, community_id: int, number: str, *, staff_id: int) -> None:
    """From now on this number stands on the community's cards."""
    facts.put(tx, _phone_of(community_id), number)
    staff.note(tx, staff_id, "card_phone", str(community_id), phone=number)


# --- who scans it -----------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Scanned:
    """What a card leads to: the worker's name, None where nobody is named at present."""

    household_id: int
    worker: str | None


def _living(tx: Tx, *where: object) -> RowMapping | None:
    query = select(heart_cards.c.id, heart_cards.c.household_id, staff_table.c.name)
    query = query.join(households, households.c.id == heart_cards.c.household_id)
    query = query.outerjoin(staff_table, staff_table.c.id == households.c.worker_id)
    return tx.first(query.where(heart_cards.c.state != "dead", households.c.state == "active", *where))  # type: ignore[arg-type]


def scan(tx: Tx, *, chat_id: int, code: str) -> Scanned | None:
    """This chat was opened by a card; None where its code is dead, or was never one: the two look the same."""
    row = _living(tx, heart_cards.c.code == code.lower())
    if row is None:
        return None
    tx.execute(card_chats.delete().where(card_chats.c.chat_id == chat_id))
    tx.execute(card_chats.insert().values(chat_id=chat_id, card_id=row["id"], at=tx.now))
    return Scanned(int(row["household_id"]), row["name"])


def of_chat(tx: Tx, chat_id: int) -> Scanned | None:
    """Where the card leads that opened this chat, while it is good."""
    card_id = tx.scalar(select(card_chats.c.card_id).where(card_chats.c.chat_id == chat_id))
    row = _living(tx, heart_cards.c.id == card_id) if card_id is not None else None
    return Scanned(int(row["household_id"]), row["name"]) if row else None


def leave_word(tx: Tx, *, chat_id: int, message_id: int | None, kind: str, words: str = "") -> Scanned | None:
    """A word for the worker, or the wish that it ends; None when the card is dead by now. A wish that waits is one."""
    scanned = of_chat(tx, chat_id)
    if scanned is None:
        return None
    mine = (household_words.c.chat_id == chat_id) & household_words.c.done_at.is_(None)
    waits = tx.scalar(select(household_words.c.id).where(mine, household_words.c.kind == "end"))
    if kind == "word" or waits is None:
        due_at = tx.now + rule.rules().wish
        said = {"kind": kind, "words": words[:LONGEST_WORDS] or None, "at": tx.now, "due_at": due_at}
        of = {"household_id": scanned.household_id, "chat_id": chat_id, "message_id": message_id}
        tx.insert(household_words, **of, **said)
        tx.wake("desk")
    return scanned


# --- answering it -----------------------------------------------------------------------------------------------------
def words_of(tx: Tx, household_id: int) -> Sequence[RowMapping]:
    """What was said by its card, what waits first."""
    query = select(household_words).where(household_words.c.household_id == household_id)
    order = (household_words.c.done_at.is_not(None), household_words.c.id.desc())
    return tx.all(query.order_by(*order).limit(20))


def answer(tx: Tx, household_id: int, word_id: int, *, text: str, prefix: str, staff_id: int) -> bool:
    """Answered there, or, without words, settled in person; False when it was before. NotThere for another household's."""
    held(tx, household_id, staff_id=staff_id, act="act")
    mine = (household_words.c.id == word_id) & (household_words.c.household_id == household_id)
    row = tx.first(select(household_words).where(mine))
    if row is None:
        raise NotThere
    waits = household_words.c.done_at.is_(None)
    if not tx.changed(household_words.update().where(mine, waits).values(done_at=tx.now, done_by=staff_id)):
        return False
    if text:
        messages.say(tx, chat_id=int(row["chat_id"]), text=prefix + text, buttons=[])
    staff.note(tx, staff_id, "household_word", str(household_id), answered=bool(text))
    tx.wake("desk")
    return True


def language_of_word(tx: Tx, word_id: int) -> str:
    query = select(chats.c.language).join(household_words, household_words.c.chat_id == chats.c.id)
    return str(tx.scalar(query.where(household_words.c.id == word_id)) or "zh")
