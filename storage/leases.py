"""Leases: what only one process may do at a time, such as polling Telegram (two pollers answer each other with 409)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from sqlalchemy import or_, select, union

from storage.tables import chats, leases, outbox
from storage.transaction import Tx


def hold(tx: Tx, name: str, *, owner: str, span: timedelta) -> bool:
    """Take or keep a lease; False while somebody else's still runs."""
    first = tx.inserting(leases).values(name=name, owner=owner, until=tx.now + span)
    tx.execute(first.on_conflict_do_nothing(index_elements=["name"]))
    free = (leases.c.name == name) & or_(leases.c.owner == owner, leases.c.until < tx.now)
    return tx.changed(leases.update().where(free).values(owner=owner, until=tx.now + span)) == 1


def let_go(tx: Tx, name: str, *, owner: str) -> None:
    tx.execute(leases.delete().where(leases.c.name == name, leases.c.owner == owner))


def holders(tx: Tx) -> set[str]:
    """Everybody who holds something: a chat, a task only one may do, a letter being sent."""
    held = union(
        select(chats.c.lease_owner).where(chats.c.lease_owner.is_not(None)),
        select(leases.c.owner),
        select(outbox.c.owner).where(outbox.c.state == "sending"),
    )
    return {str(owner) for (owner,) in tx.tuples(held) if owner is not None}


def free(tx: Tx, owners: Collection[str]) -> None:
    """Those have died: what they held is free now. Their letters count as given up, not as sent."""
    names = list(owners)
    tx.execute(chats.update().where(chats.c.lease_owner.in_(names)).values(lease_owner=None, lease_until=None))
    tx.execute(leases.delete().where(leases.c.owner.in_(names)))
    sending = (outbox.c.state == "sending") & outbox.c.owner.in_(names)
    tx.execute(outbox.update().where(sending).values(next_at=tx.now))
