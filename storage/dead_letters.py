"""Letters that did not arrive, where people see them and send them again."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, func, or_, select

from storage.outbox import BROADCAST, TOPIC, WAITING
from storage.tables import messages, outbox
from storage.transaction import Tx


def listed(tx: Tx, *where: ColumnElement[bool], limit: int = 100) -> list[dict[str, object]]:
    """Dead and doubtful letters for staff, newest first; those of a broadcast are counted on its own page."""
    query = (
        select(
            outbox.c.id,
            outbox.c.chat_id,
            outbox.c.message_id,
            outbox.c.state,
            outbox.c.error,
            outbox.c.finished_at,
            messages.c.text,
        )
        .join(messages, messages.c.id == outbox.c.message_id)
        .where(outbox.c.state.in_(("dead", "doubtful")), outbox.c.priority < BROADCAST, *where)
        .order_by(outbox.c.id.desc())
        .limit(limit)
    )
    return [dict(row) for row in tx.all(query)]


def not_arrived(tx: Tx, message_ids: Sequence[int]) -> dict[int, str]:
    """Of these messages, those their channel has not taken: ``on_its_way``, or ``not_arrived`` and a dead letter."""
    query = select(outbox.c.message_id, outbox.c.state).where(
        outbox.c.message_id.in_(message_ids), outbox.c.operation == "send", outbox.c.state != "sent"
    )
    return {key: "on_its_way" if state in ("pending", "sending") else "not_arrived" for key, state in tx.tuples(query)}


def resend(tx: Tx, outbox_id: int) -> bool:
    """Send a dead or doubtful letter once more; False when it is neither."""
    values = {"state": "pending", "attempts": 0, "next_at": tx.now, "finished_at": None, "owner": None}
    gone = outbox.c.state.in_(("dead", "doubtful"))
    moved = tx.changed(outbox.update().where(outbox.c.id == outbox_id, gone).values(values))
    tx.wake(TOPIC)
    return bool(moved)


def resend_all(tx: Tx, *where: ColumnElement[bool]) -> int:
    """Send every dead letter once more, in their order; how many. Doubtful ones, which may have arrived, are not among
    them, nor what has gone to many; whatever is no longer so is left out when its turn comes (storage.texting)."""
    values = {"state": "pending", "attempts": 0, "next_at": tx.now, "finished_at": None, "owner": None}
    which = (outbox.c.state == "dead", outbox.c.priority < BROADCAST, *where)
    moved = tx.changed(outbox.update().where(*which).values(values))
    tx.wake(TOPIC)
    return moved


def depth(tx: Tx, *where: ColumnElement[bool]) -> dict[str, int]:
    """How many letters wait, and how many are dead or doubtful, a broadcast's lost ones apart."""
    counts = or_(outbox.c.priority < BROADCAST, outbox.c.state.in_(WAITING))
    query = (
        select(outbox.c.state, func.count()).where(outbox.c.state != "sent", counts, *where).group_by(outbox.c.state)
    )
    found: dict[str, int] = dict(tx.tuples(query))
    return {
        "pending": found.get("pending", 0) + found.get("sending", 0),
        "dead": found.get("dead", 0),
        "doubtful": found.get("doubtful", 0),
    }
