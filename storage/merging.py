"""One ticket folded into another, and taken out again as if it had never been.

Of the folded ticket only its state and the clocks that would ring change; of the one that lives, what it takes over: the
earlier promise, the more urgent level, somebody to look after it where nobody does. Both are kept with the merge. Undoing
puts back what nobody has changed since; what was said meanwhile stays where it was said, both histories keep both lines.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, select

from knowledge import catalogue
from knowledge.life import Refusal, State
from knowledge.merging import Pair, Side, in_order, may_merge
from storage import clocks, folded, messages
from storage.chats import language_of
from storage.desk_acts import Conflict, Done, held_by
from storage.erasure import GONE
from storage.messages import Buttons
from storage.rights import visible
from storage.tables import messages as message_table
from storage.tables import ticket_barred, ticket_followers, ticket_merges, tickets
from storage.tickets import listeners, record
from storage.transaction import Tx

RESTING: Mapping[str, Any] = {**clocks.QUIET, "state": State.MERGED.value, "waiting_resident": False, "unread": 0}
"""The folded ticket: it owes nothing and asks nobody."""
Tell = Callable[[str, RowMapping, RowMapping], tuple[str, Buttons]]
"""From a chat's language, the living and the folded ticket to what its resident reads."""
NOT_MERGED = Refusal("apart", "这两张现在没有合并。", "These two are not merged now.")
FORGOTTEN = Refusal(
    "over", "它的内容按规定已经删除，拆不开了。", "What it said was deleted in due time; it stays where it is."
)


def merge(
    tx: Tx, one_id: int, other_id: int, *, staff_id: int, revision: int, why: str, tell: Tell
) -> Done | Conflict | Refusal:
    """Fold one of the two into the other; ``revision`` is that of the first named, from whose page it was pressed.

    Raises MayNot and LookupError like every step of the desk, for either of them.
    """
    rows = _both(tx, one_id, other_id, staff_id)
    if folded.into(tx, one_id) == other_id or folded.into(tx, other_id) == one_id:
        return Done(rows[one_id]["state"], again=True)
    if rows[one_id]["revision"] != revision:
        return Conflict(rows[one_id]["revision"])
    first, second = (rows[side.id] for side in in_order(*(side(tx, row) for row in rows.values())))
    refused = may_merge(pair(tx, first, second))
    if refused is not None:
        return refused
    taken = _taken_over(first, second)
    before = {"second": _written(second, RESTING), "first": _written(first, taken), "became": _plain(taken)}
    made = {"made_at": tx.now, "made_by": staff_id, "why": why or None}
    tx.insert(ticket_merges, ticket_id=second["id"], into_id=first["id"], before=before, **made)
    _change(tx, first, taken | {"unread": first["unread"] + second["unread"]})
    _change(tx, second, RESTING)
    _tell(tx, first, second, staff_id, tell)
    _record(tx, first, second, staff_id, why, ("merged_in", first["state"]), ("merge", State.MERGED.value))
    return Done(first["state"])


def undo(tx: Tx, second_id: int, *, staff_id: int, why: str, tell: Tell) -> Done | Refusal:
    """Take a folded ticket out again. It disturbs nobody, so that it needs no revision; sent twice it happens once."""
    into_id = folded.into(tx, second_id)
    if into_id is None:
        return NOT_MERGED
    rows = _both(tx, second_id, into_id, staff_id)
    first, second = rows[into_id], rows[second_id]
    if second["description"] == GONE:
        return FORGOTTEN
    standing = (ticket_merges.c.ticket_id == second_id) & folded.STANDING
    kept = tx.scalar(select(ticket_merges.c.before).where(standing))
    tx.execute(ticket_merges.update().where(standing).values(ended_at=tx.now, ended_by=staff_id))
    was, became = _read(kept["first"]), _read(kept["became"])
    _change(tx, first, {name: was[name] for name in was if first[name] == became[name]})
    restored = _read(kept["second"])
    _change(tx, second, restored)
    _tell(tx, first, second, staff_id, tell)
    _record(tx, first, second, staff_id, why, ("parted_from", first["state"]), ("part", restored["state"]))
    return Done(restored["state"])


# --- what decides -----------------------------------------------------------------------------------------------------
def side(tx: Tx, row: RowMapping) -> Side:
    """One ticket, as ``knowledge.merging`` looks at it."""
    ticket_id, kind = int(row["id"]), catalogue.category(str(row["route"]), row["category"])
    aside = tx.tuples(select(ticket_barred.c.role, ticket_barred.c.name).where(ticket_barred.c.ticket_id == ticket_id))
    said = select(message_table.c.text).where(message_table.c.ticket_id == ticket_id, _by_its_resident)
    told = [str(row["description"]), *(str(text) for (text,) in tx.tuples(said))]
    return Side(
        id=ticket_id,
        number=str(row["number"]),
        route=str(row["route"]),
        state=str(row["state"]),
        confidential=bool(row["confidential"]),
        anonymous=bool(row["anonymous"]),
        complaint=kind is not None and kind.owner == "supervision_committee",
        aside=frozenset(f"{role}/{name}" for role, name in aside),
        folded=bool(folded.held_in(tx, ticket_id)),
        told=" ".join(told),
    )


def pair(tx: Tx, first: RowMapping, second: RowMapping) -> Pair:
    """Who would come to read what: everybody who may read the second, and the first."""
    same = bool(first["resident_id"] == second["resident_id"])
    one_home = same or _one_home(first, second)
    mine = (ticket_followers.c.ticket_id == second["id"]) & (ticket_followers.c.kind == "claim")
    readers = [int(chat) for (chat,) in tx.tuples(select(ticket_followers.c.chat_id).where(mine))]
    readers += [] if one_home else [int(second["chat_id"])]
    shared = all(visible(tx, int(first["id"]), chat_id=chat_id) for chat_id in readers)
    return Pair(first=side(tx, first), second=side(tx, second), one_home=one_home, shared=shared)


def _one_home(first: RowMapping, second: RowMapping) -> bool:
    """The same telephone and the same flat: one household that called once and wrote once."""
    phones = {re.sub(r"\D", "", str(row["phone"] or "")) for row in (first, second)}
    flats = {tuple(row[name] for name in ("building", "unit", "room")) for row in (first, second)}
    return len(phones) == 1 and "" not in phones and len(flats) == 1 and first["room"] is not None


def _taken_over(first: RowMapping, second: RowMapping) -> dict[str, Any]:
    """What the one that lives takes over; the earlier promise holds."""
    taken: dict[str, Any] = {
        "urgency": min(first["urgency"], second["urgency"]),
        "first_contact_due": min(first["first_contact_due"], second["first_contact_due"]),
        "first_contact_at": first["first_contact_at"] or second["first_contact_at"],
        "assigned_to": first["assigned_to"] or second["assigned_to"],
        "needs_reply": first["needs_reply"] or second["needs_reply"],
        "needs_call_back": first["needs_call_back"] or second["needs_call_back"],
    }
    if second["due_at"] < first["due_at"]:
        taken |= {name: second[name] for name in ("due_at", "due_rule", "due_provisional")}
    return {name: value for name, value in taken.items() if value != first[name]}


# --- keeping and putting back -----------------------------------------------------------------------------------------
def _both(tx: Tx, one_id: int, other_id: int, staff_id: int) -> dict[int, RowMapping]:
    """Both held, always the older first, so that two colleagues do not wait for each other; in the order asked for."""
    held = {ticket_id: held_by(tx, ticket_id, staff_id=staff_id)[1] for ticket_id in sorted({one_id, other_id})}
    return {ticket_id: held[ticket_id] for ticket_id in dict.fromkeys((one_id, other_id))}


def _written(row: RowMapping, changed: Mapping[str, Any]) -> dict[str, Any]:
    return _plain({name: row[name] for name in changed})


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """As JSON keeps it."""
    return {name: {"at": value.isoformat()} if isinstance(value, datetime) else value for name, value in values.items()}


def _read(kept: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: datetime.fromisoformat(value["at"]) if isinstance(value, dict) else value for name, value in kept.items()
    }


def _change(tx: Tx, row: RowMapping, values: Mapping[str, Any]) -> None:
    changed = {**values, "revision": row["revision"] + 1}
    tx.execute(tickets.update().where(tickets.c.id == row["id"]).values(changed))


def _tell(tx: Tx, first: RowMapping, second: RowMapping, staff_id: int, tell: Tell) -> None:
    """Whoever hears of the folded ticket hears where it goes on, or that it goes on by itself."""
    for chat_id in dict.fromkeys(listeners(tx, int(second["id"]))):
        language = language_of(tx, chat_id)
        text, buttons = tell(language, first, second)
        messages.say(tx, chat_id=chat_id, text=text, buttons=buttons, staff_id=staff_id, ticket_id=int(second["id"]))


def _record(tx: Tx, first: RowMapping, second: RowMapping, staff_id: int, why: str, *steps: tuple[str, str]) -> None:
    """Both histories say what, with which ticket, by whom and why."""
    for row, other, (action, to_state) in zip((first, second), (second, first), steps, strict=True):
        note = f"{other['number']} {why}".strip()
        who: dict[str, Any] = {"actor": "staff", "staff_id": staff_id, "action": action, "note": note}
        record(tx, int(row["id"]), from_state=row["state"], to_state=to_state, **who)
    tx.wake("desk")


_by_its_resident = message_table.c.sender == "resident"
