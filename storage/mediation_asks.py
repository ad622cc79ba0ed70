"""What is put to a side of a mediation, and what it answers: a time, more time, the agreement's words, its performance.

A side is asked the same thing once. An answer may be changed until the asking is closed, and closed it is by whatever it
decides; a press on a closed one changes nothing. Who could not be reached in the chat is answered for by the mediator, who
writes down how it was heard.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from sqlalchemy import ColumnElement, RowMapping, Select, func, select

from knowledge.mediation import Side
from storage import messages as message_units
from storage.tables import chats, mediation_asks, mediation_parties, mediations, messages
from storage.transaction import Tx

Kind = Literal["session", "extension", "agreement", "visit"]
ANSWERS: Mapping[str, tuple[str, ...]] = {
    "session": ("yes", "no", "other"),
    "extension": ("yes", "no"),
    "agreement": ("yes", "change"),
    "visit": ("performed", "not_yet", "trouble"),
}
HEARD = ("phone", "visit")
"""Ways a mediator hears an answer outside the chat."""
SIDES = (Side.APPLICANT.value, Side.RESPONDENT.value)


def put(tx: Tx, mediation_id: int, kind: Kind, about_id: int) -> list[RowMapping]:
    """Ask both sides; the rows, with each chat's language (None where a side is in no chat)."""
    for party in _parties(tx, mediation_id):
        row = {"mediation_id": mediation_id, "kind": kind, "about_id": about_id, "side": party["side"]}
        tx.insert(mediation_asks, **row, chat_id=_reached(party), asked_at=tx.now)
    return list(of(tx, kind, about_id).values())


def _parties(tx: Tx, mediation_id: int) -> list[RowMapping]:
    mine = mediation_parties.c.mediation_id == mediation_id
    return list(tx.all(select(mediation_parties).where(mine).order_by(mediation_parties.c.side)))


def _reached(party: RowMapping) -> int | None:
    return None if party["left_at"] else party["chat_id"]


def of(tx: Tx, kind: Kind, about_id: int) -> dict[str, RowMapping]:
    """Both sides' rows about one thing, by side."""
    query = _asked().where(mediation_asks.c.kind == kind, mediation_asks.c.about_id == about_id)
    return {str(row["side"]): row for row in tx.all(query.order_by(mediation_asks.c.side))}


def all_of(tx: Tx, mediation_id: int) -> dict[tuple[str, int, str], RowMapping]:
    """Everything ever put to the sides of a case, by kind, thing and side."""
    rows = tx.all(_asked().where(mediation_asks.c.mediation_id == mediation_id))
    return {(str(row["kind"]), int(row["about_id"]), str(row["side"])): row for row in rows}


def _asked() -> Select[Any]:
    joined = mediation_asks.outerjoin(chats, chats.c.id == mediation_asks.c.chat_id)
    return select(mediation_asks, chats.c.language).select_from(joined)


def shown(tx: Tx, ask_id: int, message_id: int) -> None:
    """The message it stands in."""
    tx.execute(mediation_asks.update().where(mediation_asks.c.id == ask_id).values(message_id=message_id))


def open_in(tx: Tx, chat_id: int) -> list[RowMapping]:
    """What this chat is still asked, the newest first; nothing of a case that is over."""
    mine = (mediation_asks.c.chat_id == chat_id) & mediation_asks.c.closed_at.is_(None) & _of_open_cases()
    return list(tx.all(_asked().where(mine).order_by(mediation_asks.c.id.desc())))


def _of_open_cases() -> ColumnElement[bool]:
    return mediation_asks.c.mediation_id.in_(select(mediations.c.id).where(mediations.c.ended_at.is_(None)))


def newest_said(tx: Tx, chat_id: int) -> int | None:
    """The last message that was not the resident's: a bare yes is the answer to that."""
    ours = (messages.c.chat_id == chat_id) & (messages.c.sender != "resident")
    found: int | None = tx.scalar(select(func.max(messages.c.id)).where(ours))
    return found


def answer(tx: Tx, ask_id: int, *, chat_id: int, said: str, words: str | None = None, via: str) -> RowMapping | None:
    """The side's own answer in its chat; None where it is not theirs, closed, or no answer to that."""
    row = _held(tx, ask_id)
    if row is None or row["chat_id"] != chat_id or row["closed_at"] is not None or said not in ANSWERS[row["kind"]]:
        return None
    return _keep(tx, ask_id, answer=said, words=words, via=via, staff_id=None)


def heard(tx: Tx, ask_id: int, *, staff_id: int, said: str, via: str, words: str | None = None) -> RowMapping | None:
    """The mediator writes down what a side said on the telephone or in person; None as for ``answer``. An answer given
    in the chat is the side's own and is not written over."""
    row = _held(tx, ask_id)
    if row is None or row["closed_at"] is not None or said not in ANSWERS[row["kind"]] or via not in HEARD:
        return None
    if row["answer"] and row["staff_id"] is None:
        return None
    return _keep(tx, ask_id, answer=said, words=words, via=via, staff_id=staff_id)


def _held(tx: Tx, ask_id: int) -> RowMapping | None:
    return tx.first(select(mediation_asks).where(mediation_asks.c.id == ask_id, _of_open_cases()).with_for_update())


def _keep(tx: Tx, ask_id: int, **values: object) -> RowMapping:
    tx.execute(mediation_asks.update().where(mediation_asks.c.id == ask_id).values(**values, answered_at=tx.now))
    tx.wake("desk")
    row = tx.first(_asked().where(mediation_asks.c.id == ask_id))
    assert row is not None
    return row


def close(tx: Tx, kind: Kind, about_id: int) -> None:
    """It is decided: nobody is asked any more, and the questions lose their buttons."""
    mine = (
        (mediation_asks.c.kind == kind) & (mediation_asks.c.about_id == about_id) & mediation_asks.c.closed_at.is_(None)
    )
    rows = tx.all(select(mediation_asks.c.message_id).where(mine, mediation_asks.c.message_id.is_not(None)))
    tx.execute(mediation_asks.update().where(mine).values(closed_at=tx.now))
    for row in rows:
        message_units.edit(tx, int(row["message_id"]))


def both(asked: Mapping[str, RowMapping], said: str) -> bool:
    """True when both sides gave this answer."""
    return all(side in asked and asked[side]["answer"] == said for side in SIDES)
