"""The register of requests about one's own data (PI-12): taken down, who asks made sure of, decided with a reason, carried
out and proved, by a clock. What a deletion must not take - open matters, files kept by law, holds - is said in its proof.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import RowMapping, func, select

from knowledge import data_requests as rules
from knowledge import periods
from knowledge.data_requests import Trouble, may_decide
from storage import erasure, forgetting_requests, looks, own_data, staff
from storage.access import NotThere, member_for
from storage.offices import Offices
from storage.own_data import OWN_COLUMNS
from storage.tables import chats, data_request_events, data_requests, residents
from storage.tables import staff as staff_table
from storage.transaction import Tx

SHOWN = 200
OPEN = ("open", "decided")


class Refused(Exception):
    """``str()``: why a step is not possible, one of ``Trouble``."""

    def __init__(self, why: Trouble) -> None:
        super().__init__(why)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """As it was taken down; ``number``: a ticket's or volunteer's number of whoever asks, "" where none is known."""

    kind: str
    came_by: str
    name: str
    contact: str
    words: str
    number: str = ""


@dataclass(frozen=True, slots=True)
class Whole:
    row: RowMapping
    events: Sequence[RowMapping]
    known: RowMapping | None


def open_(tx: Tx, asked: Asked, *, staff_id: int) -> int:
    """Take one down; the clock runs from now. Refused, NotThere for a number that is nobody's here."""
    _admin(tx, staff_id)
    known = rules.shipped()
    if asked.kind not in known.kinds or asked.came_by not in known.ways:
        raise Refused("bad_choice")
    if not asked.name and not asked.contact:
        raise Refused("nobody")
    resident_id = _resident(tx, asked.number, staff_id) if asked.number else None
    due = Offices(tx).of_resident(resident_id).add_working_days(tx.now, known.working_days).due_at
    row = {"kind": asked.kind, "came_by": asked.came_by, "received_at": tx.now, "due_at": due, "state": "open"}
    row["remind_at"] = max(tx.now, due - known.warn)
    named = {"name": asked.name or None, "contact": asked.contact or None, "words": asked.words or None}
    last = int(tx.scalar(select(func.max(data_requests.c.id))) or 0)
    number = f"GR-{periods.day_of(tx.now):%y%m%d}-{last + 1:04}"
    id = tx.insert(data_requests, number=number, resident_id=resident_id, staff_id=staff_id, **row, **named)
    _did(tx, id, staff_id, "open")
    return id


def _resident(tx: Tx, number: str, staff_id: int) -> int:
    found = looks.resident_of(tx, number.upper(), staff_id=staff_id)
    if found is None:
        raise NotThere
    return found


def _admin(tx: Tx, staff_id: int) -> None:
    member_for(tx, staff_id, "data_request", "act")


def _did(tx: Tx, id: int, staff_id: int, action: str, note: str | None = None) -> None:
    tx.insert(data_request_events, request_id=id, at=tx.now, staff_id=staff_id, action=action, note=note)
    staff.note(tx, staff_id, f"data_request_{action}", str(id))
    tx.wake("desk")


def _row(tx: Tx, id: int) -> RowMapping:
    row = tx.first(select(data_requests).where(data_requests.c.id == id).with_for_update())
    if row is None:
        raise NotThere
    return row


def _change(tx: Tx, row: RowMapping, **values: Any) -> None:
    this = data_requests.c.id == row["id"]
    tx.execute(data_requests.update().where(this).values(**values, revision=row["revision"] + 1))


def identify(tx: Tx, id: int, *, how: str, note: str, number: str, staff_id: int) -> None:
    """It was seen that it is they, and whose data it is."""
    _admin(tx, staff_id)
    row = _row(tx, id)
    if row["state"] != "open":
        raise Refused("over")
    if how not in rules.shipped().identities:
        raise Refused("bad_choice")
    resident_id = _resident(tx, number, staff_id) if number else row["resident_id"]
    seen = {"identity": how, "identity_note": note or None, "identity_by": staff_id, "identity_at": tx.now}
    _change(tx, row, **seen, resident_id=resident_id)
    _did(tx, id, staff_id, "identity", how)


def decide(tx: Tx, id: int, *, decision: str, reason: str, staff_id: int) -> None:
    _admin(tx, staff_id)
    row = _row(tx, id)
    identified = row["identity"] is not None
    if why := may_decide(state=row["state"], identified=identified, decision=decision, reason=reason):
        raise Refused(why)
    decided = {"decision": decision, "reason": reason or None, "decided_by": staff_id, "decided_at": tx.now}
    _change(tx, row, **decided, state="decided")
    _did(tx, id, staff_id, "decide", decision)


def _granted(tx: Tx, id: int, kind: Sequence[str]) -> tuple[RowMapping, int]:
    """The request and a chat of whose data it is, where it was granted and they are known."""
    row = _row(tx, id)
    if row["state"] != "decided" or row["decision"] == "refused" or row["kind"] not in kind:
        raise Refused("not_granted")
    chat_id = tx.scalar(
        select(chats.c.id).where(chats.c.resident_id == row["resident_id"]).order_by(chats.c.id).limit(1)
    )
    if row["resident_id"] is None or chat_id is None:
        raise Refused("nobody")
    return row, int(chat_id)


def copy(tx: Tx, id: int, *, staff_id: int) -> tuple[dict[str, list[dict[str, Any]]], list[tuple[int, str, bytes]]]:
    """Everything that is kept of them, for the file they are given; looking is written down."""
    _admin(tx, staff_id)
    _, chat_id = _granted(tx, id, ("see", "copy"))
    _did(tx, id, staff_id, "copy")
    return own_data.everything(tx, chat_id), own_data.files(tx, chat_id, most=40 * 1024 * 1024)


def correct(tx: Tx, id: int, *, values: dict[str, str | None], staff_id: int) -> None:
    _admin(tx, staff_id)
    _, chat_id = _granted(tx, id, ("correct",))
    own_data.correct(tx, chat_id=chat_id, **{name: values[name] for name in OWN_COLUMNS if name in values})
    _did(tx, id, staff_id, "correct")


def delete(tx: Tx, id: int, *, staff_id: int) -> erasure.Standing:
    """All of theirs goes, but what must stay; the register keeps that it was done, and of nobody. Refused while an alarm
    of theirs is open."""
    _admin(tx, staff_id)
    row, chat_id = _granted(tx, id, ("delete",))
    left = erasure.standing(tx, chat_id)
    if not erasure.erase(tx, chat_id=chat_id, row_id=0):
        raise Refused("alarm")
    stays = [*left.open_tickets, *left.files]
    proof = f"{tx.now:%Y-%m-%d %H:%M} UTC; {', '.join(stays) or '-'}"
    _change(tx, row, state="done", done_by=staff_id, done_at=tx.now, proof=proof, resident_id=None)
    forgetting_requests.forget(tx, data_requests.c.id == id)
    _did(tx, id, staff_id, "done")
    return left


def done(tx: Tx, id: int, *, proof: str, staff_id: int) -> None:
    """It was carried out, or the refusal was told; ``proof``: how, and where that can be seen."""
    _admin(tx, staff_id)
    row = _row(tx, id)
    if row["state"] != "decided":
        raise Refused("not_decided" if row["state"] == "open" else "over")
    if row["kind"] == "delete" and row["decision"] != "refused" and row["resident_id"] is not None:
        raise Refused("not_granted")
    if not proof:
        raise Refused("needs_reason")
    _change(tx, row, state="done", done_by=staff_id, done_at=tx.now, proof=proof)
    _did(tx, id, staff_id, "done")


def withdraw(tx: Tx, id: int, *, note: str, staff_id: int) -> None:
    """Whoever asked does not want it any more."""
    _admin(tx, staff_id)
    row = _row(tx, id)
    if row["state"] not in OPEN:
        raise Refused("over")
    if not note:
        raise Refused("needs_reason")
    _change(tx, row, state="withdrawn", reason=note, done_by=staff_id, done_at=tx.now)
    _did(tx, id, staff_id, "withdraw")


def listed(tx: Tx) -> list[RowMapping]:
    """What is to be done first, by its day; then what is over, the newest first."""
    over = data_requests.c.state.not_in(OPEN)
    query = select(data_requests).order_by(over, data_requests.c.due_at, data_requests.c.id.desc()).limit(SHOWN)
    return list(tx.all(query))


def whole(tx: Tx, id: int) -> Whole:
    row = tx.first(select(data_requests).where(data_requests.c.id == id))
    if row is None:
        raise NotThere
    query = select(data_request_events, staff_table.c.name.label("who"))
    query = query.outerjoin(staff_table, staff_table.c.id == data_request_events.c.staff_id)
    events = tx.all(query.where(data_request_events.c.request_id == id).order_by(data_request_events.c.id))
    known = select(*(residents.c[name] for name in OWN_COLUMNS)).where(residents.c.id == row["resident_id"])
    return Whole(row, events, tx.first(known))


def count_pressing(tx: Tx) -> int:
    """Late, or nearly."""
    soon = data_requests.c.due_at <= tx.now + rules.shipped().warn
    query = select(func.count()).select_from(data_requests).where(data_requests.c.state.in_(OPEN), soon)
    return int(tx.scalar(query))
