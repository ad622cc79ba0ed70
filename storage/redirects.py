"""What was not ours to decide: noted with its reason and the door that was named; lines are kept (WO-06)."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, RowMapping, func, select

from storage.tables import redirects
from storage.transaction import Tx

SHOWN = 200


def note(tx: Tx, *, chat_id: int, message_id: int | None, route: str, category: str | None, reason: str) -> int:
    """A resident is told of another door; ``reason``: "duty", or the stopper that named it."""
    values = {"chat_id": chat_id, "message_id": message_id, "route": route, "category": category, "reason": reason}
    return tx.insert(redirects, at=tx.now, **values)


def settle(tx: Tx, redirect_id: int, *, chat_id: int, outcome: str) -> None:
    """Keep whether the resident goes there alone ("own_way") or asked us to help ("passed")."""
    mine = (redirects.c.id == redirect_id) & (redirects.c.chat_id == chat_id)
    tx.execute(redirects.update().where(mine).values(outcome=outcome))


def latest(tx: Tx, *where: ColumnElement[bool]) -> Sequence[RowMapping]:
    """Newest first, without anybody's words: what is asked here that belongs elsewhere."""
    columns = [redirects.c[name] for name in ("at", "route", "category", "reason", "outcome")]
    return tx.all(select(*columns).where(*where).order_by(redirects.c.id.desc()).limit(SHOWN))


def often(tx: Tx, *where: ColumnElement[bool]) -> Sequence[RowMapping]:
    """The matters most often asked for, with their counts."""
    count = func.count().label("count")
    query = select(redirects.c.route, redirects.c.category, count).where(*where)
    query = query.group_by(redirects.c.route, redirects.c.category)
    return tx.all(query.order_by(count.desc(), redirects.c.category).limit(6))
